"""The router, and finding what a path names."""

from __future__ import annotations

from uuid import UUID

from ninja import Router

from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.directory.selectors import person_of
from pilothouse.web.api import ApiRequest

router = Router(tags=["People and access"])


def unit_of(request: ApiRequest, unit_id: UUID | None) -> Unit | None:
    unit: Unit | None = Unit.objects.get_of(request.actor, pk=unit_id) if unit_id else None
    return unit


def managed(request: ApiRequest, person_id: UUID) -> Person:
    """A person whom the actor manages. Someone without the permission learns that first, whoever they ask about."""
    request.actor.require("people.manage")
    return person_of(request.actor, person_id, "people.manage")
