"""What people say back: reports of bad answers, requests for a tool, and the rules they have read."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pilothouse.kernel.records.fields import PERSON, SYSTEM, UNIT, Line, Part, Words

Point = Annotated[str, Field(min_length=3, max_length=300)]
WRONG = {
    "wrong": "It is wrong",
    "made_up": "It is made up",
    "biased": "It treats somebody unfairly",
    "private": "It shows what it should not",
    "offensive": "It offends",
    "useless": "It is of no use",
    "other": "Something else",
}
DATA = {
    "none": "Nothing but public facts",
    "internal": "What only we know",
    "personal": "Something about people",
    "unknown": "I do not know yet",
}
VERDICTS = {
    "confirmed": "The answer was bad",
    "not_confirmed": "The answer was right",
    "known": "Known already",
}
ANSWERS = {"granted": "It is looked into", "exists": "There is one already", "refused": "No"}


class Feedback(Part):
    """A bad answer that somebody met, and what became of it."""

    what: Words = Field(
        title="What happened", description="What was asked, what came back, what would have been right."
    )
    wrong: Literal["wrong", "made_up", "biased", "private", "offensive", "useless", "other"] = Field(
        title="What is bad about it", json_schema_extra={"labels": {**WRONG}}
    )
    harm: bool = Field(title="Did it do harm?", description="Did somebody act on it, or was somebody hurt by it?")
    on: date = Field(title="Reported on")
    by: Line | None = Field(
        None, title="Reported by", description="An e-mail; open if without a name.", json_schema_extra=PERSON
    )
    unit: Line | None = Field(None, title="Their unit", json_schema_extra=UNIT)
    verdict: Literal["confirmed", "not_confirmed", "known"] | None = Field(
        None,
        title="What it turned out to be",
        json_schema_extra={"labels": {**VERDICTS}},
    )
    reply: Words | None = Field(None, title="Reply", description="What was found and changed, for whoever reported it.")
    replied_on: date | None = Field(None, title="Replied on")

    @model_validator(mode="after")
    def _whole_reply(self) -> Self:
        said = (self.verdict, self.reply, self.replied_on)
        if any(said) and not all(said):
            raise ValueError("A reply takes three things: what it turned out to be, words, and its day.")
        if self.replied_on and self.replied_on < self.on:
            raise ValueError("It cannot have been replied to before it was reported.")
        return self


class ToolRequest(Part):
    """A tool that somebody would like to use for their work, and the answer."""

    tool: Line = Field(title="Tool", description="Its name, or what it should do.")
    purpose: Words = Field(title="What for", description="The work, how often, and what it would change.")
    data: Literal["none", "internal", "personal", "unknown"] = Field(
        title="Data that would go in",
        json_schema_extra={"labels": {**DATA}},
    )
    on: date = Field(title="Asked on")
    by: Line | None = Field(None, title="Asked by", description="An e-mail.", json_schema_extra=PERSON)
    unit: Line | None = Field(None, title="Their unit", json_schema_extra=UNIT)
    verdict: Literal["granted", "exists", "refused"] | None = Field(
        None,
        title="Answer",
        json_schema_extra={"labels": {**ANSWERS}},
    )
    reply: Words | None = Field(None, title="Reply", description="For whoever asked, with the reason.")
    system: int | None = Field(
        None, title="System", description="The number of the system it led to.", json_schema_extra=SYSTEM
    )

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.verdict and not self.reply:
            raise ValueError("Whoever asked is owed a reply in words too.")
        return self


class Rules(Part):
    """Rules for using AI at work. People acknowledge the very version that they have read."""

    title: Line = Field(title="Title", description="Such as Using AI at work.")
    rules: list[Annotated[str, Field(min_length=3, max_length=500)]] = Field(
        min_length=1, title="Rules", description="One a line, each so that a newcomer knows what to do."
    )
    why: Words = Field(title="Why", description="What they protect, in a sentence or two.")
    units: list[Line] = Field(
        default_factory=list,
        title="Units they hold for",
        description="Names of units, one a line, with all below them; none means everybody.",
        json_schema_extra=UNIT,
    )
    owner: Line = Field(title="Whom to ask", description="An e-mail.", json_schema_extra=PERSON)


class Read(Part):
    """One version of one set of rules, read and acknowledged."""

    rules: Line = Field(title="Rules")
    version: int = Field(title="Version", gt=0)
    hash: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$", max_length=71)] = Field(
        title="Hash", description="Of the text as it was read."
    )
    on: date = Field(title="Acknowledged on")


class Acknowledgement(Part):
    """Which rules one person has acknowledged, and in which version."""

    person: Line = Field(title="Person", description="An e-mail.", json_schema_extra=PERSON)
    unit: Line | None = Field(None, title="Unit", json_schema_extra=UNIT)
    read: list[Read] = Field(min_length=1, title="Acknowledged")
