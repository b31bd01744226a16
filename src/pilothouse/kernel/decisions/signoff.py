"""Signing off a sealed record: the signature binds to its hash, and a new version or a changed text voids it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Role
from pilothouse.kernel.actions import action
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.decisions.actions import decision_request
from pilothouse.kernel.decisions.kinds import DecisionKind
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.decisions.selectors import SignatureView, signatures_of
from pilothouse.kernel.records.actions import hash_of, kind_of
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import lines
from pilothouse.kernel.records.selectors import compare


@action("record.write", on="record")
def record_signoff_request(*, actor: Actor, record: Record, groups: Sequence[Sequence[str]], reason: str) -> Decision:
    """Ask roles to sign off a sealed record, each group by a different person; not by whoever wrote or sealed it.

    Raises Invalid for an unknown role and without a reason, Conflict unless the record is sealed.
    """
    if record.state != "sealed":
        raise Conflict("Only a sealed version is signed off. Seal it first.", code="not_sealed")
    wanted = {role for group in groups for role in group}
    known = set(Role.objects.of(actor).filter(key__in=wanted).values_list("key", flat=True))
    wrong = {} if reason.strip() else {"reason": "Say what the signature is for."}
    if not groups or not all(groups) or wanted - known:
        wrong["groups"] = "Choose at least one role that this organisation has."
    if wrong:
        raise Invalid("The request is not complete.", fields=wrong)
    spec, system = kind_of(record.kind), record.system
    decision = decision_request(
        actor=actor,
        kind=SIGNOFF.id,
        title=f"Sign off “{spec.title}”, version {record.version}{f' of {system.ref} {system.name}' if system else ''}",
        summary=reason.strip(),
        subject=record,
        system=system,
        groups=groups,
        payload={"record": record.kind, "version": record.version},
        high_risk=system is not None and system.tier in ("high", "unknown"),
        escalation_path=active_body(actor.organisation_id).decisions.escalate,
    )
    decision.proposers.add(*(person for person in (record.written_by, record.sealed_by) if person))
    return decision


def record_signoffs(record: Record) -> list[tuple[Decision, list[SignatureView]]]:
    """The sign-offs that were asked of one version, newest first, with every signature and why it is void."""
    rows = Decision.objects.filter(kind=SIGNOFF.id, subject_id=record.pk).order_by("-requested_at")
    return [(decision, signatures_of(decision)) for decision in rows]


def _record(decision: Decision) -> Record | None:
    return (
        Record.objects.filter(organisation_id=decision.organisation_id, pk=decision.subject_id)
        .select_related("system")
        .first()
    )


def _hash(decision: Decision) -> str | None:
    """The hash of the text as it lies there now, not the one that was noted when it was sealed."""
    record = _record(decision)
    return hash_of(record) if record is not None and record.state == "sealed" else None


def _context(decision: Decision, actor: Actor) -> Mapping[str, Any]:
    """The text, and how it differs from the version before."""
    record = _record(decision)
    if record is None:
        return {}
    earlier = Record.objects.filter(system=record.system, kind=record.kind, version__lt=record.version)
    before = (
        earlier.filter(organisation_id=record.organisation_id, sealed_at__isnull=False).order_by("-version").first()
    )
    return {
        "record": record,
        "spec": kind_of(record.kind),
        "lines": list(lines(kind_of(record.kind).schema, record.body)),
        "before": before,
        "changes": compare(before, record) if before else [],
    }


def signed_by(record_id: UUID) -> list[Decision]:
    """Approved sign-offs of a version whose signatures still hold: what a check of another room may read."""
    rows = Decision.objects.filter(kind=SIGNOFF.id, subject_id=record_id, state="approved")
    return [decision for decision in rows if _hash(decision) == decision.subject_hash]


SIGNOFF = DecisionKind(
    id="record.signoff",
    title="Signing off a document",
    current_hash=_hash,
    template="decisions/_record_evidence.html",
    context=_context,
    allow_lone=True,
    standing=True,
)
