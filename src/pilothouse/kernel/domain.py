"""What a domain declares of itself, and the registry that holds the declarations.

A domain's `domain.py` says `DOMAIN = Domain(...)`; the site registers each at start and closes the registry. The kernel
and the pages read from it, so neither knows a domain by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class Status(StrEnum):
    """How a check judges a system. `unknown` is a finding of its own, never a pass."""

    MET = "met"
    NOT_MET = "not_met"
    IN_PROGRESS = "in_progress"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    WAIVED = "waived"


class Grade(StrEnum):
    """How good the evidence is, worst first: somebody said so, a document, a sealed record, a measurement."""

    NONE = "none"
    ATTESTED = "attested"
    DOCUMENTED = "documented"
    SEALED = "sealed"
    MEASURED = "measured"

    @property
    def rank(self) -> int:
        return _GRADE_RANK[self]


_GRADE_RANK: dict[str, int] = {grade: rank for rank, grade in enumerate(Grade)}


@dataclass(frozen=True, slots=True)
class Ref:
    """A row that a judgement read: its type's label (inventory.practice), its id, and what to call it."""

    type: str
    id: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says of one system, in one sentence, with the rows that it read."""

    status: Status
    reason: str
    grade: Grade = Grade.NONE
    refs: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """What every check may know of a system without a query of its own."""

    id: UUID
    number: int
    name: str
    stage: str
    tier: str
    impact: str
    personal_data: str
    sourcing: str
    technique: str
    vendor: str
    purpose: str
    outcome: str
    outcome_metric: str
    owner_id: UUID | None
    owner_left: bool
    deputy_id: UUID | None
    unit_id: UUID | None
    affects: str
    intake: Mapping[str, str]
    inherited: bool
    outputs: str = ""
    owner_name: str = ""


Facts = Mapping[UUID, Any]
Loader = Callable[[UUID, Sequence[UUID] | None], Facts]
"""`loader(organisation_id, system_ids or None for all) -> {system id: facts}`, in a constant number of queries.

The engine calls each distinct loader once a run, however many checks share it.
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One judgement over facts. `judge(system, loaded, now)` is pure; `loaded` holds what `load` found for the system:
    None if nothing, and a tuple in the order of the loaders where `load` is several.

    `remedy` is a URL path relative to the system's page (such as `edit/#owner`) where a person mends it; `effort` is in
    person-days, for ranking gaps by risk × effort. Where the remedy leads to several places in turn, `writes` is the
    kind of document that is written first.
    """

    id: str
    version: int
    title: str
    domain: str
    question: str
    judge: Callable[[SystemFacts, Any, datetime], Finding]
    remedy: str
    remedy_label: str
    load: Loader | tuple[Loader, ...] | None = None
    applies: Callable[[SystemFacts], bool] = lambda system: True
    protects: str = "caio"
    effort: float = 0.5
    writes: str = ""

    @property
    def loaders(self) -> tuple[Loader, ...]:
        """Its loaders, however many."""
        return self.load if isinstance(self.load, tuple) else (self.load,) if self.load else ()


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A document that a domain keeps about systems (or about the organisation, with `of_system=False`).

    `schema` is a pydantic model; its fields' titles and descriptions make the form, the API and the CLI.

    With `many` it is a register: any number of entries, told apart by the field `key` (such as a model's name), or
    numbered where nothing tells them apart. Each entry is a document with versions of its own. `plural` names the
    register; `view` and `write` are the permissions to read and write it. What is kept about the organisation and read
    by a check says `judges`, so that all systems are judged anew when it changes. `signers` are the roles that sign the
    sealed version off, each group by a different person: its page offers to ask them. Where nobody in the organisation
    holds a role of a group, one of the `stand_ins` signs in its place. What `reopens` is looked at again after a
    material change of the system: its checks wait for a new version, or for somebody to say that this one still holds.
    """

    id: str
    title: str
    schema: type[BaseModel]
    why: str
    of_system: bool = True
    many: bool = False
    key: str = ""
    plural: str = ""
    view: str = "system.view"
    write: str = "record.write"
    judges: bool = False
    signers: tuple[tuple[str, ...], ...] = ()
    stand_ins: tuple[str, ...] = ()
    reopens: bool = False

    @property
    def heading(self) -> str:
        """What a list of them is called."""
        return self.plural or f"{self.title}s"


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A figure as it stood on a day. `value` is None while nobody could say."""

    day: date
    value: float | None
    numerator: float = 0
    denominator: float = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it is counted from. `value` is None when nothing is known: that is not zero.

    `unit` is `%` or a word such as hours. `rows` is a path below /o/<slug>/ that opens exactly what was counted, with
    its query string. `because` says in one sentence what was counted.
    """

    value: float | None
    unit: str
    numerator: float
    denominator: float
    unknown: int
    rows: str
    trend: tuple[TrendPoint, ...] = ()
    because: str = ""


@dataclass(frozen=True, slots=True)
class ShareMet:
    """A domain's answer from findings: of the systems at `stages` (and of `tiers`, if given) which the checks concern,
    how many meet all of them. What nobody answered is unknown and stays in the denominator."""

    checks: tuple[str, ...]
    stages: tuple[str, ...] = ("pilot", "production")
    tiers: tuple[str, ...] = ()


Answering = ShareMet | Callable[[Any, datetime], Figure]
"""How a domain answers its question: by findings, or by `answer(actor, now)` over rows of its own."""


@dataclass(frozen=True, slots=True)
class Domain:
    """One of the ten domains: what it brings to the house. `question` is the live one that `answer` answers."""

    id: str
    title: str
    question: str
    checks: tuple[Check, ...] = ()
    records: tuple[RecordKind, ...] = ()
    urls: str = ""
    order: int = 0
    answer: Answering | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)


class Registry:
    """Domains, checks and record kinds by id. It accepts no new key once closed."""

    def __init__(self) -> None:
        self.domains: dict[str, Domain] = {}
        self.checks: dict[str, Check] = {}
        self.records: dict[str, RecordKind] = {}
        self._closed = False

    def register(self, domain: Domain) -> None:
        if self._closed:
            raise RuntimeError("the registry is closed once the site has started")
        _add(self.domains, domain.id, domain)
        for check in domain.checks:
            if check.domain != domain.id:
                raise ValueError(f"check {check.id} says domain {check.domain}, but {domain.id} declares it")
            _add(self.checks, check.id, check)
        for kind in domain.records:
            _add(self.records, kind.id, kind)

    def close(self) -> None:
        self._closed = True


def _add(shelf: dict[str, Any], key: str, value: Any) -> None:
    if key in shelf:
        raise ValueError(f"{key} is registered twice")
    shelf[key] = value


registry = Registry()
