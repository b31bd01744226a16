"""What time does to open decisions: silence escalates, and in the end expires. It never approves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now as present
from pilothouse.kernel.decisions import notices, rules
from pilothouse.kernel.decisions.actions import CHANGED, close
from pilothouse.kernel.decisions.kinds import kinds
from pilothouse.kernel.decisions.models import Decision, Seat
from pilothouse.kernel.ledger.log import lock_log, record


def decisions_tick(now: datetime | None = None) -> dict[str, int]:
    """Move every organisation's open decisions on to `now`. Returns how many escalated, expired and were superseded."""
    moment = now or present()
    counts = {"escalated": 0, "expired": 0, "superseded": 0}
    open_ones = Decision.objects.filter(state="open")
    for organisation_id in open_ones.values_list("organisation_id", flat=True).distinct().order_by():
        for key, count in decisions_move_on(actor=system_actor(organisation_id), moment=moment).items():
            counts[key] += count
    return counts


@action("organisation.change")
def decisions_move_on(*, actor: Actor, moment: datetime) -> dict[str, int]:
    """The same for the actor's organisation."""
    lock_log(actor.organisation_id)
    counts = {"escalated": 0, "expired": 0, "superseded": 0}
    rows = list(
        Decision.objects.of(actor)
        .filter(state="open")
        .select_for_update(of=("self",))
        .select_related("system__unit", "organisation")
    )
    current = _current_hashes(rows)
    for decision in rows:
        if current[decision.pk] != decision.subject_hash:
            close(actor, decision, "superseded", CHANGED)
            counts["superseded"] += 1
        elif decision.expires_at <= moment:
            close(actor, decision, "expired", "Nobody decided in time. Silence approves nothing.")
            counts["expired"] += 1
        elif decision.deadline <= moment:
            counts["escalated"] += _escalate(actor, decision, moment)
    return counts


def _current_hashes(decisions: Sequence[Decision]) -> dict[UUID, str | None]:
    by_kind: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        by_kind[decision.kind].append(decision)
    found: dict[UUID, str | None] = {}
    for kind, rows in by_kind.items():
        found.update(kinds[kind].hashes_of(rows))
    return found


def _escalate(actor: Actor, decision: Decision, moment: datetime) -> int:
    """Go as many steps as the silence has earned: the deputies first, then each role of the path gets a seat."""
    steps = 0
    while decision.deadline <= moment:
        reached = rules.escalation_step(decision.escalations, decision.escalation_path)
        if reached is None:
            decision.deadline = decision.expires_at
        else:
            decision.deadline = min(decision.deadline + timedelta(days=decision.step_days), decision.expires_at)
            decision.escalations += 1
            steps += 1
            if reached != "deputies":
                _add_seats(decision, reached)
            note = "Nobody signed in time, so it goes on to: " + reached
            record(actor, "decision.escalated", decision, system_id=decision.system_id, note=note)
            notices.escalated(decision, reached, moment)
    decision.save(update_fields=("deadline", "escalations"))
    return steps


def _add_seats(decision: Decision, role: str) -> None:
    signed = set(decision.signatures.values_list("group", flat=True))
    groups: set[int] = set(decision.seats.values_list("group", flat=True)) - signed
    Seat.objects.bulk_create(
        [_seat(decision.organisation_id, decision, group, role) for group in sorted(groups)], ignore_conflicts=True
    )


def _seat(organisation_id: UUID, decision: Decision, group: int, role: str) -> Seat:
    return Seat(organisation_id=organisation_id, decision=decision, group=group, role=role, by_escalation=True)
