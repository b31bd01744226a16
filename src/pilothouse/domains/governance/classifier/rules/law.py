"""A rule set: one law as axes, terms, conclusions, duties and notes, read and checked from its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Literal

import msgspec

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.classifier.rules.conditions import (
    ALWAYS,
    All,
    Before,
    Condition,
    Is,
    Malformed,
    Term,
    parse,
    resolve,
    walk,
)
from pilothouse.domains.governance.classifier.rules.conditions import Any as Either
from pilothouse.domains.governance.classifier.rules.questions import Questions, Struct

Confidence = Literal["text", "secondary_x2+", "secondary_x1", "inference", "background"]
CONFIDENCES: dict[str, str] = {
    "text": "read in the text of the law",
    "secondary_x2+": "two or more secondary sources; the text was not read",
    "secondary_x1": "one secondary source; the text was not read",
    "inference": "our reading; have a lawyer look at it",
    "background": "general knowledge; check it before you rely on it",
}
RISK_CLASSES = ("prohibited", "high", "exempt", "limited", "minimal", "out_of_scope")


class Class(Struct, frozen=True):
    """One class of an axis. Of an ordered axis the first is the strictest."""

    id: str
    title: str
    says: str = ""
    risk_class: str = ""


class Axis(Struct, frozen=True):
    id: str
    title: str
    kind: Literal["ordered", "set"]
    classes: tuple[Class, ...]
    gate: str = ""

    @cached_property
    def by_id(self) -> dict[str, Class]:
        return {one.id: one for one in self.classes}

    @cached_property
    def rank(self) -> dict[str, int]:
        """0 is the strictest."""
        return {one.id: index for index, one in enumerate(self.classes)}


class Role(Struct, frozen=True):
    title: str
    when: Any = None


class Citation(Struct, frozen=True):
    cite: str
    note: str = ""


class Conclusion(Struct, frozen=True):
    id: str
    axis: str
    class_: str = msgspec.field(name="class")
    when: Any
    citation: tuple[str, ...]
    confidence: Confidence
    title: str
    says: str
    applies: date | None = None
    group: tuple[str, ...] = ()
    gate: str = ""


class Start(Struct, frozen=True):
    """A day from which duties hold, under a condition; without a day: not before something happens."""

    date: date | None
    citation: str
    confidence: Confidence
    when: Any = None
    says: str = ""


class Duty(Struct, frozen=True):
    id: str
    roles: tuple[str, ...]
    when: Any
    dates: str
    citation: tuple[str, ...]
    confidence: Confidence
    says: str
    evidence: tuple[str, ...] = ()


class Note(Struct, frozen=True):
    id: str
    when: Any
    citation: tuple[str, ...]
    confidence: Confidence
    says: str


class Document(Struct, frozen=True):
    """The file of one law, as written."""

    id: str
    regime: str
    title: str
    version: str
    as_of: date
    sources: tuple[str, ...]
    axes: tuple[Axis, ...]
    citations: dict[str, Citation]
    conclusions: tuple[Conclusion, ...]
    uncertainties: tuple[str, ...] = ()
    roles: dict[str, Role] = {}
    terms: dict[str, Any] = {}
    groups: dict[str, str] = {}
    dates: dict[str, tuple[Start, ...]] = {}
    duties: tuple[Duty, ...] = ()
    notes: tuple[Note, ...] = ()


class RuleSet(msgspec.Struct, frozen=True, dict=True):
    """A law ready to reason with. `conditions` holds every condition by where it stands in the file."""

    document: Document
    hash: str
    terms: Mapping[str, Condition]
    conditions: Mapping[str, Condition]

    @property
    def id(self) -> str:
        return self.document.id

    @property
    def version(self) -> str:
        return self.document.version

    def condition(self, where: str) -> Condition:
        return self.conditions.get(where, ALWAYS)

    @cached_property
    def gated(self) -> dict[str, Condition]:
        """Each conclusion's whole condition: its gate and its own."""
        return {one.id: self._gated(one) for one in self.document.conclusions}

    def _gated(self, one: Conclusion) -> Condition:
        gate = one.gate or next(axis.gate for axis in self.document.axes if axis.id == one.axis)
        return All((Term(gate), Term(one.id))) if gate else Term(one.id)


def read_rule_set(raw: Any, questions: Questions) -> RuleSet:
    """A rule set from the parsed file. Raises Invalid that says what is wrong and where."""
    try:
        document = msgspec.convert(raw, Document)
    except msgspec.ValidationError as error:
        raise Invalid(f"The rule set cannot be read: {error}") from error
    wrong: dict[str, str] = {}
    parsed: dict[str, Condition] = {}
    for where, condition in _raw_conditions(document):
        if condition is not None:
            try:
                parsed[where] = parse(condition)
            except Malformed as error:
                wrong[where] = str(error)
    names = {*document.terms, *document.groups, *(one.id for one in document.conclusions)}
    known = {where: resolve(condition, names) for where, condition in parsed.items()}
    terms = {name: known[f"terms.{name}"] for name in document.terms if f"terms.{name}" in known}
    terms |= {
        one.id: known[f"conclusions.{one.id}"] for one in document.conclusions if f"conclusions.{one.id}" in known
    }
    for group in document.groups:
        members = tuple(Term(one.id) for one in document.conclusions if group in one.group)
        terms[group] = Either(members) if members else All(())
    wrong |= _faults(document) | _unknown_words(known, terms, questions) | _circles(terms)
    if wrong:
        raise Invalid("The rule set cannot be read.", fields=wrong)
    return RuleSet(document, content_hash(raw), terms, known)


