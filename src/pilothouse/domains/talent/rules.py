"""Who is at level for a role, and how much of what the roadmap needs that covers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Body = Mapping[str, Any]

SCARCE = ("mlops", "governance", "security")
"""The areas that a roadmap most often lacks, and that the domain's question asks about."""


@dataclass(frozen=True, slots=True)
class Line:
    """One role in one quarter: full-time people needed, those at level, those that nobody has assessed."""

    role: str
    area: str
    quarter: str
    needed: Decimal
    there: Decimal
    unassessed: int

    @property
    def covered(self) -> Decimal:
        return min(self.needed, self.there)

    @property
    def missing(self) -> Decimal:
        return self.needed - self.covered


def quarter_of(day: date) -> str:
    """The quarter of a day, such as 2027-Q1."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def quarters(day: date, count: int = 4) -> list[str]:
    """The quarter of a day and those that follow it."""
    first = day.year * 4 + (day.month - 1) // 3
    return [f"{at // 4}-Q{at % 4 + 1}" for at in range(first, first + count)]


def span(quarter: str) -> tuple[date, date]:
    """The first and the last day of a quarter."""
    year, number = int(quarter[:4]), int(quarter[-1])
    after = date(year + 1, 1, 1) if number == 4 else date(year, 3 * number + 1, 1)
    return date(year, 3 * number - 2, 1), after - timedelta(days=1)


def at_level(role: Body, holder: Body) -> bool:
    """Does somebody hold every skill of a role at the level it takes?"""
    held = {one["skill"]: one["level"] for one in holder["levels"]}
    return all(held.get(needed["skill"], 0) >= needed["level"] for needed in role["skills"])


def there_in(holder: Body, quarter: str) -> bool:
    """Is somebody there for at least the second half of a quarter? Who comes later or leaves earlier does not count."""
    first, last = span(quarter)
    middle = first + (last - first) / 2
    start, end = (date.fromisoformat(holder[key]) if holder[key] else None for key in ("start", "end"))
    return (start is None or start <= middle) and (end is None or end >= last)


def coverage(
    roles: Mapping[str, Body], holders: Iterable[Body], demands: Iterable[Body], asked: Iterable[str]
) -> list[Line]:
    """What is needed and what is there, for each role and quarter of `asked` that something is needed in.

    `roles` is by title. Each person counts for the one role that their time is kept for. A demand for a role that is no
    longer described is needed and never covered.
    """
    needed: dict[tuple[str, str], Decimal] = {}
    wanted = set(asked)
    for demand in demands:
        for need in demand["needs"]:
            if need["quarter"] in wanted:
                place = (demand["role"], need["quarter"])
                needed[place] = needed.get(place, Decimal(0)) + Decimal(need["fte"])
    people = list(holders)
    found = []
    for (title, quarter), fte in sorted(needed.items(), key=lambda one: (one[0][1], one[0][0])):
        role = roles.get(title)
        mine = [one for one in people if one["role"] == title and there_in(one, quarter)]
        able = [one for one in mine if role is not None and at_level(role, one)]
        there = sum((Decimal(one["fte"]) for one in able), Decimal(0))
        blank = sum(not one["levels"] for one in mine)
        found.append(Line(title, role["area"] if role else "", quarter, fte, there, blank))
    return found


def newest(completions: Iterable[Body], day: date) -> dict[tuple[str, str | None], Body]:
    """The latest figures up to a day, by course and unit (None: the whole organisation)."""
    dated = sorted((one for one in completions if one["on"] <= day.isoformat()), key=lambda body: str(body["on"]))
    return {(one["course"], one["unit"]): one for one in dated}
