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
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import decision_request
from pilothouse.kernel.decisions.kinds import DecisionKind
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.decisions.selectors import (
    SignatureView,
    asked_of,
    lone_after,
    others_who_could,
    signatures_of,
)
from pilothouse.kernel.decisions.signed import KIND, signers
from pilothouse.kernel.records.actions import hash_of, kind_of
from pilothouse.kernel.records.actions.parts import tell
from pilothouse.kernel.records.kinds import title_of
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import lines
from pilothouse.kernel.records.selectors import compare


@action("record.write", on="record")
def record_signoff_request(
    *, actor: Actor, record: Record, groups: Sequence[Sequence[str]] = (), reason: str = ""
) -> Decision:
    """Ask roles to sign off a sealed record, each group by a different person; not by whoever wrote or sealed it.

    Without `groups` those are asked who sign such a document off (see signed.signers), and it needs no reason: the
    document says why. Raises Invalid for an unknown role and without a reason, Conflict unless the record is sealed
    and when nobody is left who could sign.
    """
    if record.state != "sealed":
        raise Conflict("Only a sealed version is signed off. Seal it first.", code="not_sealed")
    spec, system = kind_of(record.kind), record.system
    own = not groups and bool(spec.signers)
    if own:
        groups, reason = signers(actor.organisation_id, spec), reason.strip() or spec.why
    wanted = {role for group in groups for role in group}
    known = set(Role.objects.of(actor).filter(key__in=wanted).values_list("key", flat=True))
    if own:  # a stand-in's role may be one that this organisation does not have
        groups = [[role for role in group if role in known] for group in groups]
        wanted &= known
    wrong = {} if reason.strip() else {"reason": "Say what the signature is for."}
    if not groups or not all(groups) or wanted - known:
        wrong["groups"] = "Choose at least one role that this organisation has."
    if wrong:
        raise Invalid("The request is not complete.", fields=wrong)
    decision = decision_request(
        actor=actor,
        kind=SIGNOFF.id,
        title=f"Sign off {title_of(spec, record)}{f' of {system.ref} {system.name}' if system else ''}",
        summary=reason.strip(),
        subject=record,
        system=system,
        groups=groups,
        payload={"record": record.kind, "version": record.version},
        high_risk=system is not None and system.tier in ("high", "unknown"),
        # Where the office counts, silence goes to its holder's deputy and then ends: nobody else's name would do.
        escalation_path=() if own else active_body(actor.organisation_id).decisions.escalate,
    )
    decision.proposers.add(*(person for person in (record.written_by, record.sealed_by) if person))
    if own and not signable(decision):
        raise Conflict(
            "Nobody is left who could sign this: not whoever wrote, sealed or asked for it. "
            "Let its owner ask, or appoint somebody else.",
            code="nobody_left",
        )
    return decision


def signable(decision: Decision) -> bool:
    """Is there anybody who may sign, now or (alone) after the wait that the rulebook sets?"""
    asked, moment = asked_of(decision), now()
    return others_who_could(decision, asked, moment) or lone_after(decision, asked, moment) is not None


def record_signoffs(record: Record) -> list[tuple[Decision, list[SignatureView]]]:
    """The sign-offs that were asked of one version, newest first, with every signature and why it is void."""
    rows = Decision.objects.filter(kind=SIGNOFF.id, subject_id=record.pk).order_by("-requested_at")
    return [(decision, signatures_of(decision)) for decision in rows]


def _records(decisions: Sequence[Decision]) -> dict[UUID, Record]:
    """The documents that these decisions are about, in one query."""
    subjects = {decision.subject_id for decision in decisions}
    rows = Record.objects.filter(pk__in=subjects).select_related("system")
    return {row.pk: row for row in rows if row.organisation_id in {one.organisation_id for one in decisions}}


def _record(decision: Decision) -> Record | None:
    return _records([decision]).get(decision.subject_id)


def _hashes(decisions: Sequence[Decision]) -> Mapping[UUID, str | None]:
    """The hash of each text as it lies there now, not the one that was noted when it was sealed."""
    found = _records(decisions)
    current = {pk: hash_of(row) if row.state == "sealed" else None for pk, row in found.items()}
    return {decision.pk: current.get(decision.subject_id) for decision in decisions}


def _judge_anew(decision: Decision, actor: Actor) -> None:
    """A check may rest on the signature, so what it is about is judged anew."""
    record = _record(decision)
    if record is not None:
        tell(actor, kind_of(record.kind), [record.system_id])


def _context(decision: Decision, actor: Actor) -> Mapping[str, Any]:
    """The text, and how it differs from the version before."""
    record = _record(decision)
    if record is None:
        return {}
    earlier = Record.objects.filter(system=record.system, kind=record.kind, key=record.key, version__lt=record.version)
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


SIGNOFF = DecisionKind(
    id=KIND,
    title="Signing off a document",
    current_hash=lambda decision: _hashes([decision])[decision.pk],
    hashes=_hashes,
    apply=_judge_anew,
    template="decisions/_record_evidence.html",
    context=_context,
    allow_lone=True,
    standing=True,
)