def _raw_conditions(document: Document) -> Iterator[tuple[str, Any]]:
    for name, condition in document.terms.items():
        yield f"terms.{name}", condition
    for name, role in document.roles.items():
        yield f"roles.{name}", role.when
    for part in ("conclusions", "duties", "notes"):
        for one in getattr(document, part):
            yield f"{part}.{one.id}", one.when
    for name, starts in document.dates.items():
        for index, start in enumerate(starts):
            yield f"dates.{name}[{index}]", start.when


def _faults(document: Document) -> dict[str, str]:
    """What refers to something that is not there, or is there twice."""
    wrong: dict[str, str] = {}
    axes = {axis.id: axis for axis in document.axes}
    ids = [one.id for part in ("conclusions", "duties", "notes") for one in getattr(document, part)]
    wrong |= {one: "is there twice" for one in ids if ids.count(one) > 1}
    for name in {*document.terms} & {*document.groups, *(one.id for one in document.conclusions)}:
        wrong[f"terms.{name}"] = "a conclusion or a group has this name"
    for axis in document.axes:
        for one in axis.classes:
            if one.risk_class and one.risk_class not in RISK_CLASSES:
                wrong[f"axes.{axis.id}.{one.id}"] = f"risk_class is one of {', '.join(RISK_CLASSES)}"
    for conclusion in document.conclusions:
        where = f"conclusions.{conclusion.id}"
        if conclusion.axis not in axes:
            wrong[where] = f"there is no axis “{conclusion.axis}”"
        elif conclusion.class_ not in axes[conclusion.axis].by_id:
            wrong[where] = f"the axis “{conclusion.axis}” has no class “{conclusion.class_}”"
        for group in set(conclusion.group) - set(document.groups):
            wrong[where] = f"there is no group “{group}”"
    for duty in document.duties:
        for role in set(duty.roles) - set(document.roles):
            wrong[f"duties.{duty.id}"] = f"there is no role “{role}”"
        if duty.dates not in document.dates:
            wrong[f"duties.{duty.id}"] = f"there are no dates “{duty.dates}”"
    for where, cited in _cited(document):
        if not cited:
            wrong[where] = "cites nothing"
        for citation in set(cited) - set(document.citations):
            wrong[where] = f"there is no citation “{citation}”"
    for name, starts in document.dates.items():
        if not starts or starts[-1].when is not None:
            wrong[f"dates.{name}"] = "the last line holds in any case, so it has no condition"
    return wrong


def _cited(document: Document) -> Iterator[tuple[str, tuple[str, ...]]]:
    for part in ("conclusions", "duties", "notes"):
        for one in getattr(document, part):
            yield f"{part}.{one.id}", one.citation
    for name, starts in document.dates.items():
        for index, start in enumerate(starts):
            yield f"dates.{name}[{index}]", (start.citation,)


def _unknown_words(
    conditions: Mapping[str, Condition], terms: Mapping[str, Condition], questions: Questions
) -> dict[str, str]:
    """Facts that nobody asks for, and answers that a question does not have."""
    wrong: dict[str, str] = {}
    for where, condition in conditions.items():
        for one in walk(condition):
            if isinstance(one, Term) and one.name not in terms:
                wrong[where] = f"there is no term “{one.name}”"
            elif isinstance(one, Is | Before):
                fault = _fact_fault(one, questions)
                if fault:
                    wrong[where] = fault
    return wrong


def _fact_fault(one: Is | Before, questions: Questions) -> str:
    question = questions.by_id.get(one.fact)
    if question is None:
        return f"no question asks for “{one.fact}”, and no term has this name"
    if isinstance(one, Before):
        return "" if question.type == "date" else f"“{one.fact}” is no day"
    if question.type == "date":
        return f"“{one.fact}” is a day; ask with “before”"
    allowed = question.choice_ids | ({"none"} if question.type == "choices" else set())
    odd = sorted(set(one.values) - allowed)
    return f"“{one.fact}” has no answer “{odd[0]}”" if odd else ""


def _circles(terms: Mapping[str, Condition]) -> dict[str, str]:
    """Terms that rest on themselves."""
    done: set[str] = set()
    wrong: dict[str, str] = {}

    def _visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            wrong[f"terms.{name}"] = "rests on itself: " + " → ".join([*path[path.index(name) :], name])
            return
        if name in done or name not in terms:
            return
        for one in walk(terms[name]):
            if isinstance(one, Term):
                _visit(one.name, (*path, name))
        done.add(name)

    for name in terms:
        _visit(name, ())
    return wrong
