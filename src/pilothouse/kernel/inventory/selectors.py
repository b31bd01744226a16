"""Reading systems, always narrowed to what the actor may see."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System


def systems(actor: Actor, permission: str = "system.view") -> QuerySet[System]:
    """The systems on which the actor holds `permission`."""
    rows = System.objects.of(actor)
    scope = actor.scope(permission)
    if scope.everywhere:
        return rows
    reach = Q(pk=None)
    if scope.own:
        reach |= Q(owner_id__in=actor.stands_for) | Q(deputy_id__in=actor.stands_for)
    for prefix in scope.units:
        reach |= Q(unit__path__startswith=prefix)
    return rows.filter(reach)


def system_by_number(actor: Actor, number: int) -> System:
    """One system that the actor may see, or NotFound."""
    system = systems(actor).select_related("unit", "owner", "deputy").filter(number=number).first()
    if system is None:
        raise NotFound
    return system
