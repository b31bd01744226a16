"""Loosening a rulebook: decided by someone who did not propose it, bound to the proposed version's hash."""

from __future__ import annotations

from uuid import UUID

from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.checks.actions import rulebook_activate, rulebook_withdraw
from pilothouse.kernel.checks.models import Rulebook
from pilothouse.kernel.checks.plugs import Approval
from pilothouse.kernel.decisions.actions import decision_request
from pilothouse.kernel.decisions.kinds import DecisionKind
from pilothouse.kernel.decisions.models import Decision

SIGNERS = (("risk", "legal", "caio", "board"),)


def on_loosening(actor: Actor, rulebook: Rulebook) -> None:
    """Listener of the checks' room: a proposed loosening opens its decision in the same transaction."""
    decision_request(
        actor=actor,
        kind=LOOSENING.id,
        title=f"Loosen the rulebook: {rulebook.title}, version {rulebook.version}",
        summary=rulebook.reason,
        subject=rulebook,
        groups=SIGNERS,
        payload={"version": rulebook.version, "loosens": rulebook.loosenings},
        high_risk=True,
    )


def find_approval(organisation_id: UUID, decision_id: UUID) -> Approval | None:
    """What the checks' room asks before a loosening becomes active."""
    decision = Decision.objects.filter(organisation_id=organisation_id, pk=decision_id).first()
    if decision is None or decision.kind != LOOSENING.id:
        return None
    people = decision.signatures.values_list("person_id", "acting_for_id")
    decided_by = frozenset(person for pair in people for person in pair if person)
    return Approval(decision.state == "approved", decision.subject_hash, decided_by)


def _hash(decision: Decision) -> str | None:
    row = _proposed(decision)
    return row.hash if row else None


def _activate(decision: Decision, actor: Actor) -> None:
    row = Rulebook.objects.get(organisation_id=decision.organisation_id, pk=decision.subject_id)
    rulebook_activate(actor=actor, rulebook=row, decision_id=decision.pk)


def _withdraw(decision: Decision, actor: Actor) -> None:
    """Refused, expired or taken back: the proposal is over, and a new one starts from the rulebook that holds."""
    row = _proposed(decision)
    if row is not None:
        rulebook_withdraw(actor=system_actor(decision.organisation_id), rulebook=row, reason=decision.because)


def _proposed(decision: Decision) -> Rulebook | None:
    return Rulebook.objects.filter(
        organisation_id=decision.organisation_id, pk=decision.subject_id, state="draft", proposed_at__isnull=False
    ).first()


LOOSENING = DecisionKind(
    id="rulebook.loosen",
    title="Loosening the rulebook",
    current_hash=_hash,
    apply=_activate,
    closed=_withdraw,
    template="decisions/_loosening_evidence.html",
    human_only=True,
    why_human="It asks less of every system at once, so whoever proposed it never lets it through.",
)
