"""Security, as the house sees it."""

from __future__ import annotations

from pilothouse.domains.security.checks import CHECKS, KIND
from pilothouse.domains.security.schemas import ThreatModel
from pilothouse.kernel.domain import Domain, RecordKind

DOMAIN = Domain(
    id="security",
    title="Security",
    question="What could be done to our AI, or through it?",
    order=3,
    checks=CHECKS,
    records=(
        RecordKind(
            id=KIND,
            title="AI threat model",
            schema=ThreatModel,
            why="How the system could be attacked, what stands against it, and which risk remains.",
        ),
    ),
)
