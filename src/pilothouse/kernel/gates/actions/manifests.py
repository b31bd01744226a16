"""Following what systems are made of: a material change opens a candidate, and the approved manifest runs on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pilothouse.contracts.canonical import content_hash
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.checks.facts import narrow
from pilothouse.kernel.checks.rulebook import RulebookBody, strict_tier
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import decision_request
from pilothouse.kernel.decisions.kinds import DecisionKind
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.gates.actions.agenda import agenda_add, agenda_settle
from pilothouse.kernel.gates.actions.signed import CANDIDATE_KIND, candidate_drop, manifest_add
from pilothouse.kernel.gates.manifest import bodies_of, body_of
from pilothouse.kernel.gates.models import Manifest
from pilothouse.kernel.gates.rules.manifests import Body, manifest_changes, needs_signature
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import record


def manifest_tick(moment: datetime) -> dict[str, int]:
    """Compare every approved manifest with the system as it is. Returns how many candidates were opened."""
    organisations = Manifest.objects.filter(state="approved").values_list("organisation_id", flat=True)
    opened = 0
    for organisation_id in organisations.distinct().order_by():
        opened += manifests_follow(actor=system_actor(organisation_id), system_ids=None)
    return {"candidates": opened}


def on_change(actor: Actor, system_ids: Sequence[UUID]) -> None:
    """Listener of the inventory: what changed is compared at once, in the transaction of the change."""
    manifests_follow(actor=actor, system_ids=system_ids)


@action("organisation.view")
def manifests_follow(*, actor: Actor, system_ids: Sequence[UUID] | None) -> int:
    """Compare the approved manifests of these systems (None: of all) with what the systems are now."""
    approved = Manifest.objects.of(actor).filter(state="approved", system__stage="production")
    asked = narrow(system_ids)
    if asked is not None:
        approved = approved.filter(system__in=asked)
    rows = {row.system_id: row for row in approved.select_related("system__unit", "system__organisation")}
    bodies = bodies_of([row.system for row in rows.values()])
    latest = {
        row.system_id: row
        for row in Manifest.objects.filter(system__in=rows, state__in=("candidate", "refused")).order_by("version")
        if row.version > rows[row.system_id].version
    }
    opened = 0
    rulebook = active_body(actor.organisation_id) if rows else None
    for system_id, row in rows.items():
        answered = latest.get(system_id)
        current = content_hash(bodies[system_id])
        if current == (answered or row).hash:
            continue
        if answered is not None and answered.state == "candidate":
            candidate_drop(actor, answered)
        if current != row.hash and rulebook is not None:
            opened += _differs(actor, row, bodies[system_id], rulebook)
    return opened


def _differs(actor: Actor, approved: Manifest, body: Body, rulebook: RulebookBody) -> int:
    system, changes = approved.system, manifest_changes(approved.body, body, rulebook)
    if not needs_signature(changes):
        manifest_add(actor, system, body, "approved", changes, None)
        told = [change.sentence for change in changes if change.then == "notify"]
        if told:
            agenda_add(actor=actor, system=system, source="register", sentences=told, then="notify")
        return 0
    candidate = manifest_add(actor, system, body, "candidate", changes, None)
    tier = strict_tier(system.tier)
    candidate.decision = decision_request(
        actor=actor,
        kind=CANDIDATE.id,
        title=f"{system.ref} {system.name} changed: sign off what it now consists of",
        summary=" ".join(change.sentence for change in changes),
        subject=candidate,
        system=system,
        groups=rulebook.gates.production.signers.of(tier) or (rulebook.decisions.escalate,),
        payload={"system": str(system.pk), "manifest": body, "approved": approved.body},
        bars_owners=True,
        high_risk=tier == "high",
        deadline=now() + timedelta(days=rulebook.decisions.days.of(tier)),
        escalation_path=rulebook.decisions.escalate,
    )
    candidate.save(update_fields=("decision",))
    material = [change.sentence for change in changes if change.then != "nothing"]
    agenda_add(actor=actor, system=system, source="register", sentences=material, then="resign")
    return 1


def _hash(decision: Decision) -> str | None:
    system = System.objects.filter(organisation_id=decision.organisation_id, pk=decision.payload["system"]).first()
    return content_hash(body_of(system)) if system else None


def _approve(decision: Decision, actor: Actor) -> None:
    candidate = Manifest.objects.select_related("system").get(pk=decision.subject_id)
    Manifest.objects.filter(system=candidate.system, state="approved").update(state="superseded")
    candidate.state, candidate.approved_at = "approved", now()
    candidate.save(update_fields=("state", "approved_at"))
    after = {"version": candidate.version, "hash": candidate.hash}
    record(actor, "manifest.approved", candidate, system_id=candidate.system_id, after=after, note=decision.because)


def _leave(decision: Decision, actor: Actor) -> None:
    """Refused, expired or superseded: the approved manifest runs on, and the new components stay refused."""
    candidate = Manifest.objects.filter(pk=decision.subject_id, state="candidate").first()
    if candidate is None:
        return
    candidate.state = "refused" if decision.state == "refused" else "superseded"
    candidate.save(update_fields=("state",))
    record(actor, f"manifest.{candidate.state}", candidate, system_id=candidate.system_id, note=decision.because)
    agenda_settle(actor, candidate, f"It was {candidate.state}: {decision.because}"[:1000])


def _context(decision: Decision, actor: Actor) -> dict[str, Any]:
    return {"manifest": Manifest.objects.filter(pk=decision.subject_id).first()}


CANDIDATE = DecisionKind(
    id=CANDIDATE_KIND,
    title="Signing off what a changed system consists of",
    current_hash=_hash,
    apply=_approve,
    closed=_leave,
    template="gates/_manifest_evidence.html",
    context=_context,
    allow_lone=True,
    standing=True,
)
