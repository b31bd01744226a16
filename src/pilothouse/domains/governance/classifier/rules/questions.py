"""The questions as values, read and checked from their file."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any, Literal

import msgspec

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Invalid

YES_NO = frozenset({"yes", "no"})


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """What is read from a file of law: unknown words in it are errors, not silence."""


class Choice(Struct, frozen=True):
    id: str
    title: str
    help: str = ""


class Section(Struct, frozen=True):
    id: str
    title: str
    says: str = ""


class Question(Struct, frozen=True):
    """One question. `short` names its fact in a reason; `across` says how parts of a system come together."""

    id: str
    section: str
    type: Literal["yes_no", "choice", "choices", "date"]
    short: str
    title: str
    help: str = ""
    examples: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    across: Literal["any", "whole"] = "any"
    shown_when: Any = None
    citation: str = ""

    @cached_property
    def choice_ids(self) -> frozenset[str]:
        return YES_NO if self.type == "yes_no" else frozenset(choice.id for choice in self.choices)

    @cached_property
    def titles(self) -> dict[str, str]:
        """What each answer is called."""
        own = {choice.id: choice.title for choice in self.choices}
        return {"yes": "yes", "no": "no", "none": "none of these", "unknown": "not known", **own}

    @property
    def allowed(self) -> str:
        """What may be answered, in words."""
        listed = ", ".join(choice.id for choice in self.choices)
        return {
            "yes_no": "yes, no or unknown",
            "choice": f"one of {listed}; or unknown",
            "choices": f"a list of {listed}; or none, or unknown",
            "date": "a day such as 2026-11-22, or unknown",
        }[self.type]


class Document(Struct, frozen=True):
    id: str
    version: str
    as_of: date
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]


class Questions(msgspec.Struct, frozen=True, dict=True):
    """All questions, in the order in which they are asked."""

    version: str
    as_of: date
    hash: str
    sections: tuple[Section, ...]
    all: tuple[Question, ...]

    @cached_property
    def by_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.all}


def read_questions(raw: Any) -> Questions:
    """The questions from the parsed file. Raises Invalid that says what is wrong and where."""
    try:
        read = msgspec.convert(raw, Document)
    except msgspec.ValidationError as error:
        raise Invalid(f"The questions cannot be read: {error}") from error
    sections = {section.id for section in read.sections}
    wrong: dict[str, str] = {}
    seen: set[str] = set()
    for question in read.questions:
        if question.id in seen:
            wrong[question.id] = "is asked twice"
        if question.section not in sections:
            wrong[question.id] = f"there is no section “{question.section}”"
        if (question.type in ("choice", "choices")) is not bool(question.choices):
            wrong[question.id] = "a choice has choices, and nothing else has"
        if question.choice_ids & {"none", "unknown"}:
            wrong[question.id] = "“none” and “unknown” are answers that every choice has"
        seen.add(question.id)
    if wrong:
        raise Invalid("The questions cannot be read.", fields=wrong)
    return Questions(read.version, read.as_of, content_hash(raw), read.sections, read.questions)
