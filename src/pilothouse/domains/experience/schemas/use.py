"""For whom it is, what they may use it for, and whether they do."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pilothouse.kernel.records.fields import FULL, PERSON, UNIT, Address, Line, Part, Share, Words

Period = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", max_length=7)]
Point = Annotated[str, Field(min_length=3, max_length=300)]


class Adoption(Part):
    """For whom a system is, what they may use it for, and how they come to rely on it rightly."""

    uses: list[Point] = Field(
        min_length=1,
        title="What people may use it for",
        description="One a line, in their words: they see this on “My AI”.",
    )
    never: list[Point] = Field(
        default_factory=list, title="What they may not", description="One a line: data, cases, decisions."
    )
    eligible: int = Field(title="People it is for", gt=0, description="How many could use it in their work.")
    contact: Line = Field(
        title="Whom they ask", description="An e-mail: somebody who uses it well.", json_schema_extra=PERSON
    )
    units: list[Line] = Field(
        default_factory=list,
        title="Units it is for",
        description="Names of units, one a line, with all below them; none means everybody.",
        json_schema_extra=UNIT,
    )
    address: Address | None = Field(None, title="Where it is opened", description="A link.")
    training: Words = Field(
        title="How they learn it", description="Also when not to trust it, on its own mistakes.", json_schema_extra=FULL
    )
    worries: Words = Field(
        title="What worries them",
        description="As those who do the work say it, and what you do about it.",
        json_schema_extra=FULL,
    )
    target: Share = Field(
        title="Active of 100 eligible", description="A month, once it has settled in.", json_schema_extra=FULL
    )
    target_on: date = Field(title="Reached by", json_schema_extra=FULL)
    review_by: date = Field(title="Look again by", json_schema_extra=FULL)


class Use(Part):
    """Who used a system in one month, and what they did with its answers."""

    period: Period = Field(title="Month", description="Such as 2026-10.")
    eligible: int = Field(title="Eligible people", ge=0, description="How many could use it in that month.")
    active: int = Field(title="Active people", ge=0, description="How many did.")
    answers: int = Field(title="Answers", ge=0, description="How many answers people saw.", json_schema_extra=FULL)
    overridden: int | None = Field(
        None, ge=0, title="Overridden", description="How many they changed or threw away; open if nobody counts."
    )
    checked: int | None = Field(
        None, ge=0, title="Checked afterwards", description="How many were checked by somebody who knows."
    )
    wrong: int | None = Field(None, ge=0, title="Of these, wrong")
    caught: int | None = Field(
        None, ge=0, title="Wrong and overridden", description="How many of the wrong ones people had overridden."
    )
    source: Literal["counted", "vendor", "survey", "guess"] = Field(
        title="Where it comes from",
        json_schema_extra=FULL
        | {"labels": {"counted": "Counted by the system", "vendor": "The vendor's report", "guess": "A guess"}},
    )

    @model_validator(mode="after")
    def _parts_of_wholes(self) -> Self:
        for part, of in (
            ("active", "eligible"),
            ("overridden", "answers"),
            ("checked", "answers"),
            ("wrong", "checked"),
            ("caught", "wrong"),
        ):
            less, more = getattr(self, part), getattr(self, of)
            if less is not None and more is not None and less > more:
                told = type(self).model_fields
                raise ValueError(f"“{told[part].title}” cannot be more than “{told[of].title}”.")
        return self
