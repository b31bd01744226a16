"""Strategy in the demo: the goals that systems serve, hypotheses, and what pilots measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pilothouse.demo.papers.case import Case, Firm

GOALS = (
    ("Answer within a day", "Customers hear from us the same day, whatever they ask.", "Same-day answers", 61, 90),
    ("Fewer losses", "Fraud and bad debt fall by a fifth without turning good customers away.", "Losses", 100, 80),
    ("Time for people", "Colleagues spend their hours on people and not on copying text.", "Hours with people", 31, 45),
)


def of_firm(firm: Firm) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, statement, metric, baseline, target in GOALS[2:] if firm.small else GOALS:
        yield (
            "strategy.goal",
            {
                "name": name,
                "statement": statement,
                "metric": metric,
                "unit": "%",
                "baseline": baseline,
                "target": target,
                "by": firm.ahead(700),
                "owner": "Managing director" if firm.small else "Head of operations",
                "standing": "stands",
            },
        )
    yield (
        "strategy.positioning",
        {
            "statement": "AI takes the first step of routine work; people take the last one, and are answered sooner.",
            "advantage": "Our own records of what turned out well over ten years.",
            "follow": "Writing, translating and searching: bought, as everybody's is.",
            "never": "Nobody is refused, dismissed or priced by a model alone.",
            "goals": [goal[0] for goal in (GOALS[2:] if firm.small else GOALS)],
            "agreed_by": "The director" if firm.small else "The board",
            "agreed_on": firm.ago(6),
            "review_by": firm.ahead(420),
        },
    )


def goal_of(case: Case) -> str:
    """The goal that a system serves."""
    if case.firm.small:
        return GOALS[2][0]
    if case.line.unit in ("Finance and risk", "Insurance") or "fraud" in case.line.name.lower():
        return GOALS[1][0]
    return GOALS[0][0] if case.language else GOALS[2][0]


def before_pilot(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    kind = "reimagined" if case.agentic else "augmentation" if case.language else "efficiency"
    size = case.size
    yield (
        "strategy.value_hypothesis",
        {
            "kind": kind,
            "justification": (
                "The work is done in another order: the case is prepared before a person opens it."
                if kind == "reimagined"
                else None
            ),
            "goals": [goal_of(case)],
            "outcome": f"{case.line.purpose}, so that customers and colleagues wait less.",
            "mechanism": f"{case.line.outputs} replaces the first step that people now do by hand.",
            "metric": "Minutes for each case",
            "unit": "minutes a case",
            "baseline": 24,
            "target": 15,
            "guardrail": "Complaints a thousand cases stay below 4.",
            "sample_size": 400,
            "stop_rule": "Stop when after 400 cases less than 3 minutes are saved, or complaints pass the guardrail.",
            "decision_date": case.ahead(200),
            "owner": case.owner_name,
            "currency": "EUR",
            "value": {"p10": 400 * size, "p50": 1100 * size, "p90": 2200 * size},
            "cost": {"p10": 300 * size, "p50": 550 * size, "p90": 950 * size},
        },
    )


def before_production(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    measured = case.pick.choice((16, 15, 14, 13))
    yield (
        "strategy.pilot_verdict",
        {
            "began_on": case.ago(95),
            "ended_on": case.ago(5),
            "cases": 400 + case.pick.randrange(120),
            "method": "before_after",
            "measured": measured,
            "low": measured - 2,
            "high": measured + 2,
            "guardrail_held": True,
            "guardrail_result": "Two complaints a thousand cases; the limit is 4.",
            "verdict": "scale" if measured <= 15 else "continue",
            "why": "The target was reached in most teams; the smallest gained least.",
            "decided_by": case.owner_name,
        },
    )
