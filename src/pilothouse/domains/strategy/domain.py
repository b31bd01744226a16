"""Strategy, as the house sees it."""

from __future__ import annotations

from pilothouse.domains.strategy.checks import CHECKS, KIND
from pilothouse.domains.strategy.schemas import ValueHypothesis
from pilothouse.kernel.domain import Domain, RecordKind

DOMAIN = Domain(
    id="strategy",
    title="Strategy and value",
    question="Which systems are worth it?",
    order=1,
    checks=CHECKS,
    records=(
        RecordKind(
            id=KIND,
            title="Value hypothesis",
            schema=ValueHypothesis,
            why="What a system should bring, what would show it, and when to stop: sealed before money is spent.",
        ),
    ),
)
