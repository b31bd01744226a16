"""What strategy writes down: where the organisation wants to be, what a system should bring, what its pilot showed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pilothouse.kernel.records.fields import (
    FULL,
    METHODS,
    Cost,
    Currency,
    Line,
    Method,
    Part,
    Range,
    Unit,
    Words,
    refers,
)

GOAL = "strategy.goal"


class Goal(Part):
    """One thing that the organisation wants to reach, whatever means it takes."""

    name: Line = Field(title="Goal", description="A short name that others refer to, such as “Answer within two days”.")
    statement: Words = Field(title="In full", description="What will be true for whom, and why it matters now.")
    metric: Line = Field(title="Metric", description="The one figure that shows it, such as hours until an answer.")
    unit: Unit = Field(title="Unit", description="Such as hours, % of orders, € a year.")
    baseline: Decimal = Field(title="Baseline", description="The metric when the goal was set.")
    target: Decimal = Field(title="Target", description="The metric when the goal is reached.")
    by: date = Field(title="By", description="When it should be reached, such as 2027-12-31.")
    owner: Line = Field(title="Who answers for it", description="A name or a post, such as Head of service.")
    standing: Literal["stands", "reached", "dropped"] = Field(
        "stands", title="Where it stands", description="A goal that was reached or dropped carries no new system."
    )
    why_dropped: Words | None = Field(None, title="Why it was dropped", description="Only if it was.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.target == self.baseline:
            raise ValueError("The target is the same as the baseline, so nothing would show that it is reached.")
        if self.standing == "dropped" and not self.why_dropped:
            raise ValueError("Say why it was dropped: systems were built for it.")
        return self


class Positioning(Part):
    """What AI is for in this organisation, in one page that others can be held to."""

    statement: Words = Field(
        title="Position", description="What AI should make of this business that it could not be without it."
    )
    advantage: Words = Field(
        title="Where it gives an edge", description="What rivals could not copy soon: data, process, customers, people."
    )
    follow: Words = Field(
        title="Where others may lead", description="What is bought or reached by API, because owning it gains nothing."
    )
    never: Words = Field(title="What we do not do", description="Uses that are ruled out, whatever they would bring.")
    goals: list[Line] = Field(
        min_length=1,
        title="Strategic goals",
        description="The goals that AI is to serve, as they are named in the register.",
        json_schema_extra=refers(GOAL),
    )
    agreed_by: Line = Field(title="Agreed by", description="Who adopted it, such as the board.")
    agreed_on: date = Field(title="Agreed on", description="Such as 2026-03-15.")
    review_by: date = Field(title="Look again by", description="At the latest a year on.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.review_by <= self.agreed_on:
            raise ValueError("The next look comes after the day on which it was agreed.")
        return self


class ValueHypothesis(Part):
    """What one system should bring, how that will be seen, and when to stop."""

    kind: Literal["efficiency", "augmentation", "reimagined"] = Field(
        title="Kind of value",
        description="Efficiency: the same, cheaper. Augmentation: people do more or better. Reimagined: a new way.",
        json_schema_extra=FULL,
    )
    justification: Words | None = Field(
        None,
        title="Why it is of that kind",
        description="Needed where the business is reimagined: which work is done in another way, or what is offered.",
    )
    offer: Line | None = Field(
        None,
        title="New offer",
        description="What customers can get that they could not get before, such as “An answer at night”.",
    )
    goals: list[Line] = Field(
        default_factory=list,
        title="Strategic goals",
        description="The goals it serves, as they are named in the register.",
        json_schema_extra=refers(GOAL),
    )
    outcome: Words = Field(title="Outcome", description="What will be different for the business, and for whom.")
    mechanism: Words = Field(
        title="Mechanism", description="Why the system should bring that about.", json_schema_extra=FULL
    )
    metric: Line = Field(title="Metric", description="The one figure that shows it.")
    unit: Unit = Field(
        title="Unit", description="Such as minutes a case, % of orders, € a month.", json_schema_extra=FULL
    )
    baseline: Decimal = Field(
        title="Baseline", description="The metric today, without the system.", json_schema_extra=FULL
    )
    target: Decimal = Field(title="Target", description="The metric that would make it worth while.")
    guardrail: Words = Field(
        title="Guardrail",
        description="What must not get worse meanwhile, and the limit beyond which it has.",
        json_schema_extra=FULL,
    )
    sample_size: int = Field(
        title="Sample size", gt=0, description="How many cases decide whether it works.", json_schema_extra=FULL
    )
    stop_rule: Words = Field(title="Stop rule", description="What result ends it, however it is liked.")
    decision_date: date = Field(title="Decision date", description="When it is continued, scaled or stopped.")
    owner: Line = Field(
        title="Owner of the value",
        description="Who answers for the outcome: a name or a post.",
        json_schema_extra=FULL,
    )
    currency: Currency = Field(title="Currency", description="Three letters, such as EUR.", json_schema_extra=FULL)
    value: Range = Field(title="Value a year", description="Before costs, once it runs.", json_schema_extra=FULL)
    cost: Cost = Field(
        title="Cost of the first year", description="Build or buy, run, review and change.", json_schema_extra=FULL
    )

    @model_validator(mode="after")
    def _target_differs(self) -> Self:
        if self.target == self.baseline:
            raise ValueError("The target is the same as the baseline, so nothing would show that it works.")
        return self

    @model_validator(mode="after")
    def _reimagined_says_how(self) -> Self:
        if self.kind == "reimagined" and not (self.justification or self.offer):
            raise ValueError("Say what is reimagined: the work that is done in another way, or the new offer.")
        return self


class PilotVerdict(Part):
    """What the pilot measured, and what follows from it."""

    began_on: date = Field(title="Pilot began", description="The first day that was counted.", json_schema_extra=FULL)
    ended_on: date = Field(title="Pilot ended", description="The last day that was counted.")
    cases: Annotated[int, Field(gt=0)] = Field(title="Cases", description="How many cases were measured.")
    method: Method = Field(
        title="How it was measured",
        description="Best first: by chance who got it, in steps, against a built comparison, before and after, told.",
        json_schema_extra=FULL | METHODS,
    )
    measured: Decimal = Field(title="Measured", description="The hypothesis's metric, as the pilot found it.")
    low: Decimal | None = Field(None, title="At least", description="The lower end of its 90 % interval, if known.")
    high: Decimal | None = Field(None, title="At most", description="The upper end of its 90 % interval, if known.")
    guardrail_held: bool = Field(
        title="Did the guardrail hold?", description="No means that something got worse beyond its limit."
    )
    guardrail_result: Words = Field(
        title="The guardrail's figure", description="What was measured, against which limit.", json_schema_extra=FULL
    )
    verdict: Literal["scale", "continue", "stop"] = Field(
        title="Verdict",
        description="Scale: bring it into production. Continue: go on measuring. Stop: end it.",
    )
    why: Words = Field(
        title="Why", description="What in the result decided, and what spoke against it.", json_schema_extra=FULL
    )
    decided_by: Line = Field(
        title="Decided by", description="The name or post of whoever decided.", json_schema_extra=FULL
    )

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.began_on and self.ended_on < self.began_on:
            raise ValueError("The pilot ended before it began.")
        if (self.low is not None and self.low > self.measured) or (self.high is not None and self.high < self.measured):
            raise ValueError("What was measured lies outside its own interval.")
        if self.verdict == "scale" and not self.guardrail_held:
            raise ValueError("A pilot whose guardrail did not hold is not scaled: continue it or stop it.")
        if self.verdict == "scale" and self.method == "self_report":
            raise ValueError("What users tell is not a measurement; it is not enough to scale.")
        return self
