"""Gaps of inherited systems: opened with a date, closed when met, and when overdue turned into a human's decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from pilothouse.contracts.canonical import content_hash
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.checks.facts import narrow
from pilothouse.kernel.checks.models import FindingRow
from pilothouse.kernel.checks.rulebook import GATE_OF_STAGE, GATES, RulebookBody, strict_tier
from pilothouse.kernel.checks.rules import asks_of
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import Ask, decisions_request
from pilothouse.kernel.decisions.kinds import DecisionKind, Option
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.domain import Status, registry
from pilothouse.kernel.gates.actions.moving import locked, move
from pilothouse.kernel.gates.actions.restrictions import restrict
from pilothouse.kernel.gates.bulk import NewGap, insert_gaps, update_gaps
from pilothouse.kernel.gates.models import Gap, Restriction, Waiver
from pilothouse.kernel.gates.rules.due import due_after_tier, first_due
from pilothouse.kernel.gates.selectors import inherited
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import Event, lock_log, record, record_many

EXTEND = Option("extend", "Extend once", "Its overdue gaps get the days of its tier once more, for the only time.")
RESTRICT = Option("restrict", "Restrict", "It runs on under the conditions that you write as your reason.")
SUSPEND = Option("suspend", "Suspend", "It must not run until someone else decides that it may again.")
RETIRE = Option("retire", "Retire", "It is taken out of use for good.")
Key = tuple[UUID, str]


def gaps_tick(moment: datetime) -> dict[str, int]:
    """Bring every organisation's gaps up to date: open, date, close, and ask about the overdue ones."""
    counts = {"opened": 0, "closed": 0, "asked": 0}
    organisations = System.objects.filter(inherited_at__isnull=False).values_list("organisation_id", flat=True)
    for organisation_id in organisations.distinct().order_by():
        actor = system_actor(organisation_id)
        done = gaps_follow(actor=actor, system_ids=None, moment=moment)
        counts["opened"] += done.opened
        counts["closed"] += done.closed
        counts["asked"] += gaps_ask_overdue(actor=actor, moment=moment)
    return counts


def on_change(actor: Actor, system_ids: Sequence[UUID]) -> None:
    """Listener of the inventory: the gaps of what changed follow in the same transaction."""
    gaps_follow(actor=actor, system_ids=system_ids, moment=now())


@dataclass(frozen=True, slots=True)
class Followed:
    """How many gaps were opened and closed."""

    opened: int
    closed: int


@action("organisation.view")
def gaps_follow(*, actor: Actor, system_ids: Sequence[UUID] | None, moment: datetime) -> Followed:
    """Open, date and close the gaps of these systems (None: of all).

    The number of queries grows with the different dates that gaps get anew, not with the systems.
    """
    lock_log(actor.organisation_id)
    ids = None if system_ids is None else frozenset(system_ids)
    rows = {row.pk: row for row in inherited(actor.organisation_id, system_ids) if ids is None or row.pk in ids}
    held = Gap.objects.of(actor).filter(state="open")
    asked = narrow(system_ids)
    if asked is not None:
        held = held.filter(system__in=asked)
    gaps = {(gap.system_id, gap.check_id): gap for gap in held if ids is None or gap.system_id in ids}
    if not rows and not gaps:
        return Followed(0, 0)
    body = active_body(actor.organisation_id)
    missing = _missing(actor, rows, body)
    closed = _close(actor, [gap for key, gap in gaps.items() if key not in missing], rows, body, moment)
    _redate([gap for key, gap in gaps.items() if key in missing], rows, body, moment)
    opened = _open(actor, [key for key in missing if key not in gaps], missing, rows, body, moment)
    return Followed(opened, closed)


def _missing(actor: Actor, rows: Mapping[UUID, System], body: RulebookBody) -> dict[Key, str]:
    """What each system should have met to be in its stage, and has not: (system, check) → the check's title."""
    findings = FindingRow.objects.filter(organisation_id=actor.organisation_id, to_at=None).exclude(status=Status.MET)
    asked = narrow(rows)
    if asked is not None:
        findings = findings.filter(system__in=asked)
    unmet: defaultdict[UUID, list[str]] = defaultdict(list)
    for system_id, check_id in findings.order_by("system_id", "check_id").values_list("system_id", "check_id"):
        unmet[system_id].append(check_id)
    missing = {}
    for system_id, row in rows.items():
        asks = asks_of(body, GATES[: GATES.index(GATE_OF_STAGE[row.stage]) + 1], row.tier)
        for check_id in unmet[system_id]:
            if check_id in asks and check_id in registry.checks:
                missing[system_id, check_id] = registry.checks[check_id].title
        for check_id in asks:
            if check_id not in registry.checks:  # nothing here can judge it, so nothing here can say that it is met
                missing[system_id, check_id] = check_id
    return missing


