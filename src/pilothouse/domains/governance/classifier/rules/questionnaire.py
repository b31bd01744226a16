"""Which questions matter, given the answers so far; and what has become moot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.classifier.rules.conditions import (
    Before,
    Condition,
    Is,
    Malformed,
    Reasoner,
    Truth,
    parse,
    resolve,
    walk,
)
from pilothouse.domains.governance.classifier.rules.facts import PARTS, Answer, Facts, read_facts
from pilothouse.domains.governance.classifier.rules.law import RuleSet
from pilothouse.domains.governance.classifier.rules.questions import Question, Questions, Section


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that matters now, with its answer so far (None: not yet answered)."""

    question: Question
    answer: Any


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """`shown`: to be asked now, in order, answered ones included. `moot`: answered, and no longer of consequence."""

    shown: tuple[Asked, ...]
    moot: tuple[str, ...]

    @property
    def left(self) -> tuple[Question, ...]:
        """Those still to be answered; “I don't know” is an answer."""
        return tuple(one.question for one in self.shown if one.answer is None)

    def by_section(self, questions: Questions) -> list[tuple[Section, list[Asked]]]:
        """The shown ones under their sections; sections without any are left out."""
        found = [
            (section, [one for one in self.shown if one.question.section == section.id])
            for section in questions.sections
        ]
        return [(section, asked) for section, asked in found if asked]


def questionnaire(raw: Mapping[str, Any], questions: Questions, rule_sets: Sequence[RuleSet]) -> Questionnaire:
    """The questions that matter given `raw` (facts as in `read_facts`). A question matters if its own condition
    permits it, and its fact keeps something open. One that was answered stays, unless its condition fails."""
    facts = read_facts(raw, questions)
    telling = _telling(facts, rule_sets)
    said = {key for key in facts.given if key != PARTS} | {key for part in facts.given.get(PARTS, ()) for key in part}
    display = Reasoner(_Display(facts, said), {})
    shown: list[Asked] = []
    moot: list[str] = []
    conditions = shown_conditions(questions)
    for question in questions.all:
        permitted: Truth = True
        if question.id in conditions:
            permitted = display.truth(conditions[question.id])
        if permitted is not False and (question.id in said or question.id in telling):
            shown.append(Asked(question, facts.given.get(question.id)))
        elif question.id in said:
            moot.append(question.id)
    return Questionnaire(tuple(shown), tuple(moot))


class _Display:
    """Facts for the display: what nobody has answered yet is taken as “no”, so that what depends on it waits."""

    def __init__(self, facts: Facts, said: set[str]) -> None:
        self._facts, self._said = facts, said

    def __call__(self, fact: str) -> Answer:
        # Neither a yes nor a no nor a “none”: every condition about it is false, and its denial true.
        return self._facts(fact) if fact in self._said else _NOT_YET


_NOT_YET = Answer(surely=frozenset({"not yet"}), possibly=frozenset({"not yet"}))


def _telling(facts: Facts, rule_sets: Sequence[RuleSet]) -> set[str]:
    """The facts that keep a conclusion, a note, or a duty with its roles and day open."""
    found: set[str] = set()
    for rules in rule_sets:
        reasoner = Reasoner(facts, rules.terms)
        for condition in _speaking(rules, reasoner):
            if reasoner.truth(condition) is None:
                found |= set(reasoner.deciding(condition))
    return found


def _speaking(rules: RuleSet, reasoner: Reasoner) -> Iterator[Condition]:
    """Conditions whose truth matters: roles and days only of duties that may arise."""
    yield from rules.gated.values()
    for note in rules.document.notes:
        yield rules.condition(f"notes.{note.id}")
    for duty in rules.document.duties:
        arises = rules.condition(f"duties.{duty.id}")
        if reasoner.truth(arises) is False:
            continue
        yield arises
        yield from (rules.condition(f"roles.{role}") for role in duty.roles)
        yield from (rules.condition(f"dates.{duty.dates}[{i}]") for i in range(len(rules.document.dates[duty.dates])))


def shown_conditions(questions: Questions) -> dict[str, Condition]:
    """Each question's condition of being shown. Raises Invalid for one that cannot be read."""
    found: dict[str, Condition] = {}
    wrong: dict[str, str] = {}
    for question in questions.all:
        if question.shown_when is None:
            continue
        try:
            condition = resolve(parse(question.shown_when), ())
        except Malformed as error:
            wrong[question.id] = str(error)
            continue
        for one in walk(condition):
            if isinstance(one, Is | Before) and one.fact not in questions.by_id:
                wrong[question.id] = f"no question asks for “{one.fact}”"
        found[question.id] = condition
    if wrong:
        raise Invalid("The questions cannot be read.", fields=wrong)
    return found
