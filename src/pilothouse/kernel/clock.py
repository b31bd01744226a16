"""What time it is. The demo generator tells a year of history through the same actions by setting this clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta

from django.utils import timezone

_told: ContextVar[datetime | None] = ContextVar("told_time", default=None)


def now() -> datetime:
    """The present time in UTC, or the one that is being told (see `telling`)."""
    return _told.get() or timezone.now()


@contextmanager
def telling(moment: datetime) -> Iterator[None]:
    """Within this block it is `moment`. Only simulated history, marked as such on every page, is made this way."""
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)


def month_ends(today: date, count: int) -> list[date]:
    """The last days of the `count` months before this one, oldest first, and then today: the days of a trend."""
    ends = [today]
    for _ in range(count):
        ends.append(ends[-1].replace(day=1) - timedelta(days=1))
    return ends[::-1]
