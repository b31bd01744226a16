"""The small language in which law is written: `all`, `any`, `not`, `is`, `before`, and names of terms.

    {all: [in_scope, {is: {areas: employment}}, {not: fraud_only}]}

A bare name is a term of the rule set, or a yes-or-no question that is answered with yes. `is: {fact: value}` asks for
an answer, or for any of a list. Values are three (Kleene): true, false, and None where an unknown fact decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any as Anything

from pilothouse.domains.governance.classifier.rules.facts import Answer

Truth = bool | None


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


@dataclass(frozen=True, slots=True)
class Is:
    """The answer to `fact` is one of `values`; of several answers, one is enough."""

    fact: str
    values: tuple[str, ...] = ("yes",)


@dataclass(frozen=True, slots=True)
class Before:
    """The day given for `fact` lies before `day`."""

    fact: str
    day: date


@dataclass(frozen=True, slots=True)
class Term:
    name: str


Condition = All | Any | Not | Is | Before | Term
ALWAYS = All(())


class Malformed(ValueError):
    """A condition that cannot be read; `args[0]` says what is wrong with it."""


def parse(raw: Anything) -> Condition:
    """A condition from its YAML form. Raises Malformed."""
    if isinstance(raw, str):
        return Term(raw)
    if not isinstance(raw, Mapping) or len(raw) != 1:
        raise Malformed(f"a condition is a name, or one of all, any, not, is, before; not {raw!r}")
    word, inner = next(iter(raw.items()))
    if word in ("all", "any"):
        if not isinstance(inner, list) or not inner:
            raise Malformed(f"“{word}” takes a list of conditions")
        parts = tuple(parse(item) for item in inner)
        return All(parts) if word == "all" else Any(parts)
    if word == "not":
        return Not(parse(inner))
    if word == "is":
        return _is(inner)
    if word == "before":
        if isinstance(inner, Mapping) and len(inner) == 1:
            fact, day = next(iter(inner.items()))
            if isinstance(fact, str) and isinstance(day, date):
                return Before(fact, day)
        raise Malformed("“before” takes a fact and a day, such as {first_placed: 2027-12-02}")
    raise Malformed(f"“{word}” is none of all, any, not, is, before")


def _is(inner: Anything) -> Is:
    if isinstance(inner, str):
        return Is(inner)
    if isinstance(inner, Mapping) and len(inner) == 1:
        fact, values = next(iter(inner.items()))
        listed = values if isinstance(values, list) else [values]
        if isinstance(fact, str) and listed and all(isinstance(value, str) for value in listed):
            return Is(fact, tuple(listed))
        if any(isinstance(value, bool) for value in listed):
            raise Malformed(f"write “yes” and “no” in quotes: {inner!r}")
    raise Malformed(f"“is” takes a fact, or a fact with its answers; not {inner!r}")


def walk(condition: Condition) -> Iterator[Condition]:
    """The condition and all conditions within it."""
    yield condition
    if isinstance(condition, All | Any):
        for part in condition.parts:
            yield from walk(part)
    elif isinstance(condition, Not):
        yield from walk(condition.part)


def resolve(condition: Condition, terms: Iterable[str]) -> Condition:
    """The condition with every name that is no term read as a yes-or-no fact."""
    known = frozenset(terms)

    def _resolve(one: Condition) -> Condition:
        if isinstance(one, Term):
            return one if one.name in known else Is(one.name)
        if isinstance(one, Is) and one.values == ("yes",) and one.fact in known:
            return Term(one.fact)
        if isinstance(one, All):
            return All(tuple(_resolve(part) for part in one.parts))
        if isinstance(one, Any):
            return Any(tuple(_resolve(part) for part in one.parts))
        return Not(_resolve(one.part)) if isinstance(one, Not) else one

    return _resolve(condition)


class Reasoner:
    """One set of answers held against one set of terms. Each term is worked out once."""

    def __init__(self, answer: Callable[[str], Answer], terms: Mapping[str, Condition]) -> None:
        self._answer, self._terms = answer, terms
        self._known: dict[str, Truth] = {}
        self._reads: dict[str, set[str]] = {}
        self._reading: set[str] = set()
        self._decides: dict[str, dict[str, None]] = {}

    def truth(self, condition: Condition) -> Truth:
        """True, False, or None where an unknown fact decides."""
        if isinstance(condition, Term):
            return self._term(condition.name)
        if isinstance(condition, Is):
            self._reading.add(condition.fact)
            return self._answer(condition.fact).among(condition.values)
        if isinstance(condition, Not):
            value = self.truth(condition.part)
            return None if value is None else not value
        if isinstance(condition, Before):
            self._reading.add(condition.fact)
            return self._answer(condition.fact).before(condition.day)
        # `all` ends at the first false, `any` at the first true; an unknown on the way leaves it open.
        ends, open_ = isinstance(condition, Any), False
        for part in condition.parts:
            value = self.truth(part)
            if value is ends:
                return ends
            open_ = open_ or value is None
        return None if open_ else not ends

    def reads(self, condition: Condition) -> frozenset[str]:
        """The facts that were looked at to work the condition out: no other can change it while these stay."""
        outer, self._reading = self._reading, set()
        self.truth(condition)
        found, self._reading = frozenset(self._reading), outer
        return found

    def _term(self, name: str) -> Truth:
        if name not in self._known:
            outer, self._reading = self._reading, set()
            self._known[name] = self.truth(self._terms[name])
            self._reads[name], self._reading = self._reading, outer
        self._reading |= self._reads[name]
        return self._known[name]

    def deciding(self, condition: Condition) -> dict[str, None]:
        """The facts on which the condition's truth rests, in the order of the law. Of an open one: the unknown facts
        that keep it open."""
        if isinstance(condition, Term):
            if condition.name not in self._decides:
                self._decides[condition.name] = self.deciding(self._terms[condition.name])
            return self._decides[condition.name]
        if isinstance(condition, Not):
            return self.deciding(condition.part)
        if isinstance(condition, Is | Before):
            return {condition.fact: None}
        # One false part is enough for a false `all`, one true part for a true `any`.
        value = self.truth(condition)
        alike = [part for part in condition.parts if self.truth(part) is value]
        found: dict[str, None] = {}
        for part in alike[:1] if value is isinstance(condition, Any) else alike:
            found |= self.deciding(part)
        return found
