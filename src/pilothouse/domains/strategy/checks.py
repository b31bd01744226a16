"""Strategy's checks."""

from __future__ import annotations

from datetime import date, datetime

from pilothouse.kernel.domain import Check, Finding, Status, SystemFacts
from pilothouse.kernel.records.judging import needs, sealed, spoken, today
from pilothouse.kernel.records.selectors import Sealed, latest_sealed

KIND = "strategy.value_hypothesis"


@needs("Nobody has sealed a value hypothesis: what it should bring, and when to stop.")
def judge_value_hypothesis(system: SystemFacts, paper: Sealed, now: datetime) -> Finding:
    """Met while a hypothesis is sealed and its decision date has not passed in silence."""
    decide = date.fromisoformat(paper.body["decision_date"])
    if decide < today(now) and system.stage in ("development", "pilot"):
        reason = f"Its hypothesis was to be decided on {spoken(decide)}; seal a new one or stop."
        return sealed(Status.IN_PROGRESS, reason, paper)
    metric, target, unit = (paper.body[key] for key in ("metric", "target", "unit"))
    reason = f"A value hypothesis is sealed: {metric} to {target} {unit}, decided on {spoken(decide)}."
    return sealed(Status.MET, reason, paper)


CHECKS = (
    Check(
        id="strategy.value_hypothesis_sealed",
        version=2,
        title="Value hypothesis sealed",
        domain="strategy",
        question="Was it written down, before money was spent, what the system should bring and when to stop?",
        load=latest_sealed(KIND),
        judge=judge_value_hypothesis,
        remedy=f"records/{KIND}/edit/",
        remedy_label="Write the value hypothesis",
        protects="caio",
        effort=1.0,
    ),
)
