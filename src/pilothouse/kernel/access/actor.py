"""Who acts, and what they may do. An action takes its actor; there is no table of permissions beside the routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from pilothouse.contracts.errors import Forbidden, NotFound


@runtime_checkable
class Governed(Protocol):
    """A thing that belongs to an organisation and may have an owner and a unit."""

    organisation_id: UUID
    view_permission: str

    def owner_ids(self) -> frozenset[UUID]:
        """People whose `own` permissions reach this thing."""

    def unit_path(self) -> str:
        """The path of the unit it belongs to, or the empty string."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a permission holds: everywhere, in some subtrees (`units`: path prefixes), on one's own things."""

    everywhere: bool = False
    units: frozenset[str] = frozenset()
    own: bool = False

    def __or__(self, other: Scope) -> Scope:
        return Scope(self.everywhere or other.everywhere, self.units | other.units, self.own or other.own)

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.units) or self.own


NOWHERE = Scope()
EVERYWHERE = Scope(everywhere=True)


@dataclass(frozen=True, slots=True)
class Actor:
    """One caller in one organisation, as known when the request began.

    `roles` maps a role's key to the people on whose strength it is held: the actor, or someone they stand in for.
    `stands_for` are the ids of the actor and of everyone they deputise for now.
    `via` is the face: page, api, cli, job, link.
    """

    organisation_id: UUID
    person_id: UUID | None = None
    user_id: UUID | None = None
    name: str = ""
    grants: Mapping[str, Scope] = field(default_factory=dict)
    roles: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    stands_for: frozenset[UUID] = frozenset()
    via: str = "page"
    request_id: str = ""
    token_id: UUID | None = None
    is_system: bool = False

    def scope(self, permission: str) -> Scope:
        """Where the actor holds `permission`; NOWHERE when they do not."""
        return EVERYWHERE if self.is_system else self.grants.get(permission, NOWHERE)

    def may(self, permission: str, subject: Any = None) -> bool:
        """Does the actor hold `permission` (on `subject`, if one is given)?"""
        if subject is not None and getattr(subject, "organisation_id", None) != self.organisation_id:
            return False
        scope = self.scope(permission)
        if scope.everywhere:
            return True
        if subject is None:
            return bool(scope)
        if scope.own and isinstance(subject, Governed) and subject.owner_ids() & self.stands_for:
            return True
        if scope.units and isinstance(subject, Governed):
            path = subject.unit_path()
            return any(path.startswith(prefix) for prefix in scope.units)
        return False

    def require(self, permission: str, subject: Any = None) -> None:
        """Raise unless `may`: NotFound when the subject may not even be seen, else Forbidden."""
        if self.may(permission, subject):
            return
        if subject is not None and not self.may(getattr(subject, "view_permission", "organisation.view"), subject):
            raise NotFound
        raise Forbidden(
            f"Your roles do not include “{permission}” here. Someone who manages people and roles can grant it."
        )


def system_actor(organisation_id: UUID, name: str = "Pilothouse") -> Actor:
    """The installation itself, for scheduled work. Its entries in the ledger say so."""
    return Actor(organisation_id=organisation_id, name=name, via="job", is_system=True)
