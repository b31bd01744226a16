"""Stretches of time as people choose them: whole days of the organisation's clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pilothouse.contracts.errors import Invalid

LONGEST = timedelta(days=3 * 366)
CHOICES: tuple[tuple[str, str], ...] = (
    ("today", "Today"),
    ("7d", "7 days"),
    ("30d", "30 days"),
    ("90d", "90 days"),
    ("month", "This month"),
    ("last-month", "Last month"),
)


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of `first` to the end of `last`, days of `zone`. `key` is the choice that it came from."""

    first: date
    last: date
    zone: str
    key: str = ""

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time(), ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def until(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time(), ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def words(self) -> str:
        if self.first == self.last:
            return f"{self.first:%-d %B %Y}"
        return f"{self.first:%-d %B %Y} to {self.last:%-d %B %Y}"

    @property
    def query(self) -> str:
        """The period as a part of an address."""
        return f"period={self.key}" if self.key else f"from={self.first}&to={self.last}"


def period(now: datetime, zone: str, key: str = "", first: str = "", last: str = "") -> Period:
    """The period of a choice, or from one day to another (ISO dates; `last` defaults to today).

    Raises Invalid for dates that cannot be read, a period that ends before it begins, or one of over three years.
    """
    today = now.astimezone(ZoneInfo(zone)).date()
    if first or last:
        begins, ends = _day(first, "from") or today, _day(last, "to") or today
        if begins > ends:
            raise Invalid("The period ends before it begins.", fields={"to": "Not before the first day."})
        if ends - begins > LONGEST:
            raise Invalid("A period has at most three years.", fields={"from": "At most three years before the end."})
        return Period(begins, ends, zone)
    month = today.replace(day=1)
    spans = {
        "today": (today, today),
        "7d": (today - timedelta(days=6), today),
        "30d": (today - timedelta(days=29), today),
        "90d": (today - timedelta(days=89), today),
        "month": (month, today),
        "last-month": ((month - timedelta(days=1)).replace(day=1), month - timedelta(days=1)),
    }
    key = key or "30d"
    if key not in spans:
        raise Invalid(f"There is no period “{key}”.", fields={"period": "One of: " + ", ".join(spans) + "."})
    return Period(*spans[key], zone, key)


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(f"“{text}” is no date.", fields={field: "A date such as 2026-11-23."}) from None
