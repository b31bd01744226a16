"""A decision as its page, the API and the CLI show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person
from pilothouse.kernel.decisions.kinds import Option, kinds
from pilothouse.kernel.decisions.models import Decision, Signature
from pilothouse.kernel.decisions.rules import Chair
from pilothouse.kernel.decisions.selectors import able, chair_of, signatures_of, signer_of
from pilothouse.web.checks.words import role_titles

MARKS = {
    "lone": "Decided alone, waits for a countersignature",
    "countersigned": "Countersigned from outside",
    "objected": "The outside reviewer objects",
    "break_glass": "Break-glass",
}
TONES = {"lone": "warn", "countersigned": "good", "objected": "bad", "break_glass": "warn"}
STATE_TONES = {
    "open": "info",
    "approved": "good",
    "refused": "bad",
    "withdrawn": "muted",
    "expired": "warn",
    "superseded": "muted",
}


@dataclass(frozen=True, slots=True)
class Group:
    """One signature that is asked: of which roles, who could give it, who has."""

    number: int
    roles: list[tuple[str, bool]]
    people: list[Person]
    signature: Signature | None


@dataclass(frozen=True, slots=True)
class Standing:
    """May the reader sign now, and if not, why not."""

    chair: Chair | None
    why_not: str
    roles: list[tuple[str, str]]


def groups_of(decision: Decision) -> list[Group]:
    """Every group with its roles; roles that silence reached are marked so."""
    titles = role_titles(decision.organisation_id)
    signed = {row.group: row for row in decision.signatures.select_related("person", "acting_for")}
    found: dict[int, list[Any]] = {}
    for seat in decision.seats.all():
        found.setdefault(seat.group, []).append(seat)
    return [
        Group(
            number,
            [(titles.get(seat.role, seat.role), seat.by_escalation) for seat in seats],
            [] if number in signed else able(decision, [seat.role for seat in seats]),
            signed.get(number),
        )
        for number, seats in sorted(found.items())
    ]


def standing_of(actor: Actor, decision: Decision, moment: datetime) -> Standing:
    """What the reader may do here."""
    try:
        actor.require("decision.decide", decision)
        chair = chair_of(actor, decision, moment)
    except PilothouseError as error:
        return Standing(None, error.detail, [])
    titles = role_titles(decision.organisation_id)
    signed = set(decision.signatures.values_list("group", flat=True))
    held = signer_of(actor, decision).roles
    keys = {s.role for s in decision.seats.all() if s.group not in signed and held.get(s.role)}
    return Standing(chair, "", [(key, titles.get(key, key)) for key in sorted(keys)])


def options_of(decision: Decision) -> list[Option]:
    """The verdicts that may be given, with what each does."""
    kind = kinds[decision.kind]
    return [kind.option(option_id) for option_id in decision.options]


def marks_of(decision: Decision) -> list[tuple[str, str]]:
    """What must be said beside it: (words, tone)."""
    marks = decision.marks
    if "countersigned" in marks:
        marks = [mark for mark in marks if mark != "lone"]
    return [(MARKS.get(mark, mark), TONES.get(mark, "muted")) for mark in marks]


def as_data(decision: Decision, *, whole: bool = False) -> dict[str, Any]:
    """The decision for programs; `whole` adds groups, signatures and what is asked."""
    data: dict[str, Any] = {
        "id": str(decision.pk),
        "kind": decision.kind,
        "title": decision.title,
        "summary": decision.summary,
        "system": decision.system.ref if decision.system else None,
        "state": decision.state,
        "outcome": decision.outcome,
        "because": decision.because,
        "requested_by": decision.requested_name,
        "requested_at": decision.requested_at,
        "deadline": decision.deadline,
        "expires_at": decision.expires_at,
        "closed_at": decision.closed_at,
        "content_hash": decision.content_hash,
        "subject_hash": decision.subject_hash,
        "high_risk": decision.high_risk,
        "marks": decision.marks,
        "options": decision.options,
    }
    if whole:
        data["payload"] = decision.payload
        data["groups"] = [sorted({s.role for s in decision.seats.all() if s.group == n}) for n in _numbers(decision)]
        data["signatures"] = [
            {
                "group": view.signature.group,
                "person": view.signature.person.name,
                "acting_for": view.signature.acting_for.name if view.signature.acting_for else None,
                "role": view.signature.role,
                "verdict": view.signature.verdict,
                "reason": view.signature.reason,
                "content_hash": view.signature.content_hash,
                "signed_at": view.signature.signed_at,
                "lone": view.signature.lone,
                "void": view.void,
            }
            for view in signatures_of(decision)
        ]
    return data


def _numbers(decision: Decision) -> list[int]:
    return sorted({seat.group for seat in decision.seats.all()})
