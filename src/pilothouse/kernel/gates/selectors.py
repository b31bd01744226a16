"""Reading what gates know, for one system or for thousands in the same number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.checks.facts import narrow
from pilothouse.kernel.checks.rulebook import RulebookBody
from pilothouse.kernel.checks.rules import GateReport, WaiverFact
from pilothouse.kernel.checks.selectors import gate_report
from pilothouse.kernel.gates.models import AgendaItem, BreakGlass, Gap, Incident, Manifest, Passage, Restriction, Waiver
from pilothouse.kernel.gates.rules.manifests import manifest_changes
from pilothouse.kernel.gates.rules.running import RUNNING, RunFacts, RunPermission, flagged_prohibited, run_permission
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems


def report_of(system: System, to_stage: str, now: datetime) -> GateReport:
    """What stands between the system and a stage, judged now, not as last kept."""
    return gate_report(system.organisation_id, system, to_stage, now=now)


def never_passed() -> Q:
    """Systems that run without ever having passed the gate into the stage they run in."""
    passed = Passage.objects.filter(system=OuterRef("pk"), to_stage=OuterRef("stage"), way="gate")
    return Q(~Exists(passed), stage__in=RUNNING)


def inherited(organisation_id: UUID, system_ids: Iterable[UUID] | None = None) -> QuerySet[System]:
    """Systems that were found running and run on while their gaps are closed."""
    rows = System.objects.filter(never_passed(), organisation_id=organisation_id, inherited_at__isnull=False)
    asked = narrow(system_ids)
    return rows if asked is None else rows.filter(pk__in=asked)


def is_inherited(system: System) -> bool:
    """Does it run on only because it was found running?"""
    return (
        system.inherited_at is not None
        and not Passage.objects.filter(system=system, to_stage=system.stage, way="gate").exists()
    )


def may_run(system: System, now: datetime) -> RunPermission:
    """May this system run now, and why."""
    return run_permissions([system], now)[system.pk]


def run_permissions(rows: Sequence[System], now: datetime) -> dict[UUID, RunPermission]:
    """The same for many systems of one organisation, in a constant number of queries."""
    return {pk: run_permission(facts, now) for pk, facts in run_facts(rows, now).items()}


def run_facts(rows: Sequence[System], now: datetime) -> dict[UUID, RunFacts]:
    """What `run_permission` must know of these systems of one organisation, in six queries."""
    if not rows:
        return {}
    asked = narrow([row.pk for row in rows])
    scope = Q(organisation_id=rows[0].organisation_id) & (Q() if asked is None else Q(system__in=asked))
    restrictions = _restrictions(scope)
    passages = _passages(scope)
    glass = {row.system_id: row for row in BreakGlass.objects.filter(scope, ended_at=None, ends_at__gt=now)}
    gaps = _gaps(scope, now)
    waived = waivers_in_force(scope, now)
    manifests: defaultdict[UUID, set[str]] = defaultdict(set)
    states = Manifest.objects.filter(scope, state__in=("approved", "candidate"))
    for system_id, state in states.values_list("system_id", "state"):
        manifests[system_id].add(state)
    found = {}
    for row in rows:
        stopped, passage, emergency = restrictions[row.pk], passages.get((row.pk, row.stage)), glass.get(row.pk)
        flagged = "the register says so." if flagged_prohibited(row.custom, row.intake) else ""
        gap = gaps.get(row.pk, {})
        found[row.pk] = RunFacts(
            stage=row.stage,
            passed_at=passage.at if passage else None,
            inherited_at=row.inherited_at,
            prohibited=stopped.get("prohibit", flagged),
            suspended=stopped.get("suspend", ""),
            restricted=stopped.get("restrict", ""),
            break_glass_until=emergency.ends_at if emergency else None,
            break_glass_ratified=emergency is not None and emergency.ratified_at is not None,
            break_glass_ratify_by=emergency.ratify_by if emergency else None,
            gaps_open=gap.get("open", 0),
            gaps_overdue=gap.get("overdue", 0),
            next_gap_due=gap.get("next"),
            waived={check: fact.until for check, fact in waived.get(row.pk, {}).items()},
            manifest_approved="approved" in manifests[row.pk],
            manifest_candidate="candidate" in manifests[row.pk],
            lone=_alone(passage),
        )
    return found


def _restrictions(scope: Q) -> defaultdict[UUID, dict[str, str]]:
    found: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    for row in Restriction.objects.filter(scope, lifted_at=None):
        found[row.system_id][row.kind] = row.conditions or row.reason if row.kind == "restrict" else row.reason
    return found


def _passages(scope: Q) -> dict[tuple[UUID, str], Passage]:
    """The last time that each system passed the gate into the stage it is in."""
    rows = Passage.objects.filter(scope, way="gate", to_stage=F("system__stage")).select_related("decision")
    return {(row.system_id, row.to_stage): row for row in rows.order_by("at", "id")}


def _gaps(scope: Q, now: datetime) -> dict[UUID, dict[str, Any]]:
    rows = (
        Gap.objects.filter(scope, state="open")
        .values("system_id")
        .annotate(open=Count("pk"), overdue=Count("pk", filter=Q(due_at__lte=now)), next=Min("due_at"))
        .order_by()
    )
    return {row["system_id"]: dict(row) for row in rows}


def _alone(passage: Passage | None) -> bool:
    marks = passage.decision.marks if passage and passage.decision else []
    return "lone" in marks and "countersigned" not in marks


def waivers_in_force(scope: Q, now: datetime | None = None) -> dict[UUID, dict[str, WaiverFact]]:
    """System id → check id → waiver, of those in force (at `now`: of those whose time is not over then)."""
    found: defaultdict[UUID, dict[str, WaiverFact]] = defaultdict(dict)
    rows = Waiver.objects.filter(scope, state="live")
    if now is not None:
        rows = rows.filter(ends_at__gt=now)
    for system_id, check, until, reason, decision in rows.values_list(
        "system_id", "check_id", "ends_at", "reason", "decision_id"
    ):
        if until is not None:  # a live one has its end; the column is empty only until it is granted
            found[system_id][check] = WaiverFact(until, reason, decision)
    return dict(found)


def load_waivers(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Mapping[UUID, Mapping[str, WaiverFact]]:
    """What the checks' room asks: every waiver that has not been ended. The time it ends is on the waiver itself."""
    scope = Q(organisation_id=organisation_id)
    asked = narrow(system_ids)
    if asked is not None:
        scope &= Q(system__in=asked)
    return waivers_in_force(scope)


