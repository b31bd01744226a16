"""Several organisations side by side, for whoever steers more than one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation, User
from pilothouse.kernel.access.selectors import actor_of_user
from pilothouse.kernel.answers.values import RUNNING
from pilothouse.kernel.decisions.selectors import waiting_for
from pilothouse.kernel.gates.models import Gap
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems


@dataclass(frozen=True, slots=True)
class Figures:
    """The key figures of one organisation, over the systems that the user may see there."""

    organisation: Organisation
    systems: int
    running: int
    without_owner: int
    met: int
    asked: int
    overdue: int
    waiting: int
    changed_at: datetime | None

    @property
    def percent(self) -> int | None:
        return round(100 * self.met / self.asked) if self.asked else None


def side_by_side(user: User, organisations: Sequence[Organisation], now: datetime) -> list[Figures]:
    """The figures of each organisation. Who one is there and what waits there are asked of each (a few queries each);
    everything that grows with the systems is counted for all of them at once."""
    if not organisations:
        return []
    actors = {one.pk: actor_of_user(user, one, via="page") for one in organisations}
    seen = _seen(actors.values())
    registers = {
        row["organisation"]: row
        for row in System.objects.filter(seen)
        .order_by()
        .values("organisation")
        .annotate(
            all=Count("pk"),
            running=Count("pk", filter=Q(stage__in=RUNNING)),
            without_owner=Count("pk", filter=Q(stage__in=RUNNING, owner=None)),
            changed_at=Max("changed_at"),
            asked=Coalesce(Sum("finding_sheet__asked"), 0),
            met=Coalesce(Sum("finding_sheet__met"), 0),
        )
    }
    of_seen = Exists(System.objects.filter(seen, pk=OuterRef("system")))
    everywhere = [pk for pk, actor in actors.items() if actor.scope("system.view").everywhere]
    reach = Q(organisation__in=everywhere) | Q(organisation__in=list(actors)) & of_seen
    late = Gap.objects.filter(reach, state="open", due_at__lt=now).order_by().values_list("organisation")
    overdue = dict(late.annotate(n=Count("pk")))
    return [
        _figures(one, registers.get(one.pk, {}), overdue.get(one.pk, 0), actors[one.pk], now) for one in organisations
    ]


def _seen(actors: Iterable[Actor]) -> Q:
    """Every system that one of these actors may see, each in their own organisation."""
    seen = Q(pk=None)
    for actor in actors:
        if actor.scope("system.view").everywhere:
            seen |= Q(organisation=actor.organisation_id)
        else:
            seen |= Q(pk__in=systems(actor).order_by().values("pk"))
    return seen


def _figures(one: Organisation, counted: Mapping[str, Any], overdue: int, actor: Actor, now: datetime) -> Figures:
    return Figures(
        organisation=one,
        systems=counted.get("all", 0),
        running=counted.get("running", 0),
        without_owner=counted.get("without_owner", 0),
        met=counted.get("met", 0),
        asked=counted.get("asked", 0),
        overdue=overdue,
        waiting=waiting_for(actor, now).count(),
        changed_at=counted.get("changed_at"),
    )
