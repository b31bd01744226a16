"""What watches a system, what is done when it fails, and what went wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pilothouse.kernel.records.fields import FULL, PERSON, SHORT, Line, Part, Words, refers


def _moment(text: str) -> str:
    """A time as it is kept: in UTC, to the minute."""
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("Write a date and a time, such as 2026-11-03 14:30.") from None
    if ":" not in text:
        raise ValueError("Say the time as well, such as 2026-11-03 14:30; it is counted in hours.")
    when = when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    return f"{when:%Y-%m-%d %H:%M}"


Moment = Annotated[str, Field(min_length=10, max_length=40), AfterValidator(_moment)]
"""A date and a time in UTC, kept as 2026-11-03 14:30. An offset may be written: 2026-11-03 15:30+01:00."""

ROLES = {
    "owner": "The system's owner",
    "operations": "Operations",
    "ciso": "Chief information security officer",
    "cio": "Chief information officer",
    "cto": "Chief technology officer",
    "caio": "Chief AI Officer",
    "risk": "Risk and compliance",
    "legal": "Legal and data protection",
}
WATCHED = {
    "quality": "How good its answers are",
    "drift": "Drift of what goes in or comes out",
    "fairness": "Fairness between groups",
    "safety": "Harmful or forbidden output",
    "cost": "Cost",
    "latency": "How fast it answers",
    "availability": "Whether it answers at all",
}


class Monitor(Part):
    """One thing that is watched, and who is told when it goes wrong."""

    name: Line = Field(title="Name", description="Such as Weekly sample of summaries.")
    watches: Literal["quality", "drift", "fairness", "safety", "cost", "latency", "availability"] = Field(
        title="What it watches", json_schema_extra={"labels": {**WATCHED}}
    )
    state: Literal["planned", "live", "stopped"] = Field(title="State")
    measures: Words = Field(
        title="What is measured",
        description="The figure, on which cases, how often, such as 50 sampled summaries a week, share without error.",
        json_schema_extra=FULL,
    )
    threshold: Line = Field(
        title="Threshold", description="What sets off the alert, such as Below 92 %.", json_schema_extra=FULL
    )
    detect_within: int = Field(
        title="To be noticed within",
        gt=0,
        le=8760,
        description="Hours from when it goes wrong until somebody is told.",
        json_schema_extra=FULL,
    )
    people: list[Line] = Field(
        default_factory=list,
        title="Who is alerted",
        description="E-mails of people here, one a line.",
        json_schema_extra=PERSON | SHORT,
    )
    role: Literal["owner", "operations", "ciso", "cio", "cto", "caio", "risk", "legal"] | None = Field(
        None, title="Or who holds the role", json_schema_extra={"labels": {**ROLES}} | SHORT
    )
    channel: Line | None = Field(
        None, title="By what way", description="Such as pager of the on-call rota, e-mail, chat room #claims-ai."
    )
    live_since: date | None = Field(
        None, title="Live since", description="Needed once it is live.", json_schema_extra=SHORT
    )
    tested_on: date | None = Field(
        None, title="Alert last tried", description="When a made-up fault last reached the people above."
    )

    @model_validator(mode="after")
    def _answered(self) -> Self:
        if not self.people and self.role is None:
            raise ValueError("Say who is alerted: people by e-mail, or a role.")
        if self.state == "live" and self.live_since is None:
            raise ValueError("It is live, so say since when.")
        return self


class Runbook(Part):
    """What is done when something goes wrong, by whoever is there."""

    name: Line = Field(title="Name", description="Such as Summaries are wrong.")
    owner: Line = Field(title="Kept by", description="An e-mail.", json_schema_extra=PERSON)
    stop: Words = Field(title="How it is stopped", description="Who may stop it, where, and how it is undone.")
    without: Words = Field(
        title="How work goes on without it", description="What people do while it is off, and how long that holds."
    )
    signs: Words = Field(title="Signs", description="How one sees that this is the fault.", json_schema_extra=FULL)
    steps: list[Annotated[str, Field(min_length=3, max_length=500)]] = Field(
        min_length=1, title="Steps", description="One a line, in the order they are done.", json_schema_extra=FULL
    )
    told: Words = Field(
        title="Who is told", description="Owners, users, customers, authorities; by when.", json_schema_extra=FULL
    )
    drilled_on: date | None = Field(None, title="Last tried out", description="When it was last gone through.")
    review_by: date = Field(title="Look again by", json_schema_extra=FULL)


Cause = Literal[
    "data_drift",
    "concept_drift",
    "model_change",
    "prompt_change",
    "pipeline",
    "infrastructure",
    "misuse",
    "attack",
    "human",
    "unknown",
]
STEPS = {
    "onset": "began",
    "detected": "was noticed",
    "acknowledged": "was taken on",
    "contained": "was contained",
    "resolved": "was resolved",
}
"""The moments of an incident, in the order in which they come."""


class Incident(Part):
    """Something that an AI system did wrong, from when it began until it was mended."""

    title: Line = Field(title="What happened", description="In one line, such as Summaries left out work permits.")
    severity: Literal["low", "medium", "high", "critical"] = Field(
        title="Severity",
        json_schema_extra={
            "labels": {
                "low": "Low: annoying",
                "medium": "Medium: work had to be done again",
                "high": "High: people or customers were harmed",
                "critical": "Critical: harm goes on or spreads",
            }
        },
    )
    detected: Moment = Field(
        title="Noticed", description="When the first person knew. Times are UTC: 2026-11-03 14:30."
    )
    onset: Moment | None = Field(
        None, title="Began", description="As far as can be told from the data; left open while nobody can say."
    )
    found_by: Literal["monitor", "employee", "customer", "provider", "audit", "authority", "chance"] = Field(
        title="Noticed by",
        json_schema_extra=FULL
        | {"labels": {"monitor": "A monitor", "employee": "Somebody here", "customer": "A customer"}},
    )
    told: list[Line] = Field(
        default_factory=list, title="Who was told first", description="E-mails, one a line.", json_schema_extra=PERSON
    )
    story: Words = Field(
        title="Story", description="What it did, to whom, how many, and how one knows.", json_schema_extra=FULL
    )
    acknowledged: Moment | None = Field(None, title="Taken on", description="When somebody took charge.")
    contained: Moment | None = Field(None, title="Contained", description="When no further harm came of it.")
    resolved: Moment | None = Field(
        None, title="Resolved", description="When it ran rightly again, or for good no more."
    )
    cause: Cause | None = Field(
        None,
        title="Cause",
        json_schema_extra={
            "labels": {
                "data_drift": "The data changed",
                "concept_drift": "The world changed",
                "model_change": "The model was changed",
                "prompt_change": "A prompt was changed",
                "pipeline": "A data pipeline broke",
                "infrastructure": "Machines or network",
                "misuse": "It was used for something else",
                "attack": "An attack",
                "human": "A mistake of ours",
                "unknown": "Not found",
            }
        },
    )
    runbook: Line | None = Field(
        None, title="Runbook used", description="Its name, if one was.", json_schema_extra=refers("mlops.runbook")
    )
    lessons: Words | None = Field(None, title="What was changed", description="So that it does not happen again.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        said = [(step, getattr(self, step)) for step in STEPS if getattr(self, step)]
        for (before, earlier), (after, later) in pairwise(said):
            if later < earlier:
                raise ValueError(f"It says that it {STEPS[after]} before it {STEPS[before]}.")
        if self.resolved and self.cause is None:
            raise ValueError("It is resolved, so name its cause, even if that is: not found.")
        return self