def _open(
    actor: Actor,
    keys: Sequence[Key],
    titles: Mapping[Key, str],
    rows: Mapping[UUID, System],
    body: RulebookBody,
    moment: datetime,
) -> int:
    """New gaps. The first ones of a system count from when it was found; later ones from when they opened."""
    if not keys:
        return 0
    known = Gap.objects.of(actor)
    asked = narrow(rows)
    if asked is not None:
        known = known.filter(system__in=asked)
    before = set(known.values_list("system_id", flat=True).distinct().order_by())
    by_system: defaultdict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for key in keys:
        by_system[key[0]].append((key[1], titles[key]))
    new, events = [], []
    for pk, checks in by_system.items():
        row = rows[pk]
        since = moment if pk in before or row.inherited_at is None else row.inherited_at
        due = first_due(row.tier, since, body.inherited_days)
        new += [NewGap(pk, check_id, title, due, row.tier) for check_id, title in checks]
        events.append(Event("gaps.opened", row, pk, after={"checks": [check for check, _ in checks], "due": due}))
    insert_gaps(actor.organisation_id, new, moment)
    record_many(actor, events)
    return len(new)


def _close(actor: Actor, gaps: Sequence[Gap], rows: Mapping[UUID, System], body: RulebookBody, moment: datetime) -> int:
    """Met, or no longer asked: the tier, the stage or the rulebook changed, or it passed its gate."""
    events: defaultdict[UUID, list[str]] = defaultdict(list)
    ended: defaultdict[str, list[UUID]] = defaultdict(list)
    met = _met(actor, gaps)
    for gap in gaps:
        state = "met" if (gap.system_id, gap.check_id) in met else "closed"
        ended[state].append(gap.pk)
        events[gap.system_id].append(f"{gap.check_id}: {state}")
    for state, ids in ended.items():
        update_gaps(ids, state=state, closed_at=moment)
    record_many(actor, [Event("gaps.closed", System(pk=pk), pk, after={"checks": said}) for pk, said in events.items()])
    return len(gaps)


def _met(actor: Actor, gaps: Sequence[Gap]) -> set[Key]:
    if not gaps:
        return set()
    findings = FindingRow.objects.filter(organisation_id=actor.organisation_id, to_at=None, status=Status.MET)
    asked = narrow(gap.system_id for gap in gaps)
    if asked is not None:
        findings = findings.filter(system__in=asked)
    return set(findings.values_list("system_id", "check_id"))


def _redate(gaps: Sequence[Gap], rows: Mapping[UUID, System], body: RulebookBody, moment: datetime) -> None:
    """A tier that became known, or changed, sets the date anew; an extended date stands."""
    moved: defaultdict[tuple[str, datetime], list[UUID]] = defaultdict(list)
    for gap in gaps:
        tier, due = rows[gap.system_id].tier, gap.due_at
        if gap.tier == tier:
            continue
        if gap.extended_at is None:
            due = due_after_tier(gap.tier, tier, gap.opened_at, due, moment, body.inherited_days)
        moved[tier, due].append(gap.pk)
    for (tier, due), ids in moved.items():
        update_gaps(ids, tier=tier, due_at=due)


@action("organisation.change")
def gaps_ask_overdue(*, actor: Actor, moment: datetime) -> int:
    """Open a decision for each system with overdue gaps that nobody was asked about yet. A live waiver holds it off."""
    lock_log(actor.organisation_id)
    waived = Waiver.objects.filter(
        system=OuterRef("system"), check_id=OuterRef("check_id"), state="live", ends_at__gt=moment
    )
    suspended = Restriction.objects.filter(system=OuterRef("system"), kind__in=("suspend", "prohibit"), lifted_at=None)
    open_already = Decision.objects.filter(kind=OVERDUE.id, subject_id=OuterRef("system_id"), state="open")
    rows = (
        Gap.objects.of(actor)
        .filter(~Exists(waived), ~Exists(suspended), ~Exists(open_already), state="open", due_at__lte=moment)
        .select_related("system__unit")
        .order_by("system_id", "check_id")
    )
    by_system: defaultdict[UUID, list[Gap]] = defaultdict(list)
    for gap in rows:
        by_system[gap.system_id].append(gap)
    body = active_body(actor.organisation_id)
    asks = [_ask(gaps, body, moment) for gaps in by_system.values()]
    if not asks:
        return 0
    decisions = {decision.subject_id: decision for decision in decisions_request(actor=actor, asks=asks)}
    for pk, gaps in by_system.items():
        for gap in gaps:
            gap.decision = decisions[pk]
    Gap.objects.bulk_update([gap for gaps in by_system.values() for gap in gaps], ["decision"], batch_size=400)
    return len(asks)


