"""Approving a manifest."""

from __future__ import annotations

from django.db.models import Max

from pilothouse.contracts.canonical import content_hash
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import CHANGED, close
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.gates.actions.agenda import agenda_settle
from pilothouse.kernel.gates.manifest import body_of
from pilothouse.kernel.gates.models import Manifest
from pilothouse.kernel.gates.rules.manifests import Change
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import record

CANDIDATE_KIND = "manifest"


def manifest_add(
    actor: Actor, system: System, body: dict[str, object], state: str, changes: list[Change], decision: Decision | None
) -> Manifest:
    """Seal the next version of a system's manifest as a candidate, or at once as the approved one."""
    top = Manifest.objects.filter(system=system).aggregate(top=Max("version"))["top"] or 0
    Manifest.objects.filter(system=system, state=state).update(state="superseded")
    manifest = Manifest.objects.create(
        organisation_id=actor.organisation_id,
        system=system,
        version=top + 1,
        state=state,
        body=body,
        hash=content_hash(body),
        changes=[{"sentence": change.sentence, "then": change.then} for change in changes],
        built_at=now(),
        decision=decision,
        approved_at=now() if state == "approved" else None,
    )
    after = {"version": manifest.version, "state": state, "hash": manifest.hash}
    record(actor, f"manifest.{state}", manifest, system_id=system.pk, after=after)
    return manifest


def manifest_signed(actor: Actor, system: System, decision: Decision | None) -> Manifest:
    """The system as it is now is what the sign-off approves; a candidate that waited is thereby settled."""
    for candidate in Manifest.objects.filter(system=system, state="candidate"):
        candidate_drop(actor, candidate)
    return manifest_add(actor, system, body_of(system), "approved", [], decision)


def candidate_drop(actor: Actor, candidate: Manifest) -> None:
    """The system changed again, or back, or was signed off anew: nobody need sign the candidate any more."""
    candidate.state = "superseded"
    candidate.save(update_fields=("state",))
    agenda_settle(actor, candidate, "It changed again or back, or was signed off anew.")
    waiting = Decision.objects.filter(kind=CANDIDATE_KIND, subject_id=candidate.pk, state="open").first()
    if waiting is not None:
        close(actor, waiting, "superseded", CHANGED)
