"""What checks said, what people decided, and what happened to the system, as of the moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pilothouse.domains.governance.pack.material import Event, Ruling, Said, Signed
from pilothouse.kernel.checks.models import FindingRow
from pilothouse.kernel.decisions.models import Decision, Signature
from pilothouse.kernel.gates.models import BreakGlass, Gap, Incident, Manifest, Passage, Restriction, Waiver
from pilothouse.kernel.inventory.models import System


def findings(system: System, as_of: datetime) -> tuple[Said, ...]:
    """Everything that checks ever said of the system until the moment, by check and time."""
    rows = FindingRow.objects.filter(system=system, from_at__lte=as_of).order_by("check_id", "from_at", "pk")
    return tuple(
        Said(
            check=row.check_id,
            status=row.status,
            grade=row.grade,
            reason=row.reason,
            refs=tuple((ref[0], ref[1], ref[2] if len(ref) > 2 else "") for ref in row.refs),
            from_at=row.from_at,
            to_at=_by(row.to_at, as_of),
        )
        for row in rows
    )


def rulings(system: System, as_of: datetime) -> tuple[Ruling, ...]:
    """What was asked of named people, with the signatures given until the moment."""
    signed: dict[Any, list[Signed]] = {}
    rows = Signature.objects.filter(decision__system=system, signed_at__lte=as_of)
    for one in rows.select_related("person", "acting_for").order_by("signed_at", "pk"):
        signed.setdefault(one.decision_id, []).append(
            Signed(
                person=one.person.name,
                acting_for=one.acting_for.name if one.acting_for else "",
                role=one.role,
                verdict=one.verdict,
                reason=one.reason,
                content_hash=one.content_hash,
                lone=one.lone,
                via=one.via,
                signed_at=one.signed_at,
            )
        )
    asked = Decision.objects.filter(system=system, requested_at__lte=as_of).order_by("requested_at", "pk")
    return tuple(_ruling(row, tuple(signed.get(row.pk, ())), as_of) for row in asked)


def events(system: System, as_of: datetime) -> tuple[Event, ...]:
    """Passages, restrictions, gaps, waivers, break-glass, incidents and manifests, the newest first."""
    found = [event for read in _READERS for event in read(system, as_of)]
    return tuple(sorted(found, key=lambda one: (one.at, one.kind, one.id), reverse=True))


def _by(moment: datetime | None, as_of: datetime) -> datetime | None:
    """A time if it had come; None if it had not."""
    return moment if moment is not None and moment <= as_of else None


def _ruling(row: Decision, signatures: tuple[Signed, ...], as_of: datetime) -> Ruling:
    closed = _by(row.closed_at, as_of)
    return Ruling(
        id=str(row.pk),
        kind=row.kind,
        title=row.title,
        subject_type=row.subject_type,
        subject_id=str(row.subject_id),
        subject_hash=row.subject_hash,
        content_hash=row.content_hash,
        requested_by=row.requested_name,
        requested_at=row.requested_at,
        high_risk=row.high_risk,
        state=row.state if closed else "open",
        outcome=row.outcome if closed else "",
        because=row.because if closed else "",
        closed_at=closed,
        marks=tuple(sorted(row.marks)) if closed else (),
        signatures=signatures,
    )


def _passages(system: System, as_of: datetime) -> Iterator[Event]:
    for row in Passage.objects.filter(system=system, at__lte=as_of).select_related("by"):
        facts = {"from": row.from_stage, "to": row.to_stage, "reason": row.reason, "by": row.by.name if row.by else ""}
        facts["decision"] = str(row.decision_id or "")
        yield Event("passage", str(row.pk), f"{row.from_stage} → {row.to_stage}", row.at, row.at, row.way, facts)


def _restrictions(system: System, as_of: datetime) -> Iterator[Event]:
    for row in Restriction.objects.filter(system=system, since__lte=as_of).select_related("by"):
        until = _by(row.lifted_at, as_of)
        facts = {"reason": row.reason, "conditions": row.conditions, "by": row.by.name if row.by else ""}
        state = "lifted" if until else "in_force"
        yield Event("restriction", str(row.pk), row.get_kind_display(), row.since, until, state, facts)


def _gaps(system: System, as_of: datetime) -> Iterator[Event]:
    for row in Gap.objects.filter(system=system, opened_at__lte=as_of):
        until = _by(row.closed_at, as_of)
        facts = {"check": row.check_id, "due_at": row.due_at, "tier": row.tier}
        yield Event("gap", str(row.pk), row.title, row.opened_at, until, row.state if until else "open", facts)


def _waivers(system: System, as_of: datetime) -> Iterator[Event]:
    for row in Waiver.objects.filter(system=system, asked_at__lte=as_of).select_related("asked_by"):
        until = _by(row.ended_at, as_of)
        live = _by(row.starts_at, as_of) is not None
        state = row.state if until else "live" if live else "refused" if row.state == "refused" else "asked"
        facts = {"check": row.check_id, "reason": row.reason, "compensation": row.compensation, "ends_at": row.ends_at}
        facts["asked_by"] = row.asked_by.name if row.asked_by else ""
        yield Event("waiver", str(row.pk), row.title, row.asked_at, until, state, facts)


def _break_glass(system: System, as_of: datetime) -> Iterator[Event]:
    for row in BreakGlass.objects.filter(system=system, starts_at__lte=as_of).select_related("opened_by"):
        until = _by(row.ended_at, as_of)
        facts = {"reason": row.reason, "opened_by": row.opened_by.name, "ends_at": row.ends_at}
        facts["ratified_at"] = _by(row.ratified_at, as_of)
        state = (row.ended_because or "closed") if until else "in_force"
        yield Event("break_glass", str(row.pk), "Permitted in an emergency", row.starts_at, until, state, facts)


def _incidents(system: System, as_of: datetime) -> Iterator[Event]:
    for row in Incident.objects.filter(system=system, opened_at__lte=as_of):
        until = _by(row.closed_at, as_of)
        facts = {"kind": row.kind, "detail": row.detail, "resolution": row.resolution if until else ""}
        yield Event("incident", str(row.pk), row.title, row.opened_at, until, "closed" if until else "open", facts)


def _manifests(system: System, as_of: datetime) -> Iterator[Event]:
    """`until` is when the next one was approved."""
    rows = list(Manifest.objects.filter(system=system, built_at__lte=as_of).order_by("-version"))
    newer: datetime | None = None
    for row in rows:
        approved = _by(row.approved_at, as_of)
        state = "superseded" if approved and newer else "approved" if approved else "candidate"
        if not approved and row.state == "refused":
            state = "refused"
        facts = {"version": row.version, "hash": row.hash, "body": row.body, "changes": row.changes}
        facts["approved_at"] = approved
        facts["decision"] = str(row.decision_id or "")
        ended = newer if approved else None
        yield Event("manifest", str(row.pk), f"Manifest, version {row.version}", row.built_at, ended, state, facts)
        newer = approved or newer


_READERS = (_passages, _restrictions, _gaps, _waivers, _break_glass, _incidents, _manifests)
