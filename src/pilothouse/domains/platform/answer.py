"""Platform's answer: which use cases are blocked by data, and which by the model; and the list that shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import Q

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.platform.checks import BLOCKER, READINESS
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.checks.trends import share
from pilothouse.kernel.clock import month_ends
from pilothouse.kernel.domain import Figure, TrendPoint
from pilothouse.kernel.inventory.hooks import SystemFilter, add_filter
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.judging import day
from pilothouse.kernel.records.models import Record

MONTHS = 12
OVER = ("retired", "rejected")
DATA = ("data_access", "data_quality", "legacy")


@dataclass(frozen=True, slots=True)
class Block:
    """A blocker of a system: of which kind, from when, and until when if it was cleared."""

    kind: str
    since: date
    until: date | None

    def stood(self, when: date) -> bool:
        return self.since <= when and (self.until is None or self.until > when)


@dataclass(frozen=True, slots=True)
class UseCase:
    """A system with its dates: there from, over from, first assessed on, and its blockers."""

    added: date
    over: date | None
    assessed: date | None
    blocks: Sequence[Block]

    def counts(self, when: date) -> bool:
        return self.added <= when and (self.over is None or self.over > when)

    def blocked(self, when: date, kinds: Sequence[str]) -> bool:
        return any(block.kind in kinds and block.stood(when) for block in self.blocks)

    def unknown(self, when: date) -> bool:
        """Nobody had assessed its data, nor said that anything blocked it."""
        assessed = self.assessed is not None and self.assessed <= when
        return not assessed and not any(block.since <= when for block in self.blocks)


def answer(actor: Actor, now: datetime) -> Figure:
    """The share of use cases (systems that are not retired or rejected) with an open blocker of data access, data
    quality or a legacy system. Unknown are those neither assessed nor said to be blocked; they stay in the denominator.
    The trend has the end of each of the last twelve months, from the blockers' own dates. Three queries."""
    cases = use_cases(actor)
    points = tuple(_point(cases, when) for when in month_ends(now.astimezone(UTC).date(), MONTHS))
    last = points[-1]
    model = sum(case.counts(last.day) and case.blocked(last.day, ("model",)) for case in cases)
    return Figure(
        last.value,
        "%",
        last.numerator,
        last.denominator,
        last.unknown,
        "systems/?blocked=data",
        points,
        f"{last.numerator:,.0f} of {last.denominator:,.0f} use cases are blocked by data access, data quality or a "
        f"legacy system, {model:,} by the model; of {last.unknown:,} nobody can say.",
    )


def use_cases(actor: Actor) -> list[UseCase]:
    """Every system that the actor may see, with what platform knows of it. Three queries."""
    seen = systems(actor).order_by()
    said = Record.objects.of(actor).filter(system__in=seen.values("pk"))
    blocks: dict[UUID, list[Block]] = {}
    for system, body in said.filter(kind=BLOCKER, state="sealed").values_list("system_id", "body"):
        block = Block(body["kind"], date.fromisoformat(body["since"]), day(body.get("cleared_on")))
        blocks.setdefault(system, []).append(block)
    first: dict[UUID, date] = {}
    held: set[UUID] = set()
    versions = said.filter(kind=READINESS, state__in=("sealed", "superseded"))
    for system, state, at in versions.order_by("-sealed_at").values_list("system_id", "state", "sealed_at"):
        if at is not None:
            first[system] = at.astimezone(UTC).date()
        if state == "sealed":
            held.add(system)
    return [
        UseCase(
            created.astimezone(UTC).date(),
            (since or created).astimezone(UTC).date() if stage in OVER else None,
            first.get(pk) if pk in held else None,
            blocks.get(pk, ()),
        )
        for pk, stage, since, created in seen.values_list("pk", "stage", "stage_since", "created_at")
    ]


def _point(cases: Sequence[UseCase], when: date) -> TrendPoint:
    there = [case for case in cases if case.counts(when)]
    blocked = sum(case.blocked(when, DATA) for case in there)
    unknown = sum(case.unknown(when) for case in there)
    return TrendPoint(when, share(blocked, len(there), unknown), blocked, len(there), unknown)


BLOCKED = {
    "data": ("by data access, data quality or a legacy system", DATA),
    "data_access": ("by data that cannot be reached", ("data_access",)),
    "data_quality": ("by data that is not good enough", ("data_quality",)),
    "legacy": ("by a legacy system", ("legacy",)),
    "model": ("by what the model cannot do", ("model",)),
    "people": ("by people or skills that are missing", ("people",)),
    "legal": ("by law or contract", ("legal",)),
    "unknown": ("nobody can say", ()),
}


def blocked_condition(actor: Actor, value: str) -> Q:
    """The list filter `blocked=data` (or one kind of blocker, or unknown): what the answer counts. Raises Invalid."""
    if value not in BLOCKED:
        raise Invalid(f"“{value}” is no kind of blocker.", fields={"blocked": f"One of {', '.join(BLOCKED)}."})
    held = Record.objects.filter(organisation_id=actor.organisation_id, state="sealed", system__isnull=False)
    blockers = held.filter(kind=BLOCKER)
    if value == "unknown":
        said = blockers | held.filter(kind=READINESS)
        return ~Q(stage__in=OVER) & ~Q(pk__in=said.values("system_id"))
    standing = blockers.filter(Q(body__cleared_on=None) | Q(body__cleared_on__isnull=True))
    return ~Q(stage__in=OVER) & Q(pk__in=standing.filter(body__kind__in=BLOCKED[value][1]).values("system_id"))


def describe_blocked(value: str) -> str:
    """The text of that filter's chip."""
    return f"Blocked {BLOCKED[value][0]}" if value != "unknown" else "Blocked or not: nobody can say"


add_filter(SystemFilter("blocked", "Blocked", blocked_condition, describe_blocked))
