"""Restricting, suspending, prohibiting a system: one person may, at once. Lifting it is decided by another."""

from __future__ import annotations

from datetime import timedelta

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.checks.rulebook import strict_tier
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import decision_request
from pilothouse.kernel.decisions.kinds import DecisionKind
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.gates.actions.breakglass import end_all
from pilothouse.kernel.gates.actions.moving import locked
from pilothouse.kernel.gates.actions.stages import GateOutcome, ask_gate
from pilothouse.kernel.gates.models import Restriction
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import record
from pilothouse.kernel.notify.notices import notify

KINDS = dict(Restriction.KINDS)
PROHIBITION_SIGNERS = (("legal", "risk"), ("caio", "board"))


@action("gate.restrict", on="system")
def gate_restrict(
    *, actor: Actor, system: System, kind: str, reason: str, conditions: str = ""
) -> Restriction | GateOutcome:
    """Restrict (it runs under `conditions`), suspend, prohibit, or retire a system. Retiring goes through its gate."""
    if kind == "retire":
        return ask_gate(actor, system, "retired", reason)
    wrong = {} if kind in KINDS else {"kind": "Choose restrict, suspend, prohibit or retire."}
    if not reason.strip():
        wrong["reason"] = "Say why."
    if kind == "restrict" and not conditions.strip():
        wrong["conditions"] = "Say under what conditions it may run on."
    if wrong:
        raise Invalid("The restriction is not complete.", fields=wrong)
    return restrict(actor, locked(actor, system), kind, reason.strip(), conditions.strip())


def restrict(actor: Actor, system: System, kind: str, reason: str, conditions: str = "") -> Restriction:
    """Put a restriction in force. A prohibition ends every break-glass at once. Within an action, the system locked."""
    if Restriction.objects.filter(system=system, kind=kind, lifted_at=None).exists():
        raise Conflict(f"{system.ref} is {KINDS[kind].lower()} already.", code="already")
    row: Restriction = Restriction.objects.create(
        organisation_id=actor.organisation_id,
        system=system,
        kind=kind,
        reason=reason,
        conditions=conditions,
        since=now(),
        by_id=actor.person_id,
    )
    after = {"kind": kind, "conditions": conditions}
    record(actor, f"system.{_PAST[kind]}", system, system_id=system.pk, after=after, note=reason)
    if kind == "prohibit":
        end_all(actor, system)
    people = [person for person in (system.owner_id, system.deputy_id) if person and person != actor.person_id]
    url = f"/o/{system.organisation.slug}/systems/{system.number}/gates/"
    notify(people, f"{system.ref} {system.name} is {KINDS[kind].lower()}: {reason}", url)
    return row


_PAST = {"restrict": "restricted", "suspend": "suspended", "prohibit": "prohibited"}


@action("gate.request", on="system")
def restriction_lift_request(*, actor: Actor, system: System, restriction: Restriction, reason: str) -> Decision:
    """Ask that a restriction be lifted. That asks less, so whoever signs into production decides; for a prohibition,
    two people of law or risk and of the top do."""
    system = locked(actor, system)
    if restriction.system_id != system.pk or restriction.lifted_at is not None:
        raise Conflict("This restriction is not in force.", code="closed")
    if not reason.strip():
        raise Invalid("Say what has changed since.", fields={"reason": "Say what has changed."})
    body, tier = active_body(actor.organisation_id), strict_tier(system.tier)
    prohibited = restriction.kind == "prohibit"
    signers = body.gates.production.signers.of(tier) or (body.decisions.escalate,)
    return decision_request(
        actor=actor,
        kind=PROHIBITION.id if prohibited else LIFT.id,
        title=f"{system.ref} {system.name}: no longer {KINDS[restriction.kind].lower()}",
        summary=reason.strip(),
        subject=restriction,
        system=system,
        groups=PROHIBITION_SIGNERS if prohibited else signers,
        payload={"kind": restriction.kind, "reason": restriction.reason},
        bars_owners=True,
        high_risk=prohibited or tier == "high",
        deadline=now() + timedelta(days=body.decisions.days.of(tier)),
        escalation_path=() if prohibited else body.decisions.escalate,
    )


def _hash(decision: Decision) -> str | None:
    row = Restriction.objects.filter(pk=decision.subject_id, lifted_at=None).first()
    return content_hash({"id": row.pk, "kind": row.kind, "reason": row.reason, "since": row.since}) if row else None


def _lift(decision: Decision, actor: Actor) -> None:
    row = Restriction.objects.select_related("system").get(pk=decision.subject_id)
    row.lifted_at, row.lifted_by_decision = now(), decision
    row.save(update_fields=("lifted_at", "lifted_by_decision"))
    before = {"kind": row.kind, "reason": row.reason}
    record(
        actor, "system.restriction_lifted", row.system, system_id=row.system_id, before=before, note=decision.because
    )


LIFT = DecisionKind(
    id="restriction.lift",
    title="Lifting a restriction or a suspension",
    current_hash=_hash,
    apply=_lift,
    allow_lone=True,
)
PROHIBITION = DecisionKind(
    id="prohibition.lift",
    title="Lifting a prohibition",
    current_hash=_hash,
    apply=_lift,
    human_only=True,
    why_human="A prohibited use harms people or breaks the law; two people answer for permitting it again.",
)
