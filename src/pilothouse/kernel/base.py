"""What every stored thing shares: an id that sorts by time and an organisation it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from uuid import UUID

import uuid_utils.compat
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models

from pilothouse.contracts.errors import NotFound

if TYPE_CHECKING:
    from pilothouse.kernel.access.actor import Actor

M = TypeVar("M", bound=models.Model)


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): unique across installations, so an organisation can be handed over, and sorted by time."""
    return uuid_utils.compat.uuid7()


class OwnedQuerySet(models.QuerySet[M], Generic[M]):
    """Rows of one organisation. A selector starts with `of(actor)`, so nothing of another organisation is reachable."""

    def of(self, actor: Actor) -> Self:
        return self.filter(organisation_id=actor.organisation_id)

    def get_of(self, actor: Actor, **lookup: Any) -> M:
        """The one row of the actor's organisation, or NotFound: absent and another's look the same."""
        try:
            return self.of(actor).get(**lookup)
        except (ObjectDoesNotExist, ValueError, ValidationError):
            raise NotFound from None


class Owned(models.Model):
    """A row that belongs to one organisation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("access.Organisation", on_delete=models.PROTECT, related_name="+")

    objects: models.Manager[Any] = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True
