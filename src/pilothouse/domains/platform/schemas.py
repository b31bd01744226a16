"""What platform writes down: data sources, how ready the data is, the pipelines that bring it, and what blocks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from pilothouse.kernel.records.fields import FULL, PERSON, Line, Part, Share, Unit, Words, refers

SOURCE = "platform.data_source"

Level = Literal["0", "1", "2", "3", "4"]
LEVELS: dict[str, Any] = {
    "labels": {
        "0": "0: not there, or nobody knows",
        "1": "1: by hand, now and then",
        "2": "2: good enough for a pilot",
        "3": "3: good enough for production",
        "4": "4: watched, and kept so",
    }
}


class DataSource(Part):
    """One place that data comes from, and the right to use it."""

    name: Line = Field(title="Data source", description="A name that others refer to, such as “Applicant register”.")
    kind: Literal["operational", "experiential", "external"] = Field(
        title="Kind",
        description="Operational: orders, cases, stock. Experiential: what people say and do. External: from outside.",
    )
    holds: Words = Field(title="What it holds", description="Whose data, about what, from when on.")
    interface: Literal["api", "batch", "none"] = Field(
        title="Way in",
        description="How a system gets at it today.",
        json_schema_extra={"labels": {"api": "API", "batch": "Batch: files now and then", "none": "None yet"}},
    )
    legacy: bool = Field(title="Is it a legacy system?", description="Older than any way in that is used today.")
    owner: str | None = Field(
        None, title="Owner", description="E-mail of whoever answers for this data.", json_schema_extra=PERSON
    )
    right: Literal["own", "contract", "licence", "consent", "law", "public", "unclear", "refused"] = Field(
        title="Right of use",
        description="On what ground it may be used for AI.",
        json_schema_extra={
            "labels": {
                "own": "Our own, with no one else's data in it",
                "law": "A law says so",
                "unclear": "Nobody has looked",
                "refused": "It may not be used",
            }
        },
    )
    right_note: Words | None = Field(
        None, title="What the right allows", description="The contract or consent, for which use, and what is left out."
    )
    right_until: date | None = Field(None, title="Right ends on", description="Empty if it has no end.")
    personal: Literal["none", "personal", "special"] = Field(
        title="Personal data",
        description="Does it tell of people who can be recognised?",
        json_schema_extra={"labels": {"personal": "Personal data", "special": "Special categories, such as health"}},
    )

    @model_validator(mode="after")
    def _right_is_told(self) -> Self:
        if self.right in ("contract", "licence", "consent", "law") and not self.right_note:
            raise ValueError("Say which contract, licence, consent or law it is, and what it allows.")
        if self.right == "own" and self.kind == "external":
            raise ValueError("Data from outside is not our own: say which right there is to use it.")
        return self


class DataReadiness(Part):
    """How ready the data of one system is, on five sides, each with what shows it."""

    sources: list[Line] = Field(
        min_length=1,
        title="Data sources",
        description="What it learns from or reads, as named in the register. What its users type is a source as well.",
        json_schema_extra=FULL | refers(SOURCE),
    )
    access: Level = Field(
        title="Access", description="Can the system get at the data without somebody's help?", json_schema_extra=LEVELS
    )
    access_evidence: Words = Field(
        title="Access: what shows it", description="The interface that was tried, and when.", json_schema_extra=FULL
    )
    quality: Level = Field(
        title="Quality", description="Is it complete and right enough for this purpose?", json_schema_extra=LEVELS
    )
    quality_evidence: Words = Field(
        title="Quality: what shows it",
        description="The sample looked at, and the share of faults.",
        json_schema_extra=FULL,
    )
    freshness: Level = Field(
        title="Freshness", description="Is it new enough when it is used?", json_schema_extra=FULL | LEVELS
    )
    freshness_evidence: Words = Field(
        title="Freshness: what shows it",
        description="How old it is on arrival, and how that is seen.",
        json_schema_extra=FULL,
    )
    lineage: Level = Field(
        title="Lineage and rights",
        description="Is it known where it comes from, and may it be used for this?",
        json_schema_extra=LEVELS,
    )
    lineage_evidence: Words = Field(
        title="Lineage and rights: what shows it",
        description="Who said so, and where it is written down.",
        json_schema_extra=FULL,
    )
    integration: Level = Field(
        title="Integration",
        description="Does what was built for the pilot also work in the place where it will run?",
        json_schema_extra=FULL | LEVELS,
    )
    integration_evidence: Words = Field(
        title="Integration: what shows it",
        description="The path from source to system that was run, and where.",
        json_schema_extra=FULL,
    )
    assessed_by: Line = Field(
        title="Assessed by", description="Names or posts of those who looked.", json_schema_extra=FULL
    )
    review_by: date = Field(title="Look again by", description="At the latest; a new source asks for it earlier.")

    @model_validator(mode="after")
    def _access_comes_first(self) -> Self:
        if self.access == "0" and any(level in ("3", "4") for level in (self.quality, self.freshness)):
            raise ValueError("Nobody gets at the data, so its quality and freshness cannot be known to be good.")
        return self


class Outcome(Part):
    """What a pipeline did in one place over one stretch of time."""

    value: Decimal = Field(title="Outcome", description="The pipeline's measure, as found there.")
    runs: Annotated[int, Field(gt=0)] = Field(title="Runs", description="How many runs it was found from.")
    measured_on: date = Field(title="Measured on", description="The last day that counts.")


class Pipeline(Part):
    """One way by which data reaches the system, with what it does at home and in the field."""

    name: Line = Field(title="Pipeline", description="Such as “Nightly load of applications”.")
    sources: list[Line] = Field(
        min_length=1,
        title="From",
        description="The data sources that it reads, as named in the register.",
        json_schema_extra=FULL | refers(SOURCE),
    )
    schedule: Literal["stream", "hourly", "daily", "weekly", "monthly", "on_demand"] = Field(
        title="How often it runs", description="As planned.", json_schema_extra=FULL
    )
    metric: Line = Field(title="Measure", description="What shows that it works, such as records loaded without fault.")
    unit: Unit = Field(title="Unit", description="Such as % of records, minutes.", json_schema_extra=FULL)
    better: Literal["higher", "lower"] = Field(title="Better is", description="Which way the measure should go.")
    development: Outcome = Field(title="In development", description="What was found before it went live.")
    production: Outcome | None = Field(
        None, title="In production", description="What is found on real data; empty while it does not run there."
    )
    tolerance: Share = Field(
        Decimal(5), title="Tolerance, %", description="How much worse than in development is still good enough."
    )
    owner: Line = Field(
        title="Who mends it", description="A name or a post that is called when it breaks.", json_schema_extra=FULL
    )


class Blocker(Part):
    """Something that keeps a use case from going on."""

    title: Line = Field(title="Blocker", description="Such as “No way into the planning system”.")
    kind: Literal["data_access", "data_quality", "legacy", "model", "people", "legal"] = Field(
        title="Kind",
        description="What is at the bottom of it.",
        json_schema_extra={
            "labels": {
                "data_access": "Data cannot be reached",
                "data_quality": "Data is not good enough",
                "legacy": "A legacy system",
                "model": "The model cannot do it",
                "people": "People or skills are missing",
                "legal": "Law or contract",
            }
        },
    )
    detail: Words = Field(title="What stops", description="What cannot be done, and what was tried.")
    since: date = Field(title="Since", description="The day from which it blocked.")
    owner: str | None = Field(
        None, title="Owner", description="E-mail of whoever clears it away.", json_schema_extra=PERSON
    )
    cleared_on: date | None = Field(None, title="Cleared on", description="Empty while it blocks.")
    cleared_how: Words | None = Field(None, title="How it was cleared", description="So that others find it.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.cleared_on and self.cleared_on < self.since:
            raise ValueError("It was cleared before it blocked.")
        if bool(self.cleared_on) != bool(self.cleared_how):
            raise ValueError("What was cleared has both: the day, and how.")
        return self
