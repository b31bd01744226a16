"""The law of clocks as data: which notices there are, read strictly. An edition of one's own is read the same way.

Nothing is guessed: an unknown field, a question that nobody asks, a limit that is none are refused, with where they
stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec
import yaml

from pilothouse.contracts.errors import Invalid

MOST_LETTERS = 200_000
Confidence = Literal["text", "secondary", "background", "policy", "inference"]
Moment = Literal[
    "occurred_at",
    "aware_at",
    "causal_link_suspected_at",
    "causal_link_established_at",
    "classified_at",
    "corrective_at",
    "resolved_at",
]
PERIODS = ("eu_1182", "us_business", "plain")
Condition = str | dict[str, Any]
_LIMIT = re.compile(r"(\d{1,4}) (hours|days|working_days|months)")


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Takes no field that it does not know."""


class Limit(msgspec.Struct, frozen=True):
    """How long a period is. `at_once` has no number: “immediately”, “without undue delay”."""

    unit: Literal["at_once", "hours", "days", "working_days", "months"]
    amount: int = 0

    @property
    def words(self) -> str:
        """As people say it: “15 days”, “at once”."""
        if self.unit == "at_once":
            return "at once"
        one = self.amount == 1
        return f"{self.amount} {self.unit.replace('_', ' ').rstrip('s') if one else self.unit.replace('_', ' ')}"


class Cap(_Strict, frozen=True):
    """A second limit, counted from another moment: the earlier one holds."""

    from_: Moment = msgspec.field(name="from")
    limit: str


class Step(_Strict, frozen=True):
    """One notice of a row. `after` names the step from whose sending the outer limit is counted once it was sent;
    `at_once_from` are moments from which it is due at once, within the limit."""

    id: str
    title: str
    from_: Moment = msgspec.field(name="from")
    limit: str
    after: str = ""
    at_once_from: tuple[Moment, ...] = ()
    no_later_than: Cap | None = None


class Instead(_Strict, frozen=True):
    """Another addressee where a fact says so."""

    when: str
    to: str
    cite: str
    confidence: Confidence


class Row(_Strict, frozen=True):
    """One duty to notify: who tells whom what by when, under which law, and how sure we are of it."""

    id: str
    regime: str
    title: str
    cite: str
    who: str
    to: str
    place: Literal["member_state", "eu", "us"]
    period: str
    when: Condition
    steps: tuple[Step, ...]
    confidence: Confidence
    to_instead: Instead | None = None
    applies_from: date | None = None
    applies_until: date | None = None
    warning: str = ""


class Also(_Strict, frozen=True):
    """What the law asks besides notices."""

    cite: str
    when: Condition
    confidence: Confidence
    says: str


class Question(_Strict, frozen=True):
    """A fact that rows ask about, answered yes, no or unknown."""

    id: str
    group: Literal["capacity", "limb", "trigger"]
    title: str
    help: str


class Regime(_Strict, frozen=True):
    """A law, by its name."""

    title: str


class Period(_Strict, frozen=True):
    """How a law counts time, in words. The counting itself is in rules/periods.py."""

    title: str
    confidence: Confidence
    says: str


class Law(_Strict, frozen=True):
    """One edition of the law of clocks."""

    edition: str
    as_of: date
    notice: str
    periods: dict[str, Period]
    regimes: dict[str, Regime]
    questions: tuple[Question, ...]
    rows: tuple[Row, ...]
    also: tuple[Also, ...] = ()

    def row(self, row_id: str) -> Row | None:
        """The row of this id, if this edition has it."""
        return next((row for row in self.rows if row.id == row_id), None)


def limit_of(text: str) -> Limit:
    """A limit as it is written: “15 days”, “72 hours”, “4 working_days”, “1 months”, “at once”. Raises ValueError."""
    if text == "at once":
        return Limit("at_once")
    found = _LIMIT.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise ValueError(f"“{text}” is no limit; write it like 15 days, 72 hours, 4 working_days or at once")
    return Limit(found[2], int(found[1]))  # type: ignore[arg-type]


@cache
def shipped_text() -> str:
    """The edition that comes with the product, as it is written."""
    return files(__package__).joinpath("law", "clocks.yaml").read_text(encoding="utf-8")


@cache
def shipped() -> Law:
    """The edition that comes with the product."""
    return read_law(shipped_text())


@cache
def read_law(text: str) -> Law:
    """Read an edition. Raises Invalid, saying what is wrong and where."""
    try:
        if len(text) > MOST_LETTERS:
            raise ValueError(f"it is longer than {MOST_LETTERS:,} letters")
        # An alias may stand for a page that stands for pages: a small file that fills the memory.
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
            raise ValueError("aliases (*name) are not read; write it out")
        law = msgspec.convert(yaml.safe_load(text), Law)
        for fault in _faults(law):
            raise ValueError(fault)
    except (yaml.YAMLError, msgspec.ValidationError, ValueError, RecursionError) as error:
        told = " ".join(str(error).split())[:300] or "it is nested too deeply"
        raise Invalid("This edition cannot be read.", fields={"text": told}) from None
    return law


def named_in(condition: Condition) -> Iterator[str]:
    """The questions that a condition asks. Raises ValueError for what is no condition."""
    if isinstance(condition, str):
        yield condition
        return
    if not isinstance(condition, Mapping) or len(condition) != 1:
        raise ValueError(f"“{condition}” is no condition; write a question's id, or all, any, not, unless")
    key, inner = next(iter(condition.items()))
    if key in ("not", "unless"):
        yield from named_in(inner)
    elif key in ("all", "any") and isinstance(inner, list) and inner:
        for one in inner:
            yield from named_in(one)
    else:
        raise ValueError(f"“{key}” is no condition; write all or any with a list, or not, or unless")


def _faults(law: Law) -> Iterator[str]:
    known = {question.id for question in law.questions}
    for name, ids in (("questions", [q.id for q in law.questions]), ("rows", [row.id for row in law.rows])):
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            yield f"{name}: {twice[0]} stands there twice"
    for row in law.rows:
        yield from (f"row {row.id}: {fault}" for fault in _row_faults(law, row, known))
    for also in law.also:
        for name in set(named_in(also.when)) - known:
            yield f"also, {also.cite}: no question is called {name}"


def _row_faults(law: Law, row: Row, known: set[str]) -> Iterator[str]:
    if row.regime not in law.regimes:
        yield f"no regime is called {row.regime}"
    if row.period not in PERIODS or row.period not in law.periods:
        yield f"no way to count is called {row.period}"
    asked = {*named_in(row.when), *([row.to_instead.when] if row.to_instead else [])}
    for name in sorted(asked - known):
        yield f"no question is called {name}"
    if not row.steps:
        yield "it has no step"
    if row.applies_from and row.applies_until and row.applies_until < row.applies_from:
        yield "it would end before it begins"
    before: set[str] = set()
    for step in row.steps:
        if step.id in before:
            yield f"step {step.id} stands there twice"
        if step.after and step.after not in before:
            yield f"step {step.id} comes after {step.after}, which does not stand before it"
        limit_of(step.limit)
        if step.no_later_than:
            limit_of(step.no_later_than.limit)
        before.add(step.id)
