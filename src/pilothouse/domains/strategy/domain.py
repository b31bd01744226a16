"""Strategy, as the house sees it."""

from __future__ import annotations

from pilothouse.domains.strategy.checks import CHECKS, GOAL, KIND, POSITIONING, VERDICT
from pilothouse.domains.strategy.schemas import Goal, PilotVerdict, Positioning, ValueHypothesis
from pilothouse.kernel.domain import Domain, RecordKind, ShareMet

DOMAIN = Domain(
    id="strategy",
    title="Strategy and value",
    question="Can every running system trace to a documented business outcome with a defined success metric?",
    order=1,
    checks=CHECKS,
    answer=ShareMet(checks=("strategy.value_hypothesis_sealed",)),
    records=(
        RecordKind(
            id=GOAL,
            title="Strategic goal",
            schema=Goal,
            why="What the organisation wants to reach: every system names the goal that it serves.",
            of_system=False,
            many=True,
            key="name",
            judges=True,
        ),
        RecordKind(
            id=POSITIONING,
            title="Positioning statement",
            schema=Positioning,
            why="What AI is for in this organisation, where it gives an edge, and what is ruled out.",
            of_system=False,
        ),
        RecordKind(
            id=KIND,
            title="Value hypothesis",
            schema=ValueHypothesis,
            why="What a system should bring, what would show it, and when to stop: sealed before money is spent.",
            plural="Value hypotheses",
        ),
        RecordKind(
            id=VERDICT,
            title="Pilot verdict",
            schema=PilotVerdict,
            why="What the pilot measured, and whether that means to scale, to go on or to stop.",
        ),
    ),
)
