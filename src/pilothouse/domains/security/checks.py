"""Security's checks."""

from __future__ import annotations

from datetime import date, datetime

from pilothouse.kernel.domain import Check, Finding, Status, SystemFacts
from pilothouse.kernel.records.judging import needs, sealed, spoken, today
from pilothouse.kernel.records.selectors import Sealed, latest_sealed

KIND = "security.threat_model"
FAMILIES = {
    "poisoning": "poisoning",
    "theft": "theft and inversion",
    "injection": "prompt injection",
    "hijacking": "agent hijacking",
}


@needs("No AI threat model is sealed.")
def judge_threat_model(system: SystemFacts, paper: Sealed, now: datetime) -> Finding:
    """Met while a threat model is sealed and not overdue for another look. It names the risks that remain high."""
    review = date.fromisoformat(paper.body["review_by"])
    if review < today(now):
        return sealed(Status.IN_PROGRESS, f"Its threat model was to be looked at again by {spoken(review)}.", paper)
    high = [name for key, name in FAMILIES.items() if paper.body[key].get("residual") == "high"]
    remains = f"; a high risk remains from {', '.join(high)}" if high else ""
    return sealed(Status.MET, f"A threat model is sealed, to be looked at again by {spoken(review)}{remains}.", paper)


CHECKS = (
    Check(
        id="security.threat_model_sealed",
        version=2,
        title="AI threat model sealed",
        domain="security",
        question="Has someone thought through how the system could be attacked, and what stands against it?",
        load=latest_sealed(KIND),
        judge=judge_threat_model,
        remedy=f"records/{KIND}/edit/",
        remedy_label="Write the threat model",
        protects="ciso",
        effort=2.0,
    ),
)
