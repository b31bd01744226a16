"""Security's checks."""

from __future__ import annotations

from datetime import UTC, date, datetime

from pilothouse.kernel.domain import Check, Finding, Grade, Status, SystemFacts
from pilothouse.kernel.records.selectors import Sealed, latest_sealed

KIND = "security.threat_model"
FAMILIES = {
    "poisoning": "poisoning",
    "theft": "theft and inversion",
    "injection": "prompt injection",
    "hijacking": "agent hijacking",
}


def judge_threat_model(system: SystemFacts, sealed: Sealed | None, now: datetime) -> Finding:
    """Met while a threat model is sealed and not overdue for another look. It names the risks that remain high."""
    if sealed is None:
        return Finding(Status.NOT_MET, "No AI threat model is sealed.")
    review = date.fromisoformat(sealed.body["review_by"])
    if review < now.astimezone(UTC).date():
        reason = f"Its threat model was to be looked at again by {review:%-d %B %Y}."
        return Finding(Status.IN_PROGRESS, reason, Grade.SEALED, (sealed.ref,))
    high = [name for key, name in FAMILIES.items() if sealed.body[key].get("residual") == "high"]
    remains = f"; a high risk remains from {', '.join(high)}" if high else ""
    reason = f"A threat model is sealed, to be looked at again by {review:%-d %B %Y}{remains}."
    return Finding(Status.MET, reason, Grade.SEALED, (sealed.ref,))


CHECKS = (
    Check(
        id="security.threat_model_sealed",
        version=1,
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
