"""Incidents in hours: how long until one was noticed, and by when it must be done with. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

MEMORY = timedelta(days=365)
CONTAIN = {"critical": 1, "high": 3, "medium": 14, "low": 30}
"""Days from when it was noticed until no further harm comes of it."""
RESOLVE = {"critical": 7, "high": 14, "medium": 45, "low": 90}
"""Days from when it was noticed until it is mended."""
QUALITY = frozenset({"quality", "drift", "fairness", "safety"})
"""What tells that a model answers wrongly; cost, speed and availability do not."""

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Detection:
    """How long incidents went unnoticed: hours altogether, over how many, and how many have no known beginning."""

    hours: float
    timed: int
    untimed: int

    @property
    def mean(self) -> float | None:
        return round(self.hours / self.timed, 2) if self.timed else None


def moment(text: str | None) -> datetime | None:
    """A time of an incident's body."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def hours_unnoticed(body: Body) -> float | None:
    """Hours from when it began until it was noticed; None while nobody can say when it began."""
    onset, detected = moment(body["onset"]), moment(body["detected"])
    return (detected - onset).total_seconds() / 3600 if onset and detected else None


def remembered(bodies: Iterable[Body], now: datetime) -> list[Body]:
    """Those noticed in the twelve months up to `now`."""
    return [body for body in bodies if now - MEMORY < _noticed(body) <= now]


def detection(bodies: Iterable[Body]) -> Detection:
    """How long these incidents went unnoticed."""
    hours = [hours_unnoticed(body) for body in bodies]
    timed = [one for one in hours if one is not None]
    return Detection(sum(timed), len(timed), len(hours) - len(timed))


def due(body: Body) -> tuple[str, datetime] | None:
    """What an open incident has to reach next, and by when; None once it is resolved."""
    if body["resolved"]:
        return None
    noticed, severity = _noticed(body), body["severity"]
    if body["contained"]:
        return "resolved", noticed + timedelta(days=RESOLVE[severity])
    return "contained", noticed + timedelta(days=CONTAIN[severity])


def _noticed(body: Body) -> datetime:
    found = moment(body["detected"])
    assert found is not None  # the schema asks for it
    return found


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of an incident's course: unnoticed, open or contained; in hours since it began, and how it is drawn."""

    name: str
    start: float
    end: float

    @property
    def x(self) -> float:
        return place(self.start)

    @property
    def width(self) -> float:
        return max(place(self.end) - self.x, 0.6)


@dataclass(frozen=True, slots=True)
class Course:
    """What an incident went through. Where nobody knows when it began, it is drawn from when it was noticed."""

    phases: tuple[Phase, ...]
    unnoticed: float | None
    lasted: float
    open: bool

    @property
    def words(self) -> str:
        """The same for those who cannot see the drawing."""
        before = "nobody knows how long unnoticed" if self.unnoticed is None else f"{told(self.unnoticed)} unnoticed"
        return f"{before}, {'open for' if self.open else 'over after'} {told(self.lasted)}"


MARKS = ((1, "1 h"), (24, "1 day"), (24 * 7, "1 week"), (24 * 30, "1 month"), (24 * 365, "1 year"))


def place(hours: float) -> float:
    """Where a time stands on a line from 0 to 100 on which each mark is about as far from the last: hours and months
    both matter."""
    return 100 * math.log1p(max(0.0, min(hours, 8760.0))) / math.log1p(8760.0)


def told(hours: float) -> str:
    """Hours as people say them."""
    if hours < 48:
        return f"{hours:.0f} hour{'' if round(hours) == 1 else 's'}"
    return f"{hours / 24:.0f} days"


def course(body: Body, now: datetime) -> Course:
    """What an incident went through until now."""
    detected = _noticed(body)
    start = moment(body["onset"]) or detected
    end = moment(body["resolved"]) or max(now, detected)
    contained = moment(body["contained"]) or end
    hours = [(one - start).total_seconds() / 3600 for one in (start, detected, contained, end)]
    names = ("unnoticed", "open", "contained")
    phases = [Phase(name, a, b) for name, a, b in zip(names, hours, hours[1:], strict=False) if b > a]
    return Course(tuple(phases), hours_unnoticed(body), hours[-1], not body["resolved"])
