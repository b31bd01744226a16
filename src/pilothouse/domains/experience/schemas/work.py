"""How the work changes, and who oversees what the system puts out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pilothouse.kernel.records.fields import FULL, PERSON, Line, Part, Share, Words

Minutes = Annotated[Decimal, Field(ge=0, max_digits=8, decimal_places=2)]


class Step(Part):
    """One step of the work on a case."""

    name: Line = Field(title="Step", description="Such as Reads the CV.")
    by: Literal["person", "assisted", "ai", "machine"] = Field(
        title="Who acts",
        json_schema_extra={
            "labels": {"assisted": "A person with AI", "ai": "AI alone", "machine": "Other software or a machine"}
        },
    )
    who: Line | None = Field(None, title="Which person", description="The post, such as recruiter.")
    minutes: Minutes = Field(
        title="Minutes of a person", description="For one case that takes this step; 0 if nobody spends any."
    )
    share: Share = Field(Decimal(100), title="Of 100 cases, how many take it", description="100 if all do.")
    hands_off: bool = Field(
        False, title="Handed on after it?", description="Does the case then wait for somebody else?"
    )
    decides: bool = Field(False, title="Does a person decide here?", description="And not merely look on.")

    @model_validator(mode="after")
    def _who_decides(self) -> Self:
        if self.decides and self.by in ("ai", "machine"):
            raise ValueError("A person decides only in a step that a person takes part in.")
        if self.minutes > 0 and self.by == "ai":
            raise ValueError("AI acts alone in it, so it takes no minutes of a person.")
        return self


class Workflow(Part):
    """How the work is done today, and how it should be done, given what AI can do."""

    process: Line = Field(title="The work", description="Such as From application to first answer.")
    change: Words = Field(
        title="What changes", description="Not where AI is put in, but how the work goes once it can be relied on."
    )
    human_decides: Words = Field(
        title="What a person decides", description="Which decisions stay with people, and why."
    )
    case: Line = Field(title="One case is", description="Such as one application.", json_schema_extra=FULL)
    volume: int = Field(title="Cases a month", gt=0, json_schema_extra=FULL)
    basis: Literal["measured", "estimated"] = Field(title="Minutes are", json_schema_extra=FULL)
    as_is: list[Step] = Field(
        min_length=1, title="Step today", description="As it is done, not as it is written.", json_schema_extra=FULL
    )
    to_be: list[Step] = Field(min_length=1, title="Step to be", json_schema_extra=FULL)
    freed: Words = Field(
        title="What the time is used for",
        description="What people do with the minutes that are freed; what nobody plans is not gained.",
        json_schema_extra=FULL,
    )
    took_part: Words = Field(
        title="Who took part",
        description="Which of those who do the work drew this up with you.",
        json_schema_extra=FULL,
    )
    owner: Line = Field(
        title="Owner of the work", description="An e-mail: operations, not IT.", json_schema_extra=PERSON | FULL
    )

    @model_validator(mode="after")
    def _redesigned(self) -> Self:
        if not self.to_be:
            return self
        if not any(step.by in ("ai", "assisted") for step in self.to_be):
            raise ValueError("AI acts in none of the steps to be.")
        if [(s.name.casefold(), s.by) for s in self.as_is or ()] == [(s.name.casefold(), s.by) for s in self.to_be]:
            raise ValueError("The steps to be are those of today, so nothing is redesigned.")
        return self


class Oversight(Part):
    """How people keep what the system puts out in their hands, where it matters."""

    mode: Literal["before", "after", "sample", "stop"] = Field(
        title="When a person looks",
        json_schema_extra={
            "labels": {
                "before": "Before each output takes effect",
                "after": "At each output, after it took effect",
                "sample": "At a sample",
                "stop": "Only to stop it altogether",
            }
        },
    )
    reviewers: list[Line] = Field(
        min_length=1, title="Reviewers", description="E-mails, one a line.", json_schema_extra=PERSON
    )
    stop: Words = Field(title="How it is stopped", description="Who may, where, and without asking whom.")
    at_stake: Words = Field(
        title="What is at stake",
        description="Which outputs matter to whom, and what a wrong one does.",
        json_schema_extra=FULL,
    )
    sees: Words = Field(
        title="What the reviewer sees",
        description="The source, the reasons, how sure the system is; what it takes to disagree.",
        json_schema_extra=FULL,
    )
    overrides: Words = Field(
        title="How they override",
        description="What they do, and that nothing speaks against doing so.",
        json_schema_extra=FULL,
    )
    awake: Words = Field(
        title="What keeps it from being a nod",
        description="Such as planted errors, a second pair of eyes, enough time, no target for speed.",
        json_schema_extra=FULL,
    )
    floor: Share = Field(
        title="Override rate that makes you look",
        description="Of 100 reviewed answers: if fewer are overridden, somebody asks why. 0 if there is none.",
        json_schema_extra=FULL,
    )
    a_day: int = Field(title="Cases a day to look at", ge=0, json_schema_extra=FULL)
    capacity: int = Field(
        title="Cases a day they can look at",
        ge=0,
        description="All reviewers together, with care.",
        json_schema_extra=FULL,
    )
    escalates_to: Line = Field(
        title="Escalates to", description="An e-mail: whom a reviewer in doubt asks.", json_schema_extra=PERSON | FULL
    )
    review_by: date = Field(title="Look again by", json_schema_extra=FULL)