def gaps_due(organisation_id: UUID, system_ids: Sequence[UUID]) -> dict[tuple[UUID, str], datetime]:
    """(system, check) → when that open gap is due, in one query."""
    rows = Gap.objects.filter(organisation_id=organisation_id, state="open", system_id__in=set(system_ids))
    return {(system_id, check): due for system_id, check, due in rows.values_list("system_id", "check_id", "due_at")}


def gap_overdue(moment: datetime) -> Q:
    """A condition over finding rows: their gap is open and past its date."""
    late = Gap.objects.filter(system=OuterRef("system"), check_id=OuterRef("check_id"), state="open", due_at__lt=moment)
    return Q(Exists(late))


def marks_now(system: System, now: datetime) -> tuple[str, ...]:
    """What must be said beside anything done about the system now: whether the glass is broken."""
    broken = BreakGlass.objects.filter(system=system, ended_at=None, starts_at__lte=now, ends_at__gt=now).exists()
    return ("break_glass",) if broken else ()


def prohibited_because(system: System) -> str:
    """Why the system's use is prohibited, or the empty string. No gate, waiver or emergency gets round it."""
    row = Restriction.objects.filter(system=system, kind="prohibit", lifted_at=None).first()
    if row is not None:
        return row.reason
    return "the register says so." if flagged_prohibited(system.custom, system.intake) else ""


def gaps(actor: Actor) -> QuerySet[Gap]:
    """Gaps of the systems that the actor may see, soonest due first."""
    rows: QuerySet[Gap] = _of_systems(Gap.objects.of(actor), actor).order_by("due_at", "system__number", "check_id")
    return rows


def waivers(actor: Actor) -> QuerySet[Waiver]:
    rows: QuerySet[Waiver] = _of_systems(Waiver.objects.of(actor), actor)
    return rows


def break_glass(actor: Actor) -> QuerySet[BreakGlass]:
    rows: QuerySet[BreakGlass] = _of_systems(BreakGlass.objects.of(actor), actor)
    return rows


def incidents(actor: Actor) -> QuerySet[Incident]:
    rows: QuerySet[Incident] = _of_systems(Incident.objects.of(actor), actor)
    return rows


def _of_systems(rows: Any, actor: Actor) -> Any:
    rows = rows.select_related("system")
    return rows if actor.scope("system.view").everywhere else rows.filter(system__in=systems(actor))


def agenda(actor: Actor, *, open_only: bool = True) -> QuerySet[AgendaItem]:
    """The agenda of the governance review, about systems that the actor may see, newest first."""
    rows = AgendaItem.objects.of(actor).select_related("system__owner", "system__unit", "closed_by")
    if not actor.scope("system.view").everywhere:
        rows = rows.filter(system__in=systems(actor).values("pk"))
    return rows.filter(closed_at=None) if open_only else rows


Models = list[dict[str, str]]


def pending_models(rows: Sequence[System]) -> dict[UUID, tuple[Models, Models]]:
    """Of systems to which a model was added since their last sign-off, and whose rulebook asks that it be signed: the
    models that are approved, and those that wait or were refused. Systems without an approved manifest are not there.
    The rows are of one organisation. One query where nothing waits."""
    found: defaultdict[UUID, dict[str, Manifest]] = defaultdict(dict)
    kept = Manifest.objects.filter(system__in=rows, state__in=("approved", "candidate", "refused"))
    for manifest in kept.order_by("version"):
        found[manifest.system_id]["approved" if manifest.state == "approved" else "newer"] = manifest
    pending: dict[UUID, tuple[Models, Models]] = {}
    rulebook: RulebookBody | None = None
    for pk, states in found.items():
        approved, newer = states.get("approved"), states.get("newer")
        if approved is None or newer is None or newer.version < approved.version:
            continue
        rulebook = rulebook or active_body(approved.organisation_id)
        changes = manifest_changes(approved.body, newer.body, rulebook)
        names = {
            one.name for one in changes if one.component == "model" and one.then == "resign" and one.change != "removed"
        }
        old = approved.body.get("model", [])
        added = [row for row in newer.body.get("model", []) if row["name"] in names and row not in old]
        if added:
            pending[pk] = (old, added)
    return pending
