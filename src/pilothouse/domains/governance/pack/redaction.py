"""The profile for third parties: personal data and trade secrets out, by rule. Pure.

What stays of a document are its days, its yes and no, and its choices from a list; words and figures go, since anything
may stand in them. People become “Person 1”, in the order in which they are met. What was removed is listed in the pack,
and a salted hash of the whole file stays in its place: it shows that the same file is in the full pack, and nothing
can be guessed from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from pilothouse.domains.governance.pack.material import (
    Document,
    Event,
    Material,
    Part,
    Piece,
    Ruling,
    Said,
    Subject,
    Told,
    Usage,
)
from pilothouse.domains.governance.pack.sections import Judged, JudgedSection, Source

REMOVED = "removed"
KEPT_FACTS = frozenset({"impact", "sourcing", "personal_data", "intake"})
KEPT_EVENT = frozenset({"from", "to", "version", "hash", "due_at", "tier", "check", "ends_at", "approved_at", "kind"})
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")


class _Names:
    """People's names become numbers, the same person the same number."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        return self._known.setdefault(name, f"Person {len(self._known) + 1}") if name else ""


def redacted(material: Material) -> Material:
    """The material without personal data and trade secrets."""
    names = _Names()
    return replace(
        material,
        profile="redacted",
        system=_system(material.system, names),
        documents=tuple(_document(one, names) for one in material.documents),
        evidence=tuple(_piece(one, names) for one in material.evidence),
        findings=tuple(_said(one) for one in material.findings),
        rulings=tuple(_ruling(one, names) for one in material.rulings),
        events=tuple(_event(one) for one in material.events),
        policy=replace(material.policy, rules={}, keys=()),
        usage=Usage(material.usage.since, material.usage.until, totals=_calls(material.usage)),
        history=replace(
            material.history,
            newest=tuple(_told(one, names) for one in material.history.newest),
            accesses=tuple(_told(one, names) for one in material.history.accesses),
            witness="",
        ),
    )


def redacted_sections(sections: tuple[JudgedSection, ...]) -> tuple[JudgedSection, ...]:
    """How the items came out, without the words that sources were called by."""
    return tuple(JudgedSection(one.section, tuple(_judged(item) for item in one.items)) for one in sections)


def kept(value: Any, choices: frozenset[str]) -> Any:
    """What may stay of a value: days, yes and no, choices from a list, and the shape that holds them."""
    if isinstance(value, Mapping):
        return {key: kept(item, choices) for key, item in value.items() if _FIELD.match(str(key))}
    if isinstance(value, list | tuple):
        return [kept(item, choices) for item in value]
    if value is None or isinstance(value, bool):
        return value
    return value if isinstance(value, str) and (value in choices or _is_day(value)) else REMOVED


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _system(one: Subject, names: _Names) -> Subject:
    facts = {name: value if name in KEPT_FACTS else REMOVED for name, value in one.facts.items() if value}
    return replace(
        one,
        owner=names(one.owner),
        deputy=names(one.deputy),
        unit=REMOVED if one.unit else "",
        facts=facts,
        external_ids=(),
        dates=tuple((kind, day, "") for kind, day, _ in one.dates),
        practices=tuple(replace(each, words="", source=REMOVED) for each in one.practices),
        performance=(),
        parts=tuple(Part(part.relation, part.kind, part.id, REMOVED) for part in one.parts),
    )


def _document(one: Document, names: _Names) -> Document:
    """The key of a register's entry is a name somebody gave: it goes, and its number among its kind's stays its id."""
    body = kept(one.body, one.choices) if one.body is not None else None
    return replace(
        one, choices=frozenset(), key=REMOVED if one.key else "", body=body, hash="", sealed_by=names(one.sealed_by)
    )


def _piece(one: Piece, names: _Names) -> Piece:
    return replace(
        one,
        title=REMOVED,
        sha256="",
        filename="",
        size=0,
        url="",
        figure={},
        added_by=names(one.added_by),
        path="",
    )


def _calls(usage: Usage) -> dict[str, int]:
    """How many calls, and not what they cost."""
    return {"calls": usage.totals["calls"]} if "calls" in usage.totals else {}


def _said(one: Said) -> Said:
    return replace(one, reason="", refs=tuple((kind, row, "") for kind, row, _ in one.refs))


def _ruling(one: Ruling, names: _Names) -> Ruling:
    signatures = tuple(
        replace(each, person=names(each.person), acting_for=names(each.acting_for), reason="")
        for each in one.signatures
    )
    return replace(
        one, title="", requested_by=names(one.requested_by), because="", subject_hash="", signatures=signatures
    )


def _event(one: Event) -> Event:
    facts = {name: value for name, value in one.facts.items() if name in KEPT_EVENT}
    return replace(one, title="", facts={name: value for name, value in facts.items() if name != "hash"})


def _told(one: Told, names: _Names) -> Told:
    return replace(one, who=names(one.who), changes=tuple((field, "", "") for field, _, _ in one.changes), note="")


def _judged(one: Judged) -> Judged:
    because = one.because if not one.sources and one.state == "not_applicable" else ""
    return replace(one, owner="", because=because, sources=tuple(_source(source) for source in one.sources))


def _source(one: Source) -> Source:
    return replace(one, label="", because="", digest="")
