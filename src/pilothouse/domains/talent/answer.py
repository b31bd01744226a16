"""Have we the people for what the roadmap needs?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from pilothouse.domains.talent.rules import Line
from pilothouse.domains.talent.schemas import AREAS
from pilothouse.domains.talent.selectors import Versions, lines, versions
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.clock import month_ends
from pilothouse.kernel.domain import Figure, TrendPoint
from pilothouse.kernel.records.judging import today


def answer(actor: Actor, now: datetime) -> Figure:
    """Of what the roadmap needs of MLOps, governance and security in the coming four quarters, how much is covered by
    people at level, in full-time people × quarters.

    Unknown: people counted for these roles whose levels nobody has assessed. The trend is read back from what was
    sealed.
    """
    known, day = versions(actor), today(now)
    found = lines(known, day)
    needed, covered = _sums(found)
    return Figure(
        value=_share(found),
        unit="% of need",
        numerator=float(covered),
        denominator=float(needed),
        unknown=_unassessed(found),
        rows="talent/coverage/",
        trend=tuple(_point(known, end, past=end < day) for end in month_ends(day, 11)),
        because=_because(found),
    )


def _point(known: Versions, day: date, *, past: bool) -> TrendPoint:
    found = lines(known, day, past=past)
    needed, covered = _sums(found)
    return TrendPoint(day, _share(found), float(covered), float(needed), _unassessed(found))


def _sums(found: Sequence[Line]) -> tuple[Decimal, Decimal]:
    return sum((one.needed for one in found), Decimal(0)), sum((one.covered for one in found), Decimal(0))


def _share(found: Sequence[Line]) -> float | None:
    needed, covered = _sums(found)
    return float(round(100 * covered / needed, 1)) if needed else None


def _unassessed(found: Sequence[Line]) -> int:
    """Each person once, though counted in every quarter."""
    return sum({one.role: max(line.unassessed for line in found if line.role == one.role) for one in found}.values())


def _because(found: Sequence[Line]) -> str:
    if not found:
        return "The roadmap names no need of MLOps, governance or security in the coming twelve months."
    told = []
    for area, title in AREAS.items():
        if mine := [one for one in found if one.area == area]:
            needed, covered = _sums(mine)
            told.append(f"{title} {covered / 4:.2f} of {needed / 4:.2f}")
    blank = _unassessed(found)
    tail = f" Of {blank} {'person' if blank == 1 else 'people'} nobody has assessed the level." if blank else ""
    return f"Full-time people at level on average over the coming four quarters: {', '.join(told)}.{tail}"
