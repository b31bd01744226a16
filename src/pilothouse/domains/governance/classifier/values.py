"""What the classifier answers: frozen values that become JSON. Same facts and same rules, same bytes."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

from pilothouse.contracts.canonical import canonical

State = Literal["holds", "open", "does_not_hold"]
FORMAT = "pilothouse.classification/1"
DISCLAIMER = (
    "An aid to judgement, not legal advice: rules in our own words, dated and with the confidence of each line. "
    "A person answers for the classification."
)


class Value(msgspec.Struct, frozen=True):
    pass


class Cited(Value, frozen=True):
    """A passage, with what is to be known of it."""

    cite: str
    note: str


class Because(Value, frozen=True):
    """A fact with its answer, in words."""

    fact: str
    short: str
    answer: str


class Change(Value, frozen=True):
    """If this fact were answered so (any of `answers`), the axis would come out so."""

    fact: str
    short: str
    answers: tuple[str, ...]
    classes: tuple[str, ...]
    title: str
    provisional: bool


class Found(Value, frozen=True):
    """A conclusion with its state. `because` holds the facts that decide; `open` those that would."""

    id: str
    axis: str
    class_: str = msgspec.field(name="class")
    state: State
    title: str
    says: str
    citations: tuple[Cited, ...]
    applies_from: date | None
    in_force: bool | None
    confidence: str
    because: tuple[Because, ...]
    open: tuple[str, ...]


class AxisFound(Value, frozen=True):
    """An axis. Of an ordered one `classes` holds the strictest class that holds or is open; of a set all that do.

    `provisional`: it rests on something open. `settled`: what holds whatever the open facts turn out to be.
    """

    id: str
    rule_set: str
    title: str
    kind: str
    classes: tuple[str, ...]
    class_title: str
    says: str
    risk_class: str
    provisional: bool
    settled: tuple[str, ...]
    conclusions: tuple[str, ...]
    open: tuple[str, ...]
    would_settle: tuple[Change, ...]
    would_change: tuple[Change, ...]


class RoleFound(Value, frozen=True):
    id: str
    title: str
    state: State


class DutyFound(Value, frozen=True):
    """What is asked of whom from when. `begins` is null when it begins with an event, which `begins_note` tells."""

    id: str
    rule_set: str
    regime: str
    state: State
    says: str
    roles: tuple[RoleFound, ...]
    citations: tuple[Cited, ...]
    confidence: str
    begins: date | None
    begins_citation: str
    begins_confidence: str
    begins_note: str
    in_force: bool | None
    evidence: tuple[str, ...]


class NoteFound(Value, frozen=True):
    id: str
    rule_set: str
    state: State
    says: str
    citations: tuple[Cited, ...]
    confidence: str


class RulesUsed(Value, frozen=True):
    """Which edition of which law spoke, with what is uncertain about it."""

    id: str
    regime: str
    title: str
    version: str
    as_of: date
    hash: str
    sources: tuple[str, ...]
    uncertainties: tuple[str, ...]


class Classification(Value, frozen=True):
    """The whole answer about one system. `risk_class` is the strictest of all laws; `on` dates duties only."""

    format: str
    risk_class: str
    provisional: bool
    on: date | None
    axes: tuple[AxisFound, ...]
    conclusions: tuple[Found, ...]
    duties: tuple[DutyFound, ...]
    notes: tuple[NoteFound, ...]
    open_facts: tuple[str, ...]
    facts: dict[str, Any]
    facts_hash: str
    questions_hash: str
    rule_sets: tuple[RulesUsed, ...]
    confidences: dict[str, str]
    disclaimer: str

    def axis(self, name: str) -> AxisFound:
        return next(axis for axis in self.axes if axis.id == name)

    def data(self) -> dict[str, Any]:
        """In JSON's own types."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        return data

    def json(self) -> bytes:
        """Canonical JSON."""
        return canonical(self.data())
