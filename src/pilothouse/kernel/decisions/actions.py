"""Asking for a decision, signing it, withdrawing it. The only way in for pages, API, CLI and jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from pilothouse.contracts.canonical import plain
from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.base import new_id
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions import notices, rules
from pilothouse.kernel.decisions.kinds import kinds
from pilothouse.kernel.decisions.models import Decision, Seat, Signature
from pilothouse.kernel.decisions.selectors import chair_of
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import Event, lock_log, record, record_many

STEP_DAYS = 3
CHANGED = "What was asked about changed; its signatures are void. Ask again."


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: what is asked of whom about which subject. Each group is signed by a different person.

    Without a `deadline` the kind's days count; without `expires_at` it ends when the escalation path has had its days.
    """

    kind: str
    title: str
    subject: models.Model
    groups: Sequence[Sequence[str]]
    summary: str = ""
    system: System | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    options: Sequence[str] = ()
    bars_owners: bool = False
    high_risk: bool = False
    deadline: datetime | None = None
    expires_at: datetime | None = None
    step_days: int = STEP_DAYS
    escalation_path: Sequence[str] = ()
    marks: Sequence[str] = ()
    idempotency: str = ""


def decision_request(*, actor: Actor, **ask: Any) -> Decision:
    """Ask one question (the fields of Ask). With `idempotency`, asking twice gives the same decision.

    The room that asks has checked its own permission; here the actor only has to belong to the organisation. Raises
    Invalid, and Conflict when the same is open already.
    """
    return decisions_request(actor=actor, asks=[Ask(**ask)])[0]


@action("organisation.view")
def decisions_request(*, actor: Actor, asks: Sequence[Ask]) -> list[Decision]:
    """Ask many questions in a constant number of queries, besides those of the kinds."""
    lock_log(actor.organisation_id)
    keys = [ask.idempotency for ask in asks if ask.idempotency]
    known = {row.idempotency: row for row in Decision.objects.of(actor).filter(idempotency__in=keys)} if keys else {}
    fresh = [ask for ask in asks if ask.idempotency not in known]
    rows = Decision.objects.of(actor).filter(state="open", subject_id__in=[ask.subject.pk for ask in fresh])
    waiting = set(rows.values_list("kind", "subject_id"))
    if any((ask.kind, ask.subject.pk) in waiting for ask in fresh):
        raise Conflict("This has been asked already and waits for a decision.", code="already_asked")
    made = [_decision(actor, ask) for ask in fresh]
    Decision.objects.bulk_create(made, batch_size=200)
    through = Decision.proposers.through
    through.objects.bulk_create(
        [through(decision_id=row.pk, person_id=person) for row in made for person in actor.stands_for], batch_size=400
    )
    Seat.objects.bulk_create(
        [
            Seat(organisation_id=actor.organisation_id, decision=row, group=number, role=role)
            for row, ask in zip(made, fresh, strict=True)
            for number, group in enumerate(ask.groups)
            for role in dict.fromkeys(group)
        ],
        batch_size=400,
    )
    record_many(actor, [_requested(row, ask) for row, ask in zip(made, fresh, strict=True)])
    notices.asked(made)
    new = iter(made)
    return [known.get(ask.idempotency) or next(new) for ask in asks]


def _decision(actor: Actor, ask: Ask) -> Decision:
    kind = kinds[ask.kind]
    if not ask.groups or not all(ask.groups):
        raise Invalid("A decision needs someone who may sign it: name at least one role for each group.")
    moment = now()
    due = ask.deadline or moment + timedelta(days=kind.days)
    decision = Decision(
        id=new_id(),
        organisation_id=actor.organisation_id,
        kind=ask.kind,
        title=ask.title[:300],
        summary=ask.summary,
        system=ask.system,
        subject_type=ask.subject._meta.label_lower,
        subject_id=ask.subject.pk,
        payload=plain(ask.payload),
        options=list(ask.options) or [option.id for option in kind.options],
        requested_by_id=actor.person_id,
        requested_name=actor.name[:200],
        requested_at=moment,
        bars_owners=ask.bars_owners,
        high_risk=ask.high_risk,
        deadline=due,
        expires_at=ask.expires_at or rules.expiry(due, ask.step_days, ask.escalation_path),
        step_days=ask.step_days,
        escalation_path=list(ask.escalation_path),
        marks=list(ask.marks),
        idempotency=ask.idempotency,
    )
    subject_hash = kind.current_hash(decision)
    if subject_hash is None:
        raise NotFound
    decision.subject_hash = subject_hash
    asked = {
        "title": decision.title,
        "summary": decision.summary,
        "payload": decision.payload,
        "options": decision.options,
        "signers": ask.groups,
    }
    decision.content_hash = rules.bind(decision.pk, ask.kind, asked, subject_hash)
    return decision


def _requested(decision: Decision, ask: Ask) -> Event:
    after = {"kind": ask.kind, "title": decision.title, "signers": ask.groups, "hash": decision.content_hash}
    return Event("decision.requested", decision, decision.system_id, after=after, note=decision.summary)


