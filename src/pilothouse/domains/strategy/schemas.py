"""The value hypothesis: what a system should bring, written down before money is spent on it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from pilothouse.kernel.records.fields import Cost, Currency, Line, Part, Range, Unit, Words


class ValueHypothesis(Part):
    """What one system should bring, how that will be seen, and when to stop."""

    kind: Literal["efficiency", "augmentation", "reimagined"] = Field(
        title="Kind of value",
        description="Efficiency: the same, cheaper. Augmentation: people do more or better. Reimagined: a new way.",
    )
    outcome: Words = Field(title="Outcome", description="What will be different for the business, and for whom.")
    mechanism: Words = Field(title="Mechanism", description="Why the system should bring that about.")
    metric: Line = Field(title="Metric", description="The one figure that shows it.")
    unit: Unit = Field(title="Unit", description="Such as minutes a case, % of orders, € a month.")
    baseline: Decimal = Field(title="Baseline", description="The metric today, without the system.")
    target: Decimal = Field(title="Target", description="The metric that would make it worth while.")
    guardrail: Words = Field(
        title="Guardrail", description="What must not get worse meanwhile, and the limit beyond which it has."
    )
    sample_size: int = Field(title="Sample size", gt=0, description="How many cases decide whether it works.")
    stop_rule: Words = Field(title="Stop rule", description="What result ends it, however it is liked.")
    decision_date: date = Field(title="Decision date", description="When it is continued, scaled or stopped.")
    owner: Line = Field(title="Owner of the value", description="Who answers for the outcome: a name or a post.")
    currency: Currency = Field(title="Currency", description="Three letters, such as EUR.")
    value: Range = Field(title="Value a year", description="Before costs, once it runs.")
    cost: Cost = Field(title="Cost of the first year", description="Build or buy, run, review and change.")

    @model_validator(mode="after")
    def _target_differs(self) -> Self:
        if self.target == self.baseline:
            raise ValueError("The target is the same as the baseline, so nothing would show that it works.")
        return self
