"""Reading findings, gaps, trends and gate reports, always narrowed to what the actor may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.checks import plugs, store
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.checks.engine import gather, judge_system
from pilothouse.kernel.checks.facts import Judge, narrow
from pilothouse.kernel.checks.models import FindingRow, FindingSheet, Rulebook
from pilothouse.kernel.checks.rulebook import GATE_OF_STAGE
from pilothouse.kernel.checks.rules import findings as rules
from pilothouse.kernel.checks.rules.findings import Ask, GateReport, Standing, due_asks
from pilothouse.kernel.checks.trends import end_of, rows_of, zone_of
from pilothouse.kernel.domain import Check, Grade, Status, registry
from pilothouse.kernel.inventory.models import System

NEXT_STAGE = {"idea": "development", "development": "pilot", "pilot": "production"}


@dataclass(frozen=True, slots=True)
class FindingNow:
    """One check's finding about one system as a page shows it: what the rulebook asks, and since when it stands so.

    `check` is None when nothing in this installation can judge what the rulebook asks. `since` is None for what does
    not apply.
    """

    ask: Ask
    check: Check | None
    standing: Standing
    since: datetime | None
    waivable: bool

    @property
    def title(self) -> str:
        return self.check.title if self.check else self.ask.check


def findings_now(actor: Actor, system: System) -> list[FindingNow]:
    """What every check that is asked now says of a system that the actor may see, as last judged; gaps come first."""
    actor.require("system.view", system)
    body = active_body(system.organisation_id)
    text = FindingSheet.objects.filter(system=system).values_list("findings", flat=True).first()
    lines = store.decode(text) if text else {}
    since = dict(FindingRow.objects.filter(system=system, to_at=None).values_list("check_id", "from_at"))
    found = []
    for check_id, ask in due_asks(body, system.stage, system.tier).items():
        check = registry.checks.get(check_id)
        if check is not None and check_id in lines:
            standing = store.standing_of(lines[check_id])
        else:
            standing = rules.unjudged(check_id, check)
        waivable = check is not None and check_id not in body.waivers.never
        found.append(FindingNow(ask, check, standing, since.get(check_id), waivable))
    return sorted(found, key=lambda line: _ORDER[line.standing.finding.status])


def asked_later(system: System) -> list[tuple[str, Ask]]:
    """What the gates after the next one will ask of a system, and is not judged yet: (title, ask)."""
    body = active_body(system.organisation_id)
    now = due_asks(body, system.stage, system.tier)
    if not now:
        return []
    later = due_asks(body, "production", system.tier)
    return [
        (registry.checks[check_id].title if check_id in registry.checks else check_id, ask)
        for check_id, ask in later.items()
        if check_id not in now
    ]


_ORDER = {
    status: place
    for place, status in enumerate(
        (Status.NOT_MET, Status.UNKNOWN, Status.IN_PROGRESS, Status.WAIVED, Status.MET, Status.NOT_APPLICABLE)
    )
}


def findings_on(actor: Actor, day: date, system: System | None = None) -> QuerySet[FindingRow]:
    """What the checks said at the end of a day in the organisation's time zone. What did not apply then has no row."""
    end = end_of(day, zone_of(actor.organisation_id))
    rows = rows_of(actor).filter(from_at__lt=end).filter(Q(to_at=None) | Q(to_at__gte=end))
    return rows if system is None else rows.filter(system=system)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many systems have which finding. The figure is met ÷ all that apply: unknown and waived count below."""

    met: int = 0
    in_progress: int = 0
    not_met: int = 0
    unknown: int = 0
    waived: int = 0

    @property
    def total(self) -> int:
        return self.met + self.in_progress + self.not_met + self.unknown + self.waived

    @property
    def figure(self) -> float | None:
        """Between 0 and 1; None where nothing applies."""
        return self.met / self.total if self.total else None

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.met + other.met,
            self.in_progress + other.in_progress,
            self.not_met + other.not_met,
            self.unknown + other.unknown,
            self.waived + other.waived,
        )


def tally(actor: Actor, among: QuerySet[System] | None = None, checks: Iterable[str] | None = None) -> dict[str, Tally]:
    """Check id → how its findings now stand (among some systems, of some checks), in one query."""
    rows = rows_of(actor).filter(to_at=None)
    if checks is not None:
        rows = rows.filter(check_id__in=list(checks))
    if among is not None:
        rows = rows.filter(system__in=among)
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for check_id, status, count in rows.order_by().values_list("check_id", "status").annotate(n=Count("pk")):
        counts[check_id][status] = count
    return {check_id: Tally(**by_status) for check_id, by_status in counts.items()}


def overall(actor: Actor, among: QuerySet[System] | None = None) -> Tally:
    """All checks together."""
    return sum(tally(actor, among).values(), Tally())


@dataclass(frozen=True, slots=True)
class Gap:
    """What a system lacks, as a list shows it. `due` is set for an inherited system."""

    system: System
    check: Check
    status: Status
    grade: Grade
    reason: str
    since: datetime
    weight: int
    due: datetime | None

    @property
    def overdue(self) -> bool:
        return self.due is not None and self.due < clock.now()


# As the index finding_gap has it; a system and a check have one open row, so no two rows are equal.
GAP_ORDER = ("-weight", "check_id", "status", "system_id")


def gaps(
    actor: Actor,
    *,
    check: str = "",
    status: str = "",
    tier: str = "",
    stage: str = "",
    unit: str = "",
    owner: str = "",
    overdue: bool = False,
    text: str = "",
    among: QuerySet[System] | None = None,
) -> QuerySet[FindingRow]:
    """Open gaps, those that matter most first (rules.gaps.weight). `text` is part of a system's name.

    `owner` and `unit` are ids, or `none` for nobody.
    """
    rows = rows_of(actor).filter(to_at=None, weight__gt=0, check_id__in=list(registry.checks))
    if check:
        rows = rows.filter(check_id=check)
    if status:
        rows = rows.filter(status=status)
    # Systems are chosen first, by themselves: joining each of 100,000 gaps to its system takes much longer.
    wanted = Q(name__icontains=text) if text else Q()
    for name, value in (("tier", tier), ("stage", stage)):
        if value:
            wanted &= Q(**{name: value})
    for name, value in (("unit", unit), ("owner", owner)):
        if value:
            wanted &= Q(**{f"{name}__isnull": True} if value == "none" else {f"{name}_id": _uuid(value)})
    if overdue:
        rows = rows.filter(plugs.overdue(clock.now()))
    if wanted:
        rows = rows.filter(system__in=System.objects.of(actor).filter(wanted).order_by().values("pk"))
    if among is not None:
        rows = rows.filter(system__in=among)
    return rows.select_related("system", "system__unit", "system__owner").order_by(*GAP_ORDER)


def as_gaps(actor: Actor, rows: Iterable[FindingRow]) -> list[Gap]:
    """Rows of `gaps` as values."""
    rows = list(rows)
    due = plugs.due_dates_of(actor.organisation_id, [row.system_id for row in rows])
    return [
        Gap(
            row.system,
            registry.checks[row.check_id],
            Status(row.status),
            Grade(row.grade),
            row.reason,
            row.from_at,
            row.weight,
            due.get((row.system_id, row.check_id)),
        )
        for row in rows
    ]


def top_gaps(actor: Actor, count: int = 3) -> list[Gap]:
    """The gaps that matter most."""
    return as_gaps(actor, gaps(actor)[:count])


def gate_report(viewer: Actor | UUID, system: System, to_stage: str, *, now: datetime | None = None) -> GateReport:
    """What stands between a system and a stage, judged anew. `viewer` is an actor, or an organisation's id.

    Raises Invalid for a stage that no gate guards, NotFound for a system the actor may not see.
    """
    actor = viewer if isinstance(viewer, Actor) else system_actor(viewer)
    actor.require("system.view", system)
    gate = GATE_OF_STAGE.get(to_stage)
    if gate is None:
        raise Invalid(f"No gate leads to “{to_stage}”.", fields={"stage": f"One of {', '.join(GATE_OF_STAGE)}."})
    body = active_body(actor.organisation_id)
    material = gather(actor.organisation_id, [system.pk], now=now)
    if not material.systems:
        raise NotFound
    return rules.gate_report(
        body,
        gate,
        system_id=system.pk,
        stage=to_stage,
        tier=material.systems[0].tier,
        judged=judge_system(material, Judge(material.loaded, material.now), material.systems[0], material.checks, body),
        waivers=material.waivers.get(system.pk, {}),
        checks=registry.checks,
        now=material.now,
    )


def gate_reports(actor: Actor, rows: QuerySet[System], to_stage: str = "") -> dict[UUID, GateReport]:
    """Gate reports of many systems, from what was last judged, in a constant number of queries: for lists.

    Without `to_stage`, each system's next gate; a system that has none is left out.
    """
    body = active_body(actor.organisation_id)
    found = list(rows.order_by().values_list("pk", "stage", "tier", "finding_sheet__findings"))
    waivers = plugs.waivers_of(actor.organisation_id, narrow(pk for pk, *_ in found))
    now = clock.now()
    reports = {}
    for pk, stage, tier, text in found:
        target = to_stage or NEXT_STAGE.get(stage, "")
        if target not in GATE_OF_STAGE or not text:
            continue
        reports[pk] = rules.gate_report(
            body,
            GATE_OF_STAGE[target],
            system_id=pk,
            stage=target,
            tier=tier,
            judged={check_id: store.judged_of(line) for check_id, line in store.decode(text).items()},
            waivers=waivers.get(pk, {}),
            checks=registry.checks,
            now=now,
        )
    return reports


def rulebooks(actor: Actor) -> QuerySet[Rulebook]:
    """Every version, newest first."""
    actor.require("rulebook.view")
    found: QuerySet[Rulebook] = Rulebook.objects.of(actor).select_related("written_by")
    return found


def rulebook_version(actor: Actor, version: int) -> Rulebook:
    """One version, or NotFound."""
    found = rulebooks(actor).filter(version=version).first()
    if found is None:
        raise NotFound
    return found


def finding_condition(actor: Actor, value: str) -> Q:
    """The list filter `finding=<check>:<status>`, or `finding=<check>` for its gaps. Raises Invalid."""
    check, _, status = value.partition(":")
    if check not in registry.checks or status not in ("", *(s.value for s in Status)):
        raise Invalid(f"“{value}” names no check and status.", fields={"finding": "Write it as check:status."})
    rows = FindingRow.objects.filter(organisation_id=actor.organisation_id, to_at=None, check_id=check)
    if status == Status.NOT_APPLICABLE:
        return ~Q(pk__in=rows.values("system_id"))
    rows = rows.filter(status=status) if status else rows.filter(weight__gt=0)
    return Q(pk__in=rows.values("system_id"))


def describe_finding(value: str) -> str:
    """The text of that filter's chip."""
    check_id, _, status = value.partition(":")
    check = registry.checks.get(check_id)
    return f"{check.title if check else check_id}: {status.replace('_', ' ') or 'missing'}"


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise Invalid(f"“{value}” is not an id.") from None
