"""Counting legal periods: the strict calendar target, and the outer limit that the law's way of counting gives. Pure.

Reg. (EEC, Euratom) 1182/71, Art. 3: the hour or day of the event is not counted; a period in days or months that would
end on a Saturday, a Sunday or a public holiday ends with the next working day (not so one in hours); one of two days or
more includes at least two working days.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from pilothouse.domains.governance.duties.lawbook import Limit

Closed = Callable[[date], bool]
"""Is this day no working day?"""
DAY = timedelta(days=1)
WEEKEND = (5, 6)
TWO = 2


@dataclass(frozen=True, slots=True)
class Span:
    """By when, in UTC. `outer` is None where the law names no number: it is due at once."""

    target: datetime
    outer: datetime | None


def closed_in(country: str) -> Closed:
    """Weekends and the public holidays of a country by its two letters; weekends alone where it is not known."""

    def closed(day: date) -> bool:
        return day.weekday() in WEEKEND or (bool(country) and day in _holidays(country, day.year))

    return closed


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


def span(start: datetime, limit: Limit, *, period: str, closed: Closed, zone: ZoneInfo) -> Span:
    """Target and outer limit of `limit` from `start`; days and holidays are those of `zone` and `closed`.

    The target never lies after the outer limit: it is the earlier of the same time by the clock and of so many whole
    days, so that setting the clocks forward or back grants nobody an hour.
    """
    start = start.astimezone(UTC)
    if limit.unit == "at_once":
        return Span(start, None)
    if limit.unit == "hours":
        target = start + timedelta(hours=limit.amount)
        return Span(target, _full_hour(start) + timedelta(hours=limit.amount) if period == "eu_1182" else target)
    local = start.astimezone(zone)
    if limit.unit == "working_days":
        last = _working_day(local.date(), limit.amount, closed)
        return Span(_same_time(local, last, zone), _end_of(last, zone))
    last = _last_day(local.date(), limit)
    target = _same_time(local, last, zone)
    if limit.unit == "days":
        target = min(target, start + limit.amount * DAY)
    if period == "plain":
        return Span(target, target)
    return Span(target, _end_of(_extended(local.date(), last, closed), zone))


def _last_day(first: date, limit: Limit) -> date:
    if limit.unit == "days":
        return first + limit.amount * DAY
    months = first.year * 12 + first.month - 1 + limit.amount
    year, month = divmod(months, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


def _extended(event: date, last: date, closed: Closed) -> date:
    """To the next working day, and on until the period includes two of them, if it is of two days or more."""
    while closed(last):
        last += DAY
    if (last - event).days >= TWO and not _includes_two(event, last, closed):
        last = _working_day(last, 1, closed)
    return last


def _includes_two(event: date, last: date, closed: Closed) -> bool:
    days = (last - event).days
    return sum(not closed(event + n * DAY) for n in range(1, days + 1)) >= TWO


def _working_day(day: date, count: int, closed: Closed) -> date:
    """The `count`-th working day after `day`."""
    while count:
        day += DAY
        count -= not closed(day)
    return day


def _same_time(local: datetime, day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, local.time(), zone).astimezone(UTC)


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last second of a day."""
    return datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)


def _full_hour(at: datetime) -> datetime:
    """When the hour of the event is over."""
    begun = at.replace(minute=0, second=0, microsecond=0)
    return begun + timedelta(hours=1) if at != begun else begun
