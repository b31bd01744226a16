"""How much a gap matters, and by when an inherited one must be closed."""

from __future__ import annotations

from datetime import datetime, timedelta

from pilothouse.kernel.checks.rulebook import RulebookBody, strict_tier
from pilothouse.kernel.domain import Status

# What could go wrong: by how much a system may harm, and by how much it is in use. Plain numbers anyone can check.
TIER_RISK = {"high": 9.0, "unknown": 6.0, "medium": 3.0, "low": 1.0}
STAGE_RISK = {"production": 3.0, "unknown": 3.0, "pilot": 2.0, "development": 1.5, "idea": 1.0}
# How much of it is still open.
OPEN = {Status.NOT_MET: 1.0, Status.UNKNOWN: 1.0, Status.IN_PROGRESS: 0.5}
GAP_STATUSES = tuple(OPEN)


def weight(status: Status, tier: str, stage: str, effort: float) -> int:
    """Risk removed for each day of work, × 100: tier × stage × what is open ÷ (½ + effort in person-days).

    The half day is what taking up any gap costs; without it, trifles would always come first. 0 for what is no gap.
    """
    still = OPEN.get(status, 0.0)
    risk = TIER_RISK.get(tier, 6.0) * STAGE_RISK.get(stage, 0.0)
    return round(100 * risk * still / (0.5 + effort))


def due_at(body: RulebookBody, tier: str, inherited_at: datetime | None) -> datetime | None:
    """When the gaps of an inherited system must be closed; None for a system that came through the gates."""
    if inherited_at is None:
        return None
    return inherited_at + timedelta(days=body.inherited_days.of(strict_tier(tier)))
