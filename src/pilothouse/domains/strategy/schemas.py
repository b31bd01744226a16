"""The value hypothesis: what a system should bring, written down before money is spent on it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=3, max_length=200)]
LongText = Annotated[str, Field(min_length=10, max_length=4000)]
Money = Annotated[Decimal, Field(max_digits=15, decimal_places=2)]


class Range(BaseModel):
    """An estimate as a range: one chance in ten that it is lower than P10, one in ten that it is higher than P90."""

    model_config = ConfigDict(extra="forbid")

    p10: Money = Field(title="P10", description="Nine times in ten it will be more than this.")
    p50: Money = Field(title="P50", description="As likely more as less.")
    p90: Money = Field(title="P90", description="Nine times in ten it will be less than this.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.p10 <= self.p50 <= self.p90:
            raise ValueError("P10 must not exceed P50, nor P50 exceed P90.")
        return self


class Cost(Range):
    """A range that cannot fall below nothing."""

    @model_validator(mode="after")
    def _not_negative(self) -> Self:
        if self.p10 < 0:
            raise ValueError("A cost is not below zero.")
        return self


class ValueHypothesis(BaseModel):
    """What one system should bring, how that will be seen, and when to stop."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["efficiency", "augmentation", "reimagined"] = Field(
        title="Kind of value",
        description="Efficiency: the same, cheaper. Augmentation: people do more or better. Reimagined: a new way.",
    )
    outcome: LongText = Field(title="Outcome", description="What will be different for the business, and for whom.")
    mechanism: LongText = Field(title="Mechanism", description="Why the system should bring that about.")
    metric: Text = Field(title="Metric", description="The one figure that shows it.")
    unit: Annotated[str, Field(min_length=1, max_length=60)] = Field(
        title="Unit", description="Such as minutes a case, % of orders, € a month."
    )
    baseline: Decimal = Field(title="Baseline", description="The metric today, without the system.")
    target: Decimal = Field(title="Target", description="The metric that would make it worth while.")
    guardrail: LongText = Field(
        title="Guardrail", description="What must not get worse meanwhile, and the limit beyond which it has."
    )
    sample_size: int = Field(title="Sample size", gt=0, description="How many cases decide whether it works.")
    stop_rule: LongText = Field(title="Stop rule", description="What result ends it, however it is liked.")
    decision_date: date = Field(title="Decision date", description="When it is continued, scaled or stopped.")
    owner: Text = Field(title="Owner of the value", description="Who answers for the outcome: a name or a post.")
    currency: str = Field(
        title="Currency", pattern=r"^[A-Z]{3}$", max_length=3, description="Three letters, such as EUR."
    )
    value: Range = Field(title="Value a year", description="Before costs, once it runs.")
    cost: Cost = Field(title="Cost of the first year", description="Build or buy, run, review and change.")

    @model_validator(mode="after")
    def _target_differs(self) -> Self:
        if self.target == self.baseline:
            raise ValueError("The target is the same as the baseline, so nothing would show that it works.")
        return self
