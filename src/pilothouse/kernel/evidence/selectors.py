"""Reading evidence, narrowed to the systems that the actor may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.evidence.rules import Standing, standing_of
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems

STANDINGS: dict[str, str] = {
    "current": "In force",
    "expiring": "Expires within 60 days",
    "expired": "Expired",
    "superseded": "Superseded",
    "withdrawn": "Withdrawn",
}
SOON = timedelta(days=60)


def evidence_list(actor: Actor, *, show: str = "", search: str = "", today: date) -> QuerySet[Evidence]:
    """Evidence about systems that the actor may see, newest first; `show` is a key of STANDINGS, or empty for all."""
    rows = Evidence.objects.of(actor).select_related("system", "added_by")
    if not actor.scope("system.view").everywhere:
        rows = rows.filter(system__in=systems(actor).values("pk"))
    live = Q(withdrawn_at=None, superseded_by=None)
    in_force = live & (Q(expires_on=None) | Q(expires_on__gte=today))
    wanted = {
        "current": in_force & Q(effective_on__lte=today),
        "expiring": in_force & Q(expires_on__lte=today + SOON),
        "expired": live & Q(expires_on__lt=today),
        "superseded": Q(superseded_by__isnull=False),
        "withdrawn": Q(withdrawn_at__isnull=False),
    }
    if show in wanted:
        rows = rows.filter(wanted[show])
    if search:
        rows = rows.filter(Q(title__icontains=search) | Q(system__name__icontains=search))
    return rows


def evidence_of(actor: Actor, system: System) -> QuerySet[Evidence]:
    """All evidence about one system, newest first."""
    actor.require("system.view", system)
    rows: QuerySet[Evidence] = Evidence.objects.of(actor).filter(system=system).select_related("added_by")
    return rows


def evidence_by_id(actor: Actor, pk: UUID | str) -> Evidence:
    """One piece that the actor may see, or NotFound."""
    found: Evidence = Evidence.objects.select_related("system__unit", "superseded_by", "added_by").get_of(actor, pk=pk)
    if not actor.may("system.view", found.system):
        raise NotFound
    return found


def standing(evidence: Evidence, today: date) -> Standing:
    """Whether it counts today."""
    return standing_of(
        effective_on=evidence.effective_on,
        expires_on=evidence.expires_on,
        superseded=evidence.superseded_by_id is not None,
        withdrawn=evidence.withdrawn_at is not None,
        today=today,
    )


def supporting(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> dict[UUID, list[Evidence]]:
    """Evidence that is neither superseded nor withdrawn and supports some check, by system, in one query."""
    rows = Evidence.objects.filter(organisation_id=organisation_id, superseded_by=None, withdrawn_at=None)
    if system_ids is not None:
        rows = rows.filter(system_id__in=system_ids)
    found: defaultdict[UUID, list[Evidence]] = defaultdict(list)
    for evidence in rows.exclude(supports=[]).only(
        "id", "system_id", "kind", "title", "supports", "effective_on", "expires_on"
    ):
        found[evidence.system_id].append(evidence)
    return dict(found)
