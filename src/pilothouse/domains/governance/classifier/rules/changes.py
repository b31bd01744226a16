"""What would settle a class, and what would change it: each fact answered otherwise, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from pilothouse.domains.governance.classifier.rules.conditions import Reasoner, Term, Truth
from pilothouse.domains.governance.classifier.rules.facts import Answer, Facts
from pilothouse.domains.governance.classifier.rules.law import Axis, RuleSet
from pilothouse.domains.governance.classifier.rules.outcome import Outcome, outcome
from pilothouse.domains.governance.classifier.rules.questions import Question, Questions
from pilothouse.domains.governance.classifier.values import Change

Changes = tuple[Change, ...]
States = Mapping[str, Truth]


def changes(rules: RuleSet, facts: Facts, questions: Questions, states: States) -> dict[str, tuple[Changes, Changes]]:
    """For each axis: answers to open facts that move it, and other answers to known facts that do.

    Of the known ones an answer counts if it lowers the axis, or raises it for sure: that another area of use would
    raise new questions is true of every system and helps nobody.
    """
    axes = {axis.id: (axis, outcome(rules, axis, states)) for axis in rules.document.axes}
    settle: dict[str, list[Change]] = {name: [] for name in axes}
    change: dict[str, list[Change]] = {name: [] for name in axes}
    reasoner = Reasoner(facts, rules.terms)
    reads = {name: reasoner.reads(condition) for name, condition in rules.gated.items()}
    for question in questions.all:
        readers = [name for name, read in reads.items() if question.id in read]
        if not readers:
            continue
        answer = facts(question.id)
        for value, other in _others(question, answer):
            anew = Reasoner(facts.with_answer(question.id, other), rules.terms)
            then_states = {**states, **{name: anew.truth(rules.gated[name]) for name in readers}}
            for name, (axis, now) in axes.items():
                if _by_gate(reasoner, axis, question.id):
                    continue
                then = outcome(rules, axis, then_states)
                if not answer.settled:
                    if (then.classes, then.provisional) != (now.classes, now.provisional):
                        settle[name].append(_told(question, value, then))
                elif _counts(axis, now, then):
                    change[name].append(_told(question, value, then))
    return {name: (_joined(settle[name]), _joined(change[name])) for name in axes}


def _counts(axis: Axis, now: Outcome, then: Outcome) -> bool:
    lower = then.strictness(axis) > now.strictness(axis)
    return then.classes != now.classes and (lower or not then.provisional)


def _by_gate(reasoner: Reasoner, axis: Axis, fact: str) -> bool:
    """Whether the fact decides that the law applies at all, which the axis of scope tells once."""
    return bool(axis.gate) and fact in reasoner.reads(Term(axis.gate))


def _joined(found: list[Change]) -> Changes:
    """Answers of one question that lead to the same are told as one."""
    told: dict[tuple[str, tuple[str, ...], bool], Change] = {}
    for one in found:
        key = (one.fact, one.classes, one.provisional)
        told[key] = replace(one, answers=told[key].answers + one.answers) if key in told else one
    return tuple(told.values())


def _others(question: Question, answer: Answer) -> Iterator[tuple[str, Answer]]:
    """Every other answer: of several choices, one more or one fewer."""
    if question.type == "date":
        return
    if question.type in ("yes_no", "choice"):
        for value in sorted(question.choice_ids):
            if answer.surely != {value}:
                yield value, Answer(frozenset({value}), frozenset({value}))
        return
    if answer.surely or answer.possibly:
        yield "none", Answer()
    for choice in question.choices:
        if choice.id not in answer.surely:
            more = answer.surely | {choice.id}
            yield choice.id, Answer(more, more)
        elif len(answer.surely) > 1:
            fewer = answer.surely - {choice.id}
            yield f"not: {choice.id}", Answer(fewer, fewer)


def _told(question: Question, value: str, then: Outcome) -> Change:
    left_out = value.startswith("not: ")
    title = question.titles[value.removeprefix("not: ")]
    words = f"without “{title}”" if left_out else title
    return Change(question.id, question.short, (words,), then.classes, then.title or "none", then.provisional)