def _ask(gaps: Sequence[Gap], body: RulebookBody, moment: datetime) -> Ask:
    system, tier = gaps[0].system, strict_tier(gaps[0].system.tier)
    options = [RESTRICT.id, SUSPEND.id, RETIRE.id]
    if not any(gap.extended_at for gap in gaps):
        options.insert(0, EXTEND.id)
    count = "1 gap is" if len(gaps) == 1 else f"{len(gaps)} gaps are"
    return Ask(
        kind=OVERDUE.id,
        title=f"{system.ref} {system.name}: {count} overdue",
        summary="It was found running and runs on. What follows was to be closed by now, and is not.",
        subject=system,
        system=system,
        groups=(OVERDUE_SIGNERS,),
        payload={"gaps": [[str(gap.pk), gap.title, gap.due_at] for gap in gaps]},
        options=options,
        bars_owners=True,
        high_risk=tier == "high",
        deadline=moment + timedelta(days=body.decisions.days.of(tier)),
        escalation_path=body.decisions.escalate,
    )


OVERDUE_SIGNERS = ("caio", "risk")


def _hashes(decisions: Sequence[Decision]) -> dict[UUID, str | None]:
    """What was asked about: those gaps, all still open. One that closed meanwhile makes it another question."""
    ids = [gap[0] for decision in decisions for gap in decision.payload["gaps"]]
    rows = Gap.objects.filter(organisation_id=decisions[0].organisation_id, state="open")
    still = {str(pk) for pk in (rows.filter(pk__in=ids) if len(ids) < 900 else rows).values_list("pk", flat=True)}
    return {
        decision.pk: content_hash(sorted(gap[0] for gap in decision.payload["gaps"] if gap[0] in still))
        for decision in decisions
    }


def _hash(decision: Decision) -> str | None:
    if decision._state.adding:  # when it is asked, the gaps were read in the same transaction and are open
        return content_hash(sorted(gap[0] for gap in decision.payload["gaps"]))
    return _hashes([decision])[decision.pk]


def _carry_out(decision: Decision, actor: Actor) -> None:
    system = locked(actor, System(pk=decision.subject_id))
    if decision.outcome == RETIRE.id:
        move(actor, system, "retired", "gate", reason=decision.because, decision=decision)
    elif decision.outcome == EXTEND.id:
        _extend(decision, actor, system)
    else:
        if not Restriction.objects.filter(system=system, kind=decision.outcome, lifted_at=None).exists():
            conditions = decision.because if decision.outcome == RESTRICT.id else ""
            restrict(actor, system, decision.outcome, decision.because, conditions)
        if decision.outcome == RESTRICT.id:  # also when it is restricted already: the answer holds for a while
            _extend(decision, actor, system)


def _extend(decision: Decision, actor: Actor, system: System) -> None:
    """The days of the tier once more. A restricted system gets them too: its gaps do not fall due again tomorrow."""
    moment = now()
    gaps = list(Gap.objects.filter(pk__in=[gap[0] for gap in decision.payload["gaps"]], state="open"))
    due = first_due(system.tier, moment, active_body(actor.organisation_id).inherited_days)
    for gap in gaps:
        gap.due_at, gap.extended_at = due, moment
    Gap.objects.bulk_update(gaps, ["due_at", "extended_at"])
    after = {"checks": [gap.check_id for gap in gaps], "due": due}
    record(actor, "gaps.extended", system, system_id=system.pk, after=after, note=decision.because)


def _context(decision: Decision, actor: Actor) -> dict[str, Any]:
    ids = [gap[0] for gap in decision.payload["gaps"]]
    return {"gaps": Gap.objects.filter(organisation_id=decision.organisation_id, pk__in=ids)}


OVERDUE = DecisionKind(
    id="gap.overdue",
    title="What becomes of a system whose gaps are overdue",
    current_hash=_hash,
    hashes=_hashes,
    apply=_carry_out,
    options=(EXTEND, RESTRICT, SUSPEND, RETIRE),
    template="gates/_overdue_evidence.html",
    context=_context,
    allow_lone=True,
)
