"""Do people use what was built for them, and do they override it?"""

from __future__ import annotations

from datetime import date, datetime

from pilothouse.domains.experience.rules import FRESH, months_before
from pilothouse.domains.experience.selectors.use import Figures, Sums, as_of, figures, running, sums
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.clock import month_ends
from pilothouse.kernel.domain import Figure, TrendPoint
from pilothouse.kernel.records.judging import today


def answer(actor: Actor, now: datetime) -> Figure:
    """Of 100 people whom running systems are for, how many use them, by each system's newest monthly figure.

    Numerator: active people; denominator: eligible people; unknown: running systems without a figure of late.
    The trend has the same share as it stood at the end of each month.
    """
    day, count = today(now), len(running(actor))
    days = month_ends(day, 11)
    known = figures(actor, months_before(days[0], FRESH))
    found = sums(as_of(known, day).values(), count)
    return Figure(
        value=found.value,
        unit="% of people",
        numerator=found.active,
        denominator=found.eligible,
        unknown=found.silent,
        rows="experience/use/?show=known",
        trend=tuple(_point(known, end, count) for end in days),
        because=_because(found, count),
    )


def _point(known: Figures, day: date, count: int) -> TrendPoint:
    found = sums(as_of(known, day).values(), count)
    return TrendPoint(day, found.value, found.active, found.eligible, found.silent)


def _because(found: Sums, count: int) -> str:
    if not count:
        return "No system runs."
    silent = f"of {found.silent:,} of {count:,} running systems nobody has said how much they are used"
    if not found.eligible:
        return f"{silent[0].upper()}{silent[1:]}."
    said = f"{found.active:,} of {found.eligible:,} eligible people are active"
    rate = f", and {100 * found.overridden / found.answers:.1f} of 100 answers are overridden" if found.answers else ""
    return f"{said}{rate}; {silent}." if found.silent else f"{said}{rate}."
