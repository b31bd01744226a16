"""When an inherited system's gap is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from pilothouse.kernel.checks.rulebook import ByTier, strict_tier


def first_due(tier: str, since: datetime, days: ByTier) -> datetime:
    """A gap's date: the days of the tier from when the system was found. An unknown tier gets the fewest days."""
    return since + timedelta(days=days.of(strict_tier(tier)))


def due_after_tier(
    old_tier: str, new_tier: str, opened: datetime, due: datetime, now: datetime, days: ByTier
) -> datetime:
    """A gap's date after the tier changed: from now when the tier was unknown until now; otherwise a stricter tier
    brings the date forward, but never before its own days from now, and a laxer one counts from the opening."""
    fresh = now + timedelta(days=days.of(strict_tier(new_tier)))
    if old_tier == "unknown":
        return fresh
    if days.of(strict_tier(new_tier)) < days.of(strict_tier(old_tier)):
        return min(due, fresh)
    return max(due, opened + timedelta(days=days.of(strict_tier(new_tier))))
