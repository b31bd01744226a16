"""What economics writes down: budgets, prices, plans, invoices, what review by people costs, and realised value."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from pilothouse.kernel.records.fields import (
    FULL,
    METHODS,
    SYSTEM,
    Amount,
    Cost,
    Currency,
    Line,
    Method,
    Money,
    Part,
    Share,
    Unit,
    Words,
    refers,
)

PRICE = "economics.price"

Above = Annotated[Decimal, Field(max_digits=15, decimal_places=2, gt=0)]
Rated = Annotated[Decimal, Field(max_digits=20, decimal_places=8, ge=0)]
Category = Literal["model_use", "licence", "infrastructure", "data", "people", "review", "change"]
CATEGORIES: dict[str, Any] = {
    "labels": {
        "model_use": "Model use, by the call or token",
        "licence": "Licences and subscriptions",
        "infrastructure": "Machines, storage and network",
        "data": "Data",
        "people": "People who build and run it",
        "review": "People who review its results",
        "change": "Training and change of work",
    }
}
LONGEST = timedelta(days=366)


class Budget(Part):
    """What one system may cost in one period."""

    period: Line = Field(title="Period", description="A short name, such as “2026” or “Pilot, spring 2026”.")
    starts: date = Field(title="From", description="The first day, such as 2026-01-01.")
    ends: date = Field(title="Until", description="The last day, such as 2026-12-31.")
    currency: Currency = Field(title="Currency", description="Three letters, such as EUR.")
    amount: Above = Field(title="Amount", description="What may be invoiced in that period, before tax.")
    warn_at: Share = Field(
        Decimal(80), title="Warn at, %", description="The share of the amount from which its holder wants to know."
    )
    holder: Line = Field(
        title="Budget holder", description="The name or post of whoever may spend it.", json_schema_extra=FULL
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends < self.starts:
            raise ValueError("The period ends before it starts.")
        return self


class Rate(Part):
    """What one unit costs while this rate is valid."""

    valid_from: date = Field(title="Valid from", description="The first day at this rate.")
    valid_until: date | None = Field(None, title="Valid until", description="The last day; empty while it goes on.")
    amount: Rated = Field(title="Price of one unit", description="Such as 0.50.")


class Price(Part):
    """What something costs, from when until when: a past charge keeps the price of its day."""

    item: Line = Field(title="What it is", description="A name that others refer to, such as “Northlight Text, input”.")
    supplier: Line = Field(title="Supplier", description="Whose price it is.")
    unit: Unit = Field(title="One unit", description="Such as 1,000,000 tokens, seat a month, hour.")
    currency: Currency = Field(title="Currency", description="Three letters, such as EUR.")
    rates: list[Rate] = Field(min_length=1, title="Rates", description="One for each stretch of time.")
    source: Words = Field(title="Where it says so", description="The contract or price list, and when it was read.")

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Self:
        for rate in self.rates:
            if rate.valid_until and rate.valid_until < rate.valid_from:
                raise ValueError("A rate ends before it begins.")
        in_order = sorted(self.rates, key=lambda rate: rate.valid_from)
        for earlier, later in pairwise(in_order):
            if earlier.valid_until is None or earlier.valid_until >= later.valid_from:
                raise ValueError(
                    f"Two rates hold on {later.valid_from}: let the earlier end on the day before the later begins."
                )
        return self


class CostLine(Part):
    """One part of what a system costs."""

    category: Category = Field(title="For", description="What is paid for.", json_schema_extra=CATEGORIES)
    treatment: Literal["opex", "capex"] = Field(
        title="How it is booked",
        description="Running cost, or something that is bought and written off.",
        json_schema_extra={"labels": {"opex": "Opex: a running cost", "capex": "Capex: an investment"}},
    )
    cost: Cost = Field(title="Cost", description="As a range over the whole period.")
    basis: Line = Field(title="Worked out from", description="Users × calls × tokens × price, an offer, last year.")


class CostPlan(Part):
    """What a system is expected to cost over a period, as a range."""

    starts: date = Field(title="From", description="The first day that is planned, such as 2027-01-01.")
    ends: date = Field(title="Until", description="The last day; then a new plan is due.")
    currency: Currency = Field(title="Currency", description="Three letters, such as EUR.")
    total: Cost = Field(
        title="Cost in all",
        description="The range of the whole: narrower than its parts added up, since not all go wrong at once.",
    )
    lines: list[CostLine] = Field(
        min_length=1, title="Parts", description="What it is made of.", json_schema_extra=FULL
    )
    prices: list[Line] = Field(
        min_length=1,
        title="Prices it rests on",
        description="As named in the register of prices.",
        json_schema_extra=FULL | refers(PRICE),
    )
    assumptions: Words = Field(
        title="Assumptions",
        description="How many users, calls and tokens; what would make it twice as dear.",
        json_schema_extra=FULL,
    )

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.ends < self.starts:
            raise ValueError("The period ends before it starts.")
        if self.lines:
            if self.total.p10 < sum(line.cost.p10 for line in self.lines):
                raise ValueError("The P10 in all is below the parts' P10 added up: not all can be so cheap at once.")
            if self.total.p90 > sum(line.cost.p90 for line in self.lines):
                raise ValueError("The P90 in all is above the parts' P90 added up: a part is missing, or too cheap.")
        return self


class InvoiceLine(Part):
    """One line of an invoice, and the system that it was for."""

    text: Line = Field(title="Line", description="As it stands on the invoice.")
    category: Category = Field(title="For", description="What was paid for.", json_schema_extra=CATEGORIES)
    amount: Money = Field(title="Amount", description="Before tax; below zero for a credit.")
    system: int | None = Field(
        None,
        title="System",
        description="The number of the system it was for; empty if it was for none alone.",
        json_schema_extra=SYSTEM,
    )


class Invoice(Part):
    """What a supplier charged, and for which systems."""

    number: Line = Field(title="Invoice number", description="Supplier and number, such as “Northlight 2026-0815”.")
    supplier: Line = Field(title="Supplier", description="Who charged it.")
    invoiced_on: date = Field(title="Date", description="The day of the invoice: its month is the month of the cost.")
    currency: Currency = Field(title="Currency", description="Three letters, such as EUR.")
    total: Money = Field(title="Total before tax", description="It must be what the lines add up to.")
    lines: list[InvoiceLine] = Field(min_length=1, title="Lines", description="Each for one system, or for none.")

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        added = sum((line.amount for line in self.lines), Decimal(0))
        if added != self.total:
            raise ValueError(f"The lines add up to {added:,}, not to {self.total:,}.")
        return self


class HumanReview(Part):
    """What it costs that people review results, against what it saves that they do."""

    currency: Currency = Field(title="Currency", description="Three letters, such as EUR.")
    review_cost: Amount = Field(title="Cost of one review", description="A reviewer's minutes, in money.")
    catch_rate: Annotated[Decimal, Field(gt=0, le=100, max_digits=5, decimal_places=2)] = Field(
        title="Errors caught, %", description="Of 100 wrong results that are reviewed, how many the reviewer finds."
    )
    error_loss: Above = Field(
        title="Loss of one error", description="What a wrong result that gets through costs, with what follows from it."
    )
    false_alarm_rate: Share = Field(
        title="False alarms, %",
        description="Of 100 right results that are reviewed, how many the reviewer takes for wrong.",
        json_schema_extra=FULL,
    )
    false_alarm_cost: Amount = Field(
        title="Cost of a false alarm", description="Work done twice, a customer kept waiting.", json_schema_extra=FULL
    )
    error_rate: Annotated[Decimal, Field(ge=0, le=100, max_digits=6, decimal_places=3)] = Field(
        title="Wrong results, %", description="Of 100 results, how many are wrong now, and not reviewed yet."
    )
    scored: bool = Field(
        False,
        title="Does every result have its own chance of being wrong?",
        description="A calibrated score of each; without one it is all or none.",
    )
    policy: Literal["all", "above", "none"] = Field(
        title="What is reviewed",
        description="Besides a random sample, which is always looked at.",
        json_schema_extra={
            "labels": {"all": "Every result", "above": "Results above the threshold", "none": "Only the random sample"}
        },
    )
    audit_share: Share = Field(
        Decimal(1), title="Random sample, %", description="The share of results that is looked at whatever their score."
    )
    departs_because: Words | None = Field(
        None,
        title="Why it departs from the rule",
        description="If money alone would say otherwise: a law that asks for a person, harm that no money mends.",
    )
    volume: Annotated[int, Field(gt=0)] = Field(
        title="Results a month", description="How many there are to review.", json_schema_extra=FULL
    )
    basis: Words = Field(
        title="Where the figures come from",
        description="Which were measured, when, and which are guesses.",
        json_schema_extra=FULL,
    )

    @model_validator(mode="after")
    def _can_be_done(self) -> Self:
        if self.policy == "above" and not self.scored:
            raise ValueError("Without a score of each result nothing is above a threshold: review all or none.")
        if self.policy != "all" and self.audit_share == 0:
            raise ValueError("Look at a random sample always; else nobody notices when the errors become more.")
        return self


class RealisedValue(Part):
    """What a system brought in one period, and how that is known."""

    name: Line = Field(title="Value", description="What and when, such as “Time saved in intake, October 2026”.")
    starts: date = Field(title="From", description="The first day that is counted.")
    ends: date = Field(title="Until", description="The last day; at most a year on. It is booked to that month.")
    currency: Currency = Field(title="Currency", description="Three letters, such as EUR.")
    amount: Money = Field(
        title="Amount", description="What it brought before its own costs; below zero if it did harm."
    )
    method: Method = Field(
        title="How it was measured",
        description="Best first. What its users tell may be kept, but is never booked.",
        json_schema_extra=METHODS,
    )
    low: Money | None = Field(None, title="At least", description="The lower end of its 90 % interval, if known.")
    high: Money | None = Field(None, title="At most", description="The upper end of its 90 % interval, if known.")
    how: Words = Field(
        title="How it was worked out",
        description="Figures, comparison and price; which share of saved time was put to use.",
    )
    where: Literal["cost", "revenue", "risk", "time"] = Field(
        title="Where it shows",
        description="What finance would see.",
        json_schema_extra={
            "labels": {
                "cost": "A cost that fell",
                "revenue": "Revenue",
                "risk": "Losses that did not happen",
                "time": "Time that was put to other use",
            }
        },
    )

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.ends < self.starts or self.ends - self.starts > LONGEST:
            raise ValueError("The period ends on or after its first day, and is no longer than a year.")
        if (self.low is not None and self.low > self.amount) or (self.high is not None and self.high < self.amount):
            raise ValueError("The amount lies outside its own interval.")
        return self
