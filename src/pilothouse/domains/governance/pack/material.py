"""Everything about one system as of a moment, as frozen values: what a pack is written from. Pure.

Whoever writes a file of a pack (a PDF, a bill of materials, a model card) reads a `Material` and nothing else: no
table, no clock, no settings. So the same moment gives the same bytes. Ids are texts; times are aware; money is Decimal.
What was changed after the moment is told as it stood then, as far as the ledger and the rows' own times can say it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

DATES = ("review_by", "valid_until", "next_test", "expires_on")
"""The fields of a document's body that say until when it holds."""


@dataclass(frozen=True, slots=True)
class House:
    """The organisation whose system it is."""

    id: str
    slug: str
    name: str
    time_zone: str
    currency: str


@dataclass(frozen=True, slots=True)
class Part:
    """A component that the system is made of, or another system that it stands in a relation to (`kind` system)."""

    relation: str
    kind: str
    id: str
    name: str
    version: str = ""
    supplier: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Practice:
    """What somebody said of one practice. A claim: the lowest grade of evidence."""

    key: str
    status: str
    words: str
    source: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Measure:
    """How well it works: stated or measured, with its population, day and source."""

    basis: str
    metric: str
    value: Any
    unit: str
    population: str
    measured_on: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The system itself. `facts` are the fields that people edit, under their names in the register."""

    id: str
    number: int
    name: str
    stage: str
    stage_since: datetime | None
    inherited_at: datetime | None
    created_at: datetime
    tier: str
    control_point: str
    unit: str
    owner: str
    deputy: str
    facts: Mapping[str, Any]
    external_ids: tuple[tuple[str, str], ...] = ()
    dates: tuple[tuple[str, str, str], ...] = ()
    practices: tuple[Practice, ...] = ()
    performance: tuple[Measure, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def ref(self) -> str:
        """Its name for people: S-42."""
        return f"S-{self.number}"


@dataclass(frozen=True, slots=True)
class Document:
    """One sealed version of a document. `state` is sealed, superseded or withdrawn, as of the moment.

    `body` is None of a confidential kind: then only the hash is told. `of_system` is False of the organisation's own.
    `choices` are the words that its kind lets one choose from, as against words that somebody wrote.
    """

    id: str
    kind: str
    title: str
    domain: str
    key: str
    version: int
    state: str
    hash: str
    body: Mapping[str, Any] | None
    sealed_at: datetime
    sealed_by: str
    of_system: bool = True
    intact: bool = True
    choices: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """What to call it in a list."""
        named = f" “{self.key}”" if self.key else ""
        return f"{self.title}{named}, version {self.version}"

    @property
    def holds_until(self) -> date | None:
        """The last day on which it holds by its own words, the earliest if there are several; None if it names none."""
        days = [date.fromisoformat(str(self.body[name])[:10]) for name in DATES if self.body and self.body.get(name)]
        return min(days, default=None)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence. `path` is where its file lies on this machine, empty of links and figures."""

    id: str
    kind: str
    title: str
    supports: tuple[str, ...]
    sha256: str
    filename: str
    media_type: str
    size: int
    url: str
    figure: Mapping[str, Any]
    effective_on: date
    expires_on: date | None
    added_at: datetime
    added_by: str
    standing: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A check said one thing from `from_at` until `to_at` (None: it still did at the moment)."""

    check: str
    status: str
    grade: str
    reason: str
    refs: tuple[tuple[str, str, str], ...]
    from_at: datetime
    to_at: datetime | None


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature under a decision."""

    person: str
    acting_for: str
    role: str
    verdict: str
    reason: str
    content_hash: str
    lone: bool
    via: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Ruling:
    """What named people were asked about the system and how they decided; `state` as of the moment."""

    id: str
    kind: str
    title: str
    subject_type: str
    subject_id: str
    subject_hash: str
    content_hash: str
    requested_by: str
    requested_at: datetime
    high_risk: bool
    state: str
    outcome: str
    because: str
    closed_at: datetime | None
    marks: tuple[str, ...]
    signatures: tuple[Signed, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something of a kind (passage, restriction, gap, waiver, break_glass, incident, manifest) with its own `facts`.

    `until` is when it ended, None while it went on at the moment.
    """

    kind: str
    id: str
    title: str
    at: datetime
    until: datetime | None
    state: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the gateway for this system, without the key."""

    id: str
    name: str
    prefix: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Policy:
    """The system's rules in the signed snapshot that was in force; empty before the first."""

    revision: int = 0
    digest: str = ""
    made_at: datetime | None = None
    rules: Mapping[str, Any] = field(default_factory=dict)
    keys: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What the gateway and other sources saw, in sums. `cost` is in millionths of the currency; days without a call are
    missing. Empty where nothing was seen, which is not the same as no use."""

    since: datetime
    until: datetime
    days: tuple[tuple[date, Mapping[str, int]], ...] = ()
    totals: Mapping[str, int] = field(default_factory=dict)
    models: tuple[Mapping[str, Any], ...] = ()
    refusals: tuple[Mapping[str, Any], ...] = ()
    findings: tuple[Mapping[str, Any], ...] = ()
    sources: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the ledger about the system, in words. `who` is empty once its content is erased."""

    seq: int
    at: datetime
    action: str
    title: str
    who: str
    via: str
    changes: tuple[tuple[str, str, str], ...]
    note: str


@dataclass(frozen=True, slots=True)
class History:
    """The log up to the moment: how long it was, and what of it is about the system. All entries are in the pack's own
    files; here are the newest and, of every action, how many. `witness` took the last checkpoint that one did take."""

    origin: str
    size: int
    of_system: int
    by_action: tuple[tuple[str, int], ...]
    newest: tuple[Told, ...] = ()
    accesses: tuple[Told, ...] = ()
    keys: tuple[str, ...] = ()
    witness: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """Everything about one system as of `as_of`. `profile` is full or redacted."""

    as_of: datetime
    house: House
    system: Subject
    documents: tuple[Document, ...]
    evidence: tuple[Piece, ...]
    findings: tuple[Said, ...]
    rulings: tuple[Ruling, ...]
    events: tuple[Event, ...]
    policy: Policy
    usage: Usage
    history: History
    checks: Mapping[str, str] = field(default_factory=dict)
    profile: str = "full"

    @property
    def day(self) -> date:
        """The day of the moment, in UTC: what dates are compared with."""
        return self.as_of.date()

    def holding(self, kind: str) -> tuple[Document, ...]:
        """The documents or entries of a kind that held at the moment, in the order of their keys."""
        return tuple(one for one in self.documents if one.kind == kind and one.state == "sealed")

    def document(self, kind: str) -> Document | None:
        """The one that held, of a kind that is no register."""
        return next(iter(self.holding(kind)), None)

    def versions(self, kind: str) -> tuple[Document, ...]:
        """Every sealed version of a kind, the newest first."""
        found = [one for one in self.documents if one.kind == kind]
        return tuple(sorted(found, key=lambda one: (one.key, -one.version)))

    def said(self, check: str) -> Said | None:
        """What a check said at the moment; None where it said nothing or did not apply."""
        return next((one for one in self.findings if one.check == check and one.to_at is None), None)

    def supporting(self, check: str) -> tuple[Piece, ...]:
        """Evidence that supports a check, whatever its standing."""
        return tuple(one for one in self.evidence if check in one.supports)

    def events_of(self, kind: str) -> tuple[Event, ...]:
        """What happened of one kind, the newest first."""
        return tuple(one for one in self.events if one.kind == kind)
