"""Economics, as the house sees it."""

from __future__ import annotations

from pilothouse.domains.economics.answer import answer
from pilothouse.domains.economics.checks import CHECKS
from pilothouse.domains.economics.facts import BUDGET, INVOICE, PLAN, PRICE, REVIEW, VALUE
from pilothouse.domains.economics.schemas import Budget, CostPlan, HumanReview, Invoice, Price, RealisedValue
from pilothouse.kernel.domain import Domain, RecordKind

DOMAIN = Domain(
    id="economics",
    title="Economics",
    question="What does AI return on every unit of money spent, for each system and in total?",
    order=10,
    checks=CHECKS,
    answer=answer,
    records=(
        RecordKind(
            id=BUDGET,
            title="Budget",
            schema=Budget,
            why="What the system may cost in a period, and who holds the money.",
            many=True,
            key="period",
        ),
        RecordKind(
            id=PRICE,
            title="Price",
            schema=Price,
            why="What a unit costs, from when until when: a past charge keeps the price of its day.",
            of_system=False,
            many=True,
            key="item",
            judges=True,
        ),
        RecordKind(
            id=PLAN,
            title="Cost plan",
            schema=CostPlan,
            why="What the system is expected to cost, as a range, on which prices and assumptions.",
        ),
        RecordKind(
            id=INVOICE,
            title="Invoice",
            schema=Invoice,
            why="What was charged, line by line, and for which system.",
            of_system=False,
            many=True,
            key="number",
            judges=True,
        ),
        RecordKind(
            id=REVIEW,
            title="Human-review economics",
            schema=HumanReview,
            why="What review by people costs and saves, and so which results are worth it.",
            plural="Human-review economics",
        ),
        RecordKind(
            id=VALUE,
            title="Realised value",
            schema=RealisedValue,
            why="What the system brought and how that is known; it is booked once finance has signed it off.",
            many=True,
            key="name",
            plural="Realised values",
            signers=(("cfo",),),
            stand_ins=("board", "operations"),
        ),
    ),
)
