"""The engine: facts and rule sets in, a classification out. Pure and deterministic.

Conclusions hold, are open, or do not hold. An axis takes the strictest class that holds *or is open*, so a fact left
unknown never lowers a class. The day moves duties, never a class.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from pilothouse.contracts.canonical import content_hash
from pilothouse.domains.governance.classifier import values
from pilothouse.domains.governance.classifier.rules import law
from pilothouse.domains.governance.classifier.rules.changes import changes
from pilothouse.domains.governance.classifier.rules.conditions import Condition, Reasoner, Truth
from pilothouse.domains.governance.classifier.rules.facts import Facts
from pilothouse.domains.governance.classifier.rules.outcome import Outcome, outcome
from pilothouse.domains.governance.classifier.rules.questions import Questions

STATES: dict[Truth, values.State] = {True: "holds", None: "open", False: "does_not_hold"}
FAR = date.max


def classify(
    facts: Facts,
    questions: Questions,
    rule_sets: Sequence[law.RuleSet],
    on: date | None = None,
    *,
    what_if: bool = True,
) -> values.Classification:
    """Classify one system. Without `on`, nothing is said of what is in force. Without `what_if`, nothing of what
    would change the classes, which is most of the work: for lists of systems."""
    cases = [_Case(rules, facts, questions, on, what_if) for rules in sorted(rule_sets, key=lambda one: one.id)]
    axes = tuple(axis for case in cases for axis in case.axes())
    duties = sorted(
        (duty for case in cases for duty in case.duties()), key=lambda one: (one.begins or FAR, one.rule_set)
    )
    strictest = min((axis.risk_class for axis in axes if axis.risk_class), key=law.RISK_CLASSES.index, default="")
    return values.Classification(
        format=values.FORMAT,
        risk_class=strictest,
        provisional=any(axis.provisional and axis.risk_class == strictest for axis in axes),
        on=on,
        axes=axes,
        conclusions=tuple(found for case in cases for found in case.conclusions()),
        duties=tuple(duties),
        notes=tuple(note for case in cases for note in case.notes()),
        open_facts=_in_order(questions, {fact for axis in axes for fact in axis.open}),
        facts=dict(facts.given),
        facts_hash=content_hash(facts.given),
        questions_hash=questions.hash,
        rule_sets=tuple(_used(case.rules) for case in cases),
        confidences=law.CONFIDENCES,
        disclaimer=values.DISCLAIMER,
    )


class _Case:
    """One law held against one system."""

    def __init__(self, rules: law.RuleSet, facts: Facts, questions: Questions, on: date | None, what_if: bool) -> None:
        self.rules, self.facts, self.questions, self.on, self.what_if = rules, facts, questions, on, what_if
        self.reasoner = Reasoner(facts, rules.terms)
        self.states = {name: self.reasoner.truth(condition) for name, condition in rules.gated.items()}

    def conclusions(self) -> Iterator[values.Found]:
        for one in self.rules.document.conclusions:
            state, condition = self.states[one.id], self.rules.gated[one.id]
            deciding = tuple(self.reasoner.deciding(condition))
            yield values.Found(
                id=one.id,
                axis=one.axis,
                class_=one.class_,
                state=STATES[state],
                title=one.title,
                says=one.says,
                citations=self._cited(one.citation),
                applies_from=one.applies,
                in_force=self._in_force(one.applies),
                confidence=one.confidence,
                because=() if state is None else tuple(self._because(fact) for fact in deciding),
                open=deciding if state is None else (),
            )

    def axes(self) -> Iterator[values.AxisFound]:
        told = changes(self.rules, self.facts, self.questions, self.states) if self.what_if else {}
        for axis in self.rules.document.axes:
            come_out = outcome(self.rules, axis, self.states)
            settle, change = told.get(axis.id, ((), ()))
            yield values.AxisFound(
                id=axis.id,
                rule_set=self.rules.id,
                title=axis.title,
                kind=axis.kind,
                classes=come_out.classes,
                class_title=come_out.title,
                says=come_out.says,
                risk_class=come_out.risk_class,
                provisional=come_out.provisional,
                settled=come_out.settled,
                conclusions=come_out.conclusions,
                open=self._open(come_out),
                would_settle=settle,
                would_change=change,
            )

    def duties(self) -> Iterator[values.DutyFound]:
        document = self.rules.document
        for one in document.duties:
            arises = self._truth(f"duties.{one.id}")
            roles = [(name, self._truth(f"roles.{name}")) for name in one.roles]
            borne = [(name, truth) for name, truth in roles if truth is not False]
            if arises is False or not borne:
                continue
            sure = arises and any(truth for _, truth in borne)
            start = self._start(one.dates)
            yield values.DutyFound(
                id=one.id,
                rule_set=self.rules.id,
                regime=document.regime,
                state="holds" if sure else "open",
                says=one.says,
                roles=tuple(values.RoleFound(name, document.roles[name].title, STATES[truth]) for name, truth in borne),
                citations=self._cited(one.citation),
                confidence=one.confidence,
                begins=start.date,
                begins_citation=document.citations[start.citation].cite,
                begins_confidence=start.confidence,
                begins_note=start.says,
                in_force=self._in_force(start.date),
                evidence=one.evidence,
            )

    def notes(self) -> Iterator[values.NoteFound]:
        for one in self.rules.document.notes:
            if self._truth(f"notes.{one.id}"):
                yield values.NoteFound(
                    one.id, self.rules.id, "holds", one.says, self._cited(one.citation), one.confidence
                )

    def _start(self, name: str) -> law.Start:
        """The line of dates that holds; while that is open, the soonest of those that may."""
        possible: list[law.Start] = []
        for index, start in enumerate(self.rules.document.dates[name]):
            truth = self._truth(f"dates.{name}[{index}]")
            if truth is not False:
                possible.append(start)
            if truth:
                break
        return min(possible, key=lambda start: start.date or FAR)

    def _truth(self, where: str) -> Truth:
        condition: Condition = self.rules.condition(where)
        return self.reasoner.truth(condition)

    def _in_force(self, since: date | None) -> bool | None:
        return None if self.on is None or since is None else since <= self.on

    def _open(self, come_out: Outcome) -> tuple[str, ...]:
        found = {
            fact
            for name in come_out.conclusions
            if self.states[name] is None
            for fact in self.reasoner.deciding(self.rules.gated[name])
        }
        return _in_order(self.questions, found)

    def _because(self, fact: str) -> values.Because:
        question = self.questions.by_id[fact]
        answer = self.facts(fact)
        if question.type == "date":
            told = answer.day.isoformat() if answer.day else "not known"
        else:
            chosen = [question.titles[value] for value in sorted(answer.surely)]
            told = "; ".join(chosen) or ("not known" if answer.possibly else "none of these")
        return values.Because(fact, question.short, told)

    def _cited(self, names: Sequence[str]) -> tuple[values.Cited, ...]:
        known = self.rules.document.citations
        return tuple(values.Cited(known[name].cite, known[name].note) for name in names)


def _used(rules: law.RuleSet) -> values.RulesUsed:
    read = rules.document
    return values.RulesUsed(
        read.id, read.regime, read.title, read.version, read.as_of, rules.hash, read.sources, read.uncertainties
    )


def _in_order(questions: Questions, facts: set[str]) -> tuple[str, ...]:
    return tuple(question.id for question in questions.all if question.id in facts)
