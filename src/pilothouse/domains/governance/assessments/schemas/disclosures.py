"""What is said in public about our AI, each claim with what stands behind it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from pilothouse.kernel.records.fields import ASKED, PERSON, SYSTEM, Address, Line, Part, Words

Number = Annotated[Decimal, Field(max_digits=15, decimal_places=4)]
Id = Annotated[
    str, Field(min_length=36, max_length=500, pattern=r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
]
CHANNELS: dict[str, Any] = {
    "annual_report": "Annual report",
    "filing": "Filing with an authority",
    "website": "Web site",
    "transparency_notice": "Transparency notice",
    "marketing": "Marketing",
    "contract": "Contract or tender",
    "other": "Elsewhere",
}


class Backing(Part):
    """One thing that a claim rests on."""

    model_config = ASKED

    what: Literal["evidence", "document"] = Field(
        title="What it is", description="A piece of evidence, or a sealed document or entry of a register."
    )
    address: Id = Field(
        title="Its address", description="Copy it from the browser: the page of the evidence or of the document."
    )
    shows: Line = Field(title="What it shows", description="In a few words, such as “error rate of 2.1 %”.")
    figure: Number | None = Field(
        None, title="Figure that is claimed", description="If the claim names one; it is held against the evidence's."
    )
    tolerance: Number | None = Field(
        None, title="May differ by", description="In the figure's own unit. Needed where a figure is claimed."
    )

    @field_validator("tolerance")
    @classmethod
    def _bounded(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if info.data.get("figure") is not None and value is None:
            raise ValueError("Say how far the figure may move before the claim is no longer true; 0 if not at all.")
        if value is not None and value < 0:
            raise ValueError("It is not below zero.")
        return value


class Disclosure(Part):
    """One claim about AI that others read."""

    name: Line = Field(title="Name", description="A short name of ours, such as “Error rate on the web site”.")
    claim: Words = Field(title="What is claimed", description="Word for word, as it is published.")
    channel: Literal["annual_report", "filing", "website", "transparency_notice", "marketing", "contract", "other"] = (
        Field(title="Where", description="Who reads it.", json_schema_extra={"labels": CHANNELS})
    )
    page: Address | None = Field(None, title="Link", description="Where it can be read.")
    systems: list[int] = Field(
        default_factory=list,
        title="About systems",
        description="Their numbers, one a line; none where it is about all our AI.",
        json_schema_extra=SYSTEM,
    )
    backing: list[Backing] = Field(title="What stands behind it", description="At least one thing.", min_length=1)
    material: Words = Field(
        title="Materiality", description="Who relies on it for what, and what it would mean if it were wrong."
    )
    owner: Line = Field(
        title="Owner", description="Who takes it back when it is no longer true.", json_schema_extra=PERSON
    )
    as_of: date = Field(title="True as of", description="The day that the claim speaks of.")
    expires: date = Field(title="Look again by", description="After that day it is no longer supported.")

    @field_validator("expires")
    @classmethod
    def _after(cls, value: date, info: ValidationInfo) -> date:
        if (as_of := info.data.get("as_of")) and value <= as_of:
            raise ValueError("It comes after the day that the claim speaks of.")
        return value
