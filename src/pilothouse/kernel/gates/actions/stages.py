"""Asking that a system enter a stage, taking it back, and correcting a stage that was wrongly known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Conflict, Forbidden, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.checks.rules import GateReport
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import decision_request
from pilothouse.kernel.decisions.kinds import DecisionKind
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.decisions.selectors import human_only_kinds
from pilothouse.kernel.gates.actions.moving import locked, move
from pilothouse.kernel.gates.actions.signed import manifest_signed
from pilothouse.kernel.gates.manifest import body_of
from pilothouse.kernel.gates.models import Manifest, Passage
from pilothouse.kernel.gates.rules.manifests import manifest_changes
from pilothouse.kernel.gates.rules.running import RUNNING
from pilothouse.kernel.gates.rules.stages import may_step_back, why_not_through_gate
from pilothouse.kernel.gates.selectors import is_inherited, marks_now, prohibited_because, report_of
from pilothouse.kernel.inventory.models import Stage, System
from pilothouse.kernel.ledger.log import record

# The facts of a system that a sign-off rests on: a change of one of them between request and signature voids it.
FACTS = (
    "purpose",
    "outputs",
    "unit_id",
    "owner_id",
    "deputy_id",
    "stage",
    "tier",
    "intake",
    "impact",
    "affects",
    "sourcing",
    "technique",
    "vendor",
    "personal_data",
    "outcome",
    "outcome_metric",
)
CORRECTION_SIGNERS = (("caio", "risk"),)


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """What asking led to: a decision that waits, or (where the rulebook asks for no signature) the passage itself."""

    report: GateReport
    decision: Decision | None = None
    passage: Passage | None = None


@action("gate.request", on="system")
def gate_request(*, actor: Actor, system: System, to_stage: str, reason: str, idempotency: str = "") -> GateOutcome:
    """Ask that a system enter a stage. Raises Conflict `blocked`, naming each requirement that blocks, and Invalid.

    Whoever the rulebook names for the system's tier decides; where it names nobody, the checks alone do, at once.
    """
    return ask_gate(actor, system, to_stage, reason, idempotency)


def ask_gate(actor: Actor, system: System, to_stage: str, reason: str, idempotency: str = "") -> GateOutcome:
    """The same for a caller that checked its own permission. Within an action."""
    system = locked(actor, system)
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why it should enter that stage now.", fields={"reason": "Say why."})
    _may_ask(system, to_stage)
    body = active_body(actor.organisation_id)
    report = report_of(system, to_stage, now())
    if report.blocked:
        raise Conflict(_blocked(report), code="blocked", data={"blocking": [_line(row) for row in report.blocking]})
    signers = report.signers
    if not signers and (GATE.id in human_only_kinds(actor.organisation_id)):
        signers = (tuple(body.decisions.escalate),)
    if not signers:
        return GateOutcome(report, passage=_enter(actor, system, to_stage, reason, None))
    days = body.decisions.days.of(report.tier)
    decision = decision_request(
        actor=actor,
        kind=GATE.id,
        title=_title(system, to_stage),
        summary=reason,
        subject=system,
        system=system,
        groups=signers,
        payload={
            "from": system.stage,
            "to": to_stage,
            "tier": report.tier,
            "findings": [_line(row) for row in report.requirements],
            "manifest": body_of(system),
        },
        bars_owners=True,
        high_risk=report.tier == "high",
        deadline=now() + timedelta(days=days),
        escalation_path=body.decisions.escalate,
        marks=marks_now(system, now()),
        idempotency=idempotency,
    )
    return GateOutcome(report, decision=decision)


@action("gate.request", on="system")
def stage_withdraw(*, actor: Actor, system: System, to_stage: str, reason: str) -> Passage:
    """Take a system back to an earlier stage, or reject it. Asking less of the world needs no gate."""
    system = locked(actor, system)
    if not reason.strip():
        raise Invalid("Say why it goes back.", fields={"reason": "Say why."})
    if not may_step_back(system.stage, to_stage):
        raise Conflict(f"From {system.stage} it cannot simply become {to_stage}.", code="no_way")
    return move(actor, system, to_stage, "withdrawal", reason=reason.strip())


@action("gate.request", on="system")
def stage_correct(*, actor: Actor, system: System, to_stage: str, reason: str) -> Passage | Decision:
    """Record the stage that a system really is in. An unknown stage is recorded at once; any other correction is
    decided by someone else. What turns out to be running becomes inherited: it runs on, with dated gaps."""
    system = locked(actor, system)
    if not reason.strip():
        raise Invalid("Say how you know.", fields={"reason": "Say how you know."})
    if to_stage not in Stage.values or to_stage in ("unknown", system.stage):
        raise Invalid("Choose the stage it is really in.", fields={"to_stage": "Choose another stage."})
    if system.stage == "unknown":
        return _correct(actor, system, to_stage, reason.strip(), None)
    return decision_request(
        actor=actor,
        kind=CORRECTION.id,
        title=f"{system.ref} {system.name}: it is not in {system.stage} but in {to_stage}",
        summary=reason.strip(),
        subject=system,
        system=system,
        groups=CORRECTION_SIGNERS,
        payload={"from": system.stage, "to": to_stage},
        bars_owners=True,
        high_risk=system.tier in ("high", "unknown"),
        escalation_path=active_body(actor.organisation_id).decisions.escalate,
    )


def _may_ask(system: System, to_stage: str) -> None:
    if to_stage not in ("development", "pilot", "production", "retired"):
        raise Invalid(f"There is no gate into “{to_stage}”.", fields={"to_stage": "Choose a stage with a gate."})
    why = why_not_through_gate(system.stage, to_stage, inherited=is_inherited(system))
    if why:
        raise Conflict(why, code="no_way")
    prohibited = prohibited_because(system)
    if prohibited and to_stage != "retired":
        raise Forbidden(f"Its use is prohibited: {prohibited} No gate opens.", code="prohibited")


def _enter(actor: Actor, system: System, to_stage: str, reason: str, decision: Decision | None) -> Passage:
    if to_stage == "production":
        manifest_signed(actor, system, decision)
    return move(actor, system, to_stage, "gate", reason=reason, decision=decision)


def _correct(actor: Actor, system: System, to_stage: str, reason: str, decision: Decision | None) -> Passage:
    if to_stage in RUNNING and system.inherited_at is None:
        system.inherited_at = now()
    return move(actor, system, to_stage, "correction", reason=reason, decision=decision)


def _title(system: System, to_stage: str) -> str:
    if system.stage == to_stage:
        return f"Sign off {system.ref} {system.name}, found running in {to_stage}"
    return f"Let {system.ref} {system.name} go from {system.stage} to {to_stage}"


def _blocked(report: GateReport) -> str:
    names = ", ".join(row.title for row in report.blocking[:4])
    more = f" and {len(report.blocking) - 4} more" if len(report.blocking) > 4 else ""
    return f"The gate into {GATE_NAMES[report.gate]} stays shut: {names}{more}."


GATE_NAMES = {"development": "development", "pilot": "pilot", "production": "production", "retirement": "retirement"}


def _line(row: Any) -> dict[str, str]:
    return {
        "check": row.check_id,
        "title": row.title,
        "status": row.finding.status.value,
        "because": row.standing.because,
        "remedy": row.check.remedy if row.check else "",
    }


def gate_hash(decision: Decision) -> str | None:
    """What a gate's signature binds to: facts, findings with the rows they read, and the manifest."""
    system = _system(decision.organisation_id, decision.subject_id)
    if system is None:
        return None
    report = report_of(system, decision.payload["to"], now())
    return content_hash(
        {
            "to": decision.payload["to"],
            "facts": {name: getattr(system, name) for name in FACTS},
            "prohibited": prohibited_because(system),
            "findings": [
                [row.check_id, row.finding.status, row.finding.grade, [[ref.type, ref.id] for ref in row.finding.refs]]
                for row in report.requirements
            ],
            "signers": report.signers,
            "manifest": body_of(system),
        }
    )


