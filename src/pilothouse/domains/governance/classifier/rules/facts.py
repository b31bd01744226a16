"""Facts: answers to the questions, each known, unknown, or known in part; and the parts of one system as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.classifier.rules.questions import Question, Questions

UNKNOWN, NONE = "unknown", "none"
PARTS = "parts"
MOST_PARTS = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one fact: the answers that surely hold and those that may. A day is kept apart.

    Yes or no is a choice among two. Unknown: nothing surely, everything possibly. “None of these”: nothing possibly.
    """

    surely: frozenset[str] = frozenset()
    possibly: frozenset[str] = frozenset()
    day: date | None = None

    def among(self, values: Sequence[str]) -> bool | None:
        """Whether one of `values` is among the answers; None while that is open."""
        found: list[bool | None] = [self._holds(value) for value in values]
        return True if True in found else None if None in found else False

    def _holds(self, value: str) -> bool | None:
        if value == NONE:
            return False if self.surely else None if self.possibly else True
        return True if value in self.surely else None if value in self.possibly else False

    def before(self, day: date) -> bool | None:
        return None if self.day is None else self.day < day

    @property
    def settled(self) -> bool:
        """Nothing of it is open."""
        return self.day is not None or self.surely == self.possibly


@dataclass(frozen=True, slots=True)
class Facts:
    """The answers about one system, its parts put together. Immutable; `with_answer` gives a changed copy."""

    answers: Mapping[str, Answer]
    given: Mapping[str, Any]
    """What was said, in its plain form: sorted, without what was left out."""

    def __call__(self, fact: str) -> Answer:
        return self.answers[fact]

    def with_answer(self, fact: str, answer: Answer) -> Facts:
        return Facts({**self.answers, fact: answer}, self.given)


def read_facts(raw: Any, questions: Questions) -> Facts:
    """Facts from JSON: `{fact: answer, …, "parts": [{…}, …]}`. Raises Invalid that names each fact that is wrong and
    what is allowed there."""
    if not isinstance(raw, Mapping):
        raise Invalid("Facts are an object: the id of a question with its answer. `--questions` shows them.")
    wrong: dict[str, str] = {}
    top = _given({key: value for key, value in raw.items() if key != PARTS}, questions, wrong, "")
    parts = raw.get(PARTS, [])
    said: list[dict[str, Any]] = []
    if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts) or len(parts) > MOST_PARTS:
        wrong[PARTS] = f"a list of objects, each with the facts of one part; at most {MOST_PARTS}"
    else:
        said = [_given(part, questions, wrong, f"{PARTS}[{index}].") for index, part in enumerate(parts)]
    if wrong:
        raise Invalid("These facts cannot be read.", fields=wrong)
    answers = {question.id: _whole(question, top, said) for question in questions.all}
    return Facts(answers, {**top, PARTS: said} if said else top)


def _given(raw: Mapping[Any, Any], questions: Questions, wrong: dict[str, str], where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in sorted(raw, key=str):
        value = raw[key]
        if where and key in ("name", "note"):  # a part may say what it is
            continue
        question = questions.by_id.get(key)
        if question is None:
            wrong[f"{where}{key}"] = "no question has this id"
            continue
        plain = _plain(question, value)
        if plain is None:
            wrong[f"{where}{key}"] = question.allowed
        else:
            found[key] = plain
    return found


def _plain(question: Question, value: Any) -> Any:
    """An answer in its one plain form, or None if the question does not allow it."""
    if value == UNKNOWN:
        return UNKNOWN
    if question.type == "yes_no":
        value = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
        return value if value in ("yes", "no") else None
    if question.type == "date":
        return _day(value)
    if question.type == "choice":
        return value if isinstance(value, str) and value in question.choice_ids else None
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed or not all(isinstance(item, str) for item in listed):
        return None
    if listed == [NONE]:
        return NONE
    return sorted(set(listed)) if set(listed) <= question.choice_ids | {UNKNOWN} else None


def _day(value: Any) -> str | None:
    if isinstance(value, date):
        return value.isoformat()
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def to_answer(question: Question, plain: Any) -> Answer:
    """What a plain answer says; of an absent one, nothing."""
    if question.type == "date":
        return Answer(day=None if plain in (None, UNKNOWN) else date.fromisoformat(plain))
    everything = question.choice_ids
    if plain in (None, UNKNOWN):
        return Answer(possibly=everything)
    if plain == NONE:
        return Answer()
    chosen = frozenset([plain] if isinstance(plain, str) else plain)
    return Answer(chosen - {UNKNOWN}, everything if UNKNOWN in chosen else chosen)


def _whole(question: Question, top: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> Answer:
    """The answer for the system as one. What raises counts if one part has it; what relieves must be said of the whole
    and hold for every part, so that nobody can divide a system out of its class."""
    own = to_answer(question, top.get(question.id))
    if not parts:
        return own
    if question.across == "whole":
        told = [to_answer(question, part[question.id]) for part in parts if question.id in part]
        surely, possibly = own.surely, own.possibly
        for one in told:
            surely, possibly = surely & one.surely, possibly & one.possibly
        if question.type == "yes_no":
            return _yes_no([own, *told], all_=True)
        return Answer(surely, possibly, own.day)
    # A part that says nothing is what the whole was said to be.
    answers = [to_answer(question, part.get(question.id, top.get(question.id))) for part in parts]
    if question.id in top:
        answers.append(own)
    if question.type == "date":
        days = [answer.day for answer in answers]
        return Answer(day=None if None in days else max(day for day in days if day))
    if question.type == "yes_no":
        return _yes_no(answers, all_=False)
    return Answer(
        frozenset().union(*(one.surely for one in answers)), frozenset().union(*(one.possibly for one in answers))
    )


def _yes_no(answers: Sequence[Answer], *, all_: bool) -> Answer:
    """Yes if one says yes (or, with `all_`, if all do); no if none can (or one says no); else open."""
    ends = "no" if all_ else "yes"
    other = "yes" if all_ else "no"
    if any(ends in answer.surely for answer in answers):
        return Answer(frozenset({ends}), frozenset({ends}))
    if all(other in answer.surely for answer in answers):
        return Answer(frozenset({other}), frozenset({other}))
    return Answer(possibly=frozenset({"yes", "no"}))
