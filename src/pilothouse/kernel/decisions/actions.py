"""Asking for a decision, signing it, withdrawing it. The only way in for pages, API, CLI and jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import models

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
from pilothouse.kernel.ledger.log import lock_log, record

STEP_DAYS = 3


@action("organisation.view")
def decision_request(
    *,
    actor: Actor,
    kind: str,
    title: str,
    subject: models.Model,
    groups: Sequence[Sequence[str]],
    summary: str = "",
    system: System | None = None,
    payload: Mapping[str, Any] | None = None,
    options: Sequence[str] | None = None,
    bars_owners: bool = False,
    high_risk: bool = False,
    deadline: datetime | None = None,
    expires_at: datetime | None = None,
    step_days: int = STEP_DAYS,
    escalation_path: Sequence[str] = (),
    marks: Sequence[str] = (),
    idempotency: str = "",
) -> Decision:
    """Ask the roles in `groups` (each group signed by a different person) to decide about `subject`.

    The room that asks has checked its own permission first; this one only asks that the actor belong here. With
    `idempotency`, asking twice gives the same decision. Raises Invalid, and Conflict when the same is open already.
    """
    lock_log(actor.organisation_id)
    if idempotency:
        asked = Decision.objects.of(actor).filter(idempotency=idempotency).first()
        if asked is not None:
            return asked
    the_kind = kinds[kind]
    groups = [list(dict.fromkeys(group)) for group in groups]
    if not groups or not all(groups):
        raise Invalid("A decision needs someone who may sign it: name at least one role for each group.")
    if Decision.objects.of(actor).filter(kind=kind, subject_id=subject.pk, state="open").exists():
        raise Conflict("This has been asked already and waits for a decision.", code="already_asked")
    moment = now()
    due = deadline or moment + timedelta(days=the_kind.days)
    decision = Decision(
        id=new_id(),
        organisation_id=actor.organisation_id,
        kind=kind,
        title=title[:300],
        summary=summary,
        system=system,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        payload=dict(payload or {}),
        options=list(options or [option.id for option in the_kind.options]),
        requested_by_id=actor.person_id,
        requested_name=actor.name[:200],
        requested_at=moment,
        bars_owners=bars_owners,
        high_risk=high_risk,
        deadline=due,
        expires_at=expires_at or rules.expiry(due, step_days, escalation_path),
        step_days=step_days,
        escalation_path=list(escalation_path),
        marks=list(marks),
        idempotency=idempotency,
    )
    subject_hash = the_kind.current_hash(decision)
    if subject_hash is None:
        raise NotFound
    decision.subject_hash = subject_hash
    decision.content_hash = rules.bind(decision.pk, kind, _asked(decision, groups), subject_hash)
    decision.save(force_insert=True)
    decision.proposers.set(actor.stands_for)
    Seat.objects.bulk_create(
        Seat(organisation_id=actor.organisation_id, decision=decision, group=number, role=role)
        for number, group in enumerate(groups)
        for role in group
    )
    after = {"kind": kind, "title": decision.title, "signers": groups, "hash": decision.content_hash}
    record(actor, "decision.requested", decision, system_id=decision.system_id, after=after, note=summary)
    notices.asked(decision)
    return decision


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
        person_id=actor.person_id,
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
        return close(actor, decision, "superseded", "What was asked about changed; its signatures are void. Ask again.")
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


def _asked(decision: Decision, groups: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {
        "title": decision.title,
        "summary": decision.summary,
        "payload": decision.payload,
        "options": decision.options,
        "signers": groups,
    }
