"""Where someone may manage people: a unit-bound manager reaches their part of the tree and no further."""

from __future__ import annotations

from pilothouse.contracts.errors import Forbidden
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Unit


def require_in(actor: Actor, permission: str, unit: Unit | None) -> None:
    """Raise unless the actor holds `permission` in `unit`, or in the whole organisation when there is no unit."""
    if unit is not None:
        actor.require(permission, unit)
    elif not actor.scope(permission).everywhere:
        actor.require(permission)
        raise Forbidden("You manage a part of the organisation. Choose a unit in it.", code="outside_your_unit")
