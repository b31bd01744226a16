"""Strategy's checks."""

from __future__ import annotations

from datetime import UTC, date, datetime

from pilothouse.kernel.domain import Check, Finding, Grade, Status, SystemFacts
from pilothouse.kernel.records.selectors import Sealed, latest_sealed

KIND = "strategy.value_hypothesis"


def judge_value_hypothesis(system: SystemFacts, sealed: Sealed | None, now: datetime) -> Finding:
    """Met while a hypothesis is sealed and its decision date has not passed in silence."""
    if sealed is None:
        said = "An outcome is named, but" if system.outcome else "Nobody has said what it should bring, and"
        return Finding(Status.NOT_MET, f"{said} no value hypothesis is sealed.")
    decide = date.fromisoformat(sealed.body["decision_date"])
    if decide < now.astimezone(UTC).date() and system.stage in ("development", "pilot"):
        reason = f"Its hypothesis was to be decided on {decide:%-d %B %Y}; seal a new one or stop."
        return Finding(Status.IN_PROGRESS, reason, Grade.SEALED, (sealed.ref,))
    metric, target, unit = (sealed.body[key] for key in ("metric", "target", "unit"))
    reason = f"A value hypothesis is sealed: {metric} to {target} {unit}, decided on {decide:%-d %B %Y}."
    return Finding(Status.MET, reason, Grade.SEALED, (sealed.ref,))


CHECKS = (
    Check(
        id="strategy.value_hypothesis_sealed",
        version=1,
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
