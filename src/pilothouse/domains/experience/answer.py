"""Do people use what was built for them, and do they override it?"""

from __future__ import annotations

from datetime import date, datetime

from pilothouse.domains.experience.rules import Body
from pilothouse.domains.experience.selectors.use import Sums, figures, sums, used
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.clock import month_ends
from pilothouse.kernel.domain import Figure, TrendPoint
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.judging import today


def answer(actor: Actor, now: datetime) -> Figure:
    """Of 100 people whom running systems are for, how many use them, by each system's newest monthly figure.

    Numerator: active people; denominator: eligible people; unknown: running systems without a figure of late.
    The trend has the same share as it stood at the end of each month.
    """
    known = figures(actor)
    found = sums(used(known, today(now)))
    return Figure(
        value=found.value,
        unit="% of people",
        numerator=found.active,
        denominator=found.eligible,
        unknown=found.silent,
        rows="experience/use/",
        trend=tuple(_point(known, day) for day in month_ends(today(now), 11)),
        because=_because(found, len(known)),
    )


def _point(known: dict[System, list[Body]], day: date) -> TrendPoint:
    found = sums(used(known, day))
    return TrendPoint(day, found.value, found.active, found.eligible, found.silent)


def _because(found: Sums, running: int) -> str:
    if not running:
        return "No system runs."
    silent = f"of {found.silent:,} of {running:,} running systems nobody has said how much they are used"
    if not found.eligible:
        return f"{silent[0].upper()}{silent[1:]}."
    said = f"{found.active:,} of {found.eligible:,} eligible people are active"
    rate = f", and {100 * found.overridden / found.answers:.1f} of 100 answers are overridden" if found.answers else ""
    return f"{said}{rate}; {silent}." if found.silent else f"{said}{rate}."