def _system(organisation_id: UUID, system_id: UUID) -> System | None:
    found: System | None = System.objects.filter(organisation_id=organisation_id, pk=system_id).first()
    return found


def _pass(decision: Decision, actor: Actor) -> None:
    system = locked(actor, System(pk=decision.subject_id))
    _enter(actor, system, decision.payload["to"], decision.because, decision)


def _correction_hash(decision: Decision) -> str | None:
    system = _system(decision.organisation_id, decision.subject_id)
    return content_hash({"stage": system.stage, "owner": system.owner_id, "tier": system.tier}) if system else None


def _carry_correction(decision: Decision, actor: Actor) -> None:
    system = locked(actor, System(pk=decision.subject_id))
    _correct(actor, system, decision.payload["to"], decision.because, decision)


def _refused(decision: Decision, actor: Actor) -> None:
    if decision.state == "refused" and decision.system is not None:
        record(actor, "gate.refused", decision.system, system_id=decision.system_id, note=decision.because)


def _context(decision: Decision, actor: Actor) -> dict[str, Any]:
    """The evidence: each requirement as it stands now (while open), and what the sign-off would approve anew."""
    system = decision.system
    report = report_of(system, decision.payload["to"], now()) if system and decision.state == "open" else None
    approved = Manifest.objects.filter(system=system, state="approved").first()
    body = active_body(decision.organisation_id)
    changes = manifest_changes(approved.body, decision.payload["manifest"], body) if approved else []
    return {"report": report, "approved": approved, "changes": changes}


GATE = DecisionKind(
    id="gate",
    title="Letting a system enter a stage",
    current_hash=gate_hash,
    apply=_pass,
    closed=_refused,
    template="gates/_gate_evidence.html",
    context=_context,
    allow_lone=True,
)
CORRECTION = DecisionKind(
    id="stage.correct",
    title="Correcting a system's stage",
    current_hash=_correction_hash,
    apply=_carry_correction,
    allow_lone=True,
)