def decision_sign(
    *,
    actor: Actor,
    decision: Decision,
    verdict: str,
    reason: str,
    content_hash: str,
    role: str = "",
    idempotency: str = "",
) -> Decision:
    """Sign a decision with a verdict and a reason, for the content that the signer saw.

    If the content has changed, the decision is superseded first (that stays, though the signature is refused). Raises
    Forbidden (wrong role, own request, owner, not a person), Conflict (late, closed, replayed, changed) and Invalid.
    A repeat with the same `idempotency` key gives the same decision and signs once.
    """
    decision_refresh(actor=actor, decision=decision)
    return signature_add(
        actor=actor,
        decision=decision,
        verdict=verdict,
        reason=reason,
        content_hash=content_hash,
        role=role,
        idempotency=idempotency,
    )


@action("decision.decide", on="decision")
def signature_add(
    *,
    actor: Actor,
    decision: Decision,
    verdict: str,
    reason: str,
    content_hash: str,
    role: str = "",
    idempotency: str = "",
) -> Decision:
    """Add one signature and carry the decision out when it was the last. Callers use `decision_sign`."""
    decision = _locked(actor, decision)
    earlier = decision.signatures.filter(person=actor.person_id).first() if actor.person_id else None
    if earlier and idempotency and earlier.idempotency == idempotency and earlier.verdict == verdict:
        return decision
    chair = chair_of(actor, decision, now(), role)
    _same_content(decision, content_hash)
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why. Whoever reads this later was not here.", fields={"reason": "Say why."})
    if verdict not in decision.options:
        raise Invalid(f"“{verdict}” is no verdict here.", fields={"verdict": "Choose one of the verdicts."})
    option = kinds[decision.kind].option(verdict)
    signature = Signature.objects.create(
        organisation_id=actor.organisation_id,
        decision=decision,
        group=chair.group,
        person_id=chair.person_id,
        acting_for_id=chair.acting_for,
        role=chair.role,
        verdict=verdict,
        reason=reason,
        content_hash=content_hash,
        lone=chair.lone,
        via=actor.via,
        signed_at=now(),
        idempotency=idempotency,
    )
    said = {"verdict": verdict, "role": chair.role, "acting_for": chair.acting_for, "hash": content_hash}
    record(actor, "decision.signed", decision, system_id=decision.system_id, after=said, note=reason)
    if chair.lone:
        decision.marks = [*decision.marks, "lone"]
    if option.refuses:
        return close(actor, decision, "refused", reason, outcome=verdict)
    return _settle(actor, decision, signature)


@action("organisation.view")
def decision_withdraw(*, actor: Actor, decision: Decision, reason: str) -> Decision:
    """Take back what one asked. Only whoever asked may, or someone who stands in for them."""
    decision = _locked(actor, decision)
    asked_by_us = decision.requested_by_id is not None and decision.requested_by_id in actor.stands_for
    if not (actor.is_system or asked_by_us):
        raise Forbidden("Only whoever asked can take it back.")
    if decision.state != "open":
        raise Conflict("This decision is closed already.", code="closed")
    if not reason.strip():
        raise Invalid("Say why you take it back.", fields={"reason": "Say why."})
    return close(actor, decision, "withdrawn", reason.strip())


@action("organisation.view")
def decision_refresh(*, actor: Actor, decision: Decision) -> Decision:
    """Supersede an open decision whose subject is no longer what was asked about."""
    decision = _locked(actor, decision)
    if decision.state == "open" and kinds[decision.kind].current_hash(decision) != decision.subject_hash:
        return close(actor, decision, "superseded", CHANGED)
    return decision


def close(actor: Actor, decision: Decision, state: str, because: str, *, outcome: str = "") -> Decision:
    """End a locked, open decision: write it down, tell the room that asked, tell people. Within an action."""
    decision.state, decision.because, decision.outcome, decision.closed_at = state, because, outcome, now()
    decision.save(update_fields=("state", "because", "outcome", "closed_at", "marks"))
    after = {"state": state, "outcome": outcome, "marks": decision.marks}
    record(actor, f"decision.{state}", decision, system_id=decision.system_id, after=after, note=because)
    kind = kinds[decision.kind]
    (kind.apply if state == "approved" else kind.closed)(decision, actor)
    notices.closed(decision)
    return decision


def _settle(actor: Actor, decision: Decision, last: Signature) -> Decision:
    groups = set(decision.seats.values_list("group", flat=True))
    outcome = rules.verdict_of(groups, dict(decision.signatures.values_list("group", "verdict")))
    if outcome == "disagreed":
        return close(actor, decision, "refused", "The signers chose differently; nothing was done.", outcome=outcome)
    if outcome is not None:
        return close(actor, decision, "approved", last.reason, outcome=outcome)
    decision.save(update_fields=("marks",))
    return decision


def _same_content(decision: Decision, content_hash: str) -> None:
    """Refuse a signature for other content: an old version, or another decision."""
    current = kinds[decision.kind].current_hash(decision)
    if current != decision.subject_hash or content_hash != decision.content_hash:
        raise Conflict(
            "What you read is not what is asked now. Read it again before you sign.",
            code="changed",
            data={"content_hash": decision.content_hash},
        )


def _locked(actor: Actor, decision: Decision) -> Decision:
    """The row, locked until the commit. The caller settled who may see it; the tenant is checked again."""
    lock_log(actor.organisation_id)
    rows = Decision.objects.of(actor).select_for_update(of=("self",)).select_related("system__unit")
    found: Decision | None = rows.filter(pk=decision.pk).first()
    if found is None:
        raise NotFound
    return found
