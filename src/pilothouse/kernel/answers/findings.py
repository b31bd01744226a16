"""Answers that the checks give: how much of what the rulebook asks is met, where it is missing, and how it moves.

A figure is met ÷ (all − not applicable). Unknown, waived and inherited stay in the denominator; what is not applicable
has no row. Findings are kept with from/to times, so that any past day can be read back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Substr

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.answers.values import RUNNING, Answer, UnitGaps, of_systems, rows
from pilothouse.kernel.checks.rules.gaps import GAP_STATUSES
from pilothouse.kernel.checks.trends import WEEKS, rows_of, share, trend
from pilothouse.kernel.domain import Figure, registry
from pilothouse.kernel.gates.models import Gap
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems

# What running systems are asked about on the first screen, besides owner and outcome, which the register itself knows.
WATCHED = {
    "inventory.independent_evaluation": (
        "running.without_review",
        "How many running systems had no independent review?",
    ),
    "inventory.monitoring": ("running.without_monitoring", "How many running systems does nobody monitor?"),
}
ROOT = 34  # the length of “/<id of a root unit>/”


@dataclass(frozen=True, slots=True)
class CheckCount:
    """What one check says of the running systems: of `all` that it applies to, `gaps` miss it, and of those nobody has
    answered for `unknown`. What is waived is neither met nor a gap."""

    check_id: str
    title: str
    all: int = 0
    met: int = 0
    gaps: int = 0
    unknown: int = 0
    first: int | None = None  # the lowest number of a system that misses it

    @property
    def rows_query(self) -> str:
        return rows(("stage", RUNNING), ("finding", self.check_id))


def running_checks(actor: Actor, check_ids: Sequence[str]) -> dict[str, CheckCount]:
    """What these checks say of the running systems, in one query."""
    counted = (
        rows_of(actor)
        .filter(to_at=None, check_id__in=check_ids, system__stage__in=RUNNING)
        .order_by()
        .values_list("check_id")
        .annotate(
            all=Count("pk"),
            met=Count("pk", filter=Q(status="met")),
            gaps=Count("pk", filter=Q(status__in=GAP_STATUSES)),
            unknown=Count("pk", filter=Q(status="unknown")),
            first=Min("system__number", filter=Q(status__in=GAP_STATUSES)),
        )
    )
    said = {check_id: CheckCount(check_id, check_title(check_id), *counts) for check_id, *counts in counted}
    return {check_id: said.get(check_id) or CheckCount(check_id, check_title(check_id)) for check_id in check_ids}


def check_title(check_id: str) -> str:
    """The check's title; of one that is no longer installed, its id in words."""
    check = registry.checks.get(check_id)
    return check.title if check else check_id.rpartition(".")[2].replace("_", " ").capitalize()


def watched(actor: Actor) -> list[Answer]:
    """The running systems without review and monitoring."""
    checks = running_checks(actor, list(WATCHED))
    return [
        of_systems(answer_id, question, count.gaps, count.all, count.rows_query, count.unknown)
        for check_id, (answer_id, question) in WATCHED.items()
        for count in (checks[check_id],)
    ]


def met(actor: Actor, now: datetime, *, over_time: bool) -> Answer:
    """How much of what the rulebook asks is met: from the sheets in one query, or `over_time` week by week for a year
    before, from every finding there was."""
    question = "How much of what the rulebook asks is met?"
    if over_time:
        points = tuple(trend(actor, days=7 * WEEKS + 1, now=now)[::7])
        last = points[-1]
        return Answer(
            "checks.met",
            question,
            Figure(last.value, "%", last.numerator, last.denominator, last.unknown, "gaps/", points),
        )
    sums = {name: Coalesce(Sum(f"finding_sheet__{name}"), 0) for name in ("met", "asked", "unknown")}
    counted = systems(actor).order_by().aggregate(**sums)
    numbers = (counted["met"], counted["asked"], counted["unknown"])
    return Answer("checks.met", question, Figure(share(*numbers), "%", *numbers, "gaps/"))


def units(actor: Actor, now: datetime) -> list[UnitGaps]:
    """What is missing, by unit of the first level that branches, with all below it; most missing first."""
    names = {pk.hex: name for pk, name in Unit.objects.of(actor).values_list("pk", "name")}
    seen = systems(actor).order_by()
    sums = {name: Coalesce(Sum(f"finding_sheet__{name}"), 0) for name in ("asked", "met", "unknown")}
    width = branching(seen)
    held = (
        seen.annotate(key=Substr("unit__path", 1, width))
        .values("key")
        .annotate(systems=Count("pk"), running=Count("pk", filter=Q(stage__in=RUNNING)), **sums)
    )
    late = open_gaps(actor).filter(due_at__lt=now).annotate(key=Substr("system__unit__path", 1, width))
    overdue = dict(late.values_list("key").annotate(n=Count("pk")))
    found = [_unit_gaps(row, overdue.get(row["key"], 0), names, width) for row in held]
    return sorted(found, key=lambda unit: (-unit.overdue, -unit.open, unit.name))


def branching(seen: QuerySet[System]) -> int:
    """How much of a unit's path tells the first level that branches: the roots, or the children of a single root."""
    roots = seen.exclude(unit=None).annotate(root=Substr("unit__path", 1, ROOT)).values("root").distinct()
    return ROOT if len(roots[:2]) != 1 else ROOT + 33


def _unit_gaps(row: Mapping[str, Any], overdue: int, names: dict[str, str], width: int) -> UnitGaps:
    unit, name, query = unit_of(row["key"] or "", names, width)
    return UnitGaps(
        id=unit,
        name=name,
        systems=row["systems"],
        running=row["running"],
        met=row["met"],
        open=row["asked"] - row["met"],
        unknown=row["unknown"],
        overdue=overdue,
        rows_query=query,
    )


def unit_of(key: str, names: Mapping[str, str], width: int) -> tuple[str | None, str, str]:
    """The id, the name and the query of the unit that a path's first `width` characters end with; `names` by hex id."""
    unit = key.strip("/").rpartition("/")[2]
    pk = str(UUID(unit)) if unit else None
    if key and len(key) < width:
        # Systems right in the only root: the list has no filter for “here and not below”, so nothing opens just them.
        return pk, f"{names.get(unit, '')}, no unit below", ""
    return pk, names.get(unit, "No unit"), rows(("unit", pk or "none"))


def open_gaps(actor: Actor) -> QuerySet[Gap]:
    """Open gaps of inherited systems that the actor may see."""
    gaps: QuerySet[Gap] = Gap.objects.of(actor).filter(state="open").order_by()
    return gaps if actor.scope("system.view").everywhere else gaps.filter(system__in=systems(actor))
