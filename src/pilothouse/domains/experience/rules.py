"""Minutes, rates and time limits of the work with AI. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Body = Mapping[str, Any]

REPLY = timedelta(days=21)
REPLY_TO_HARM = timedelta(days=7)
FRESH = 3
"""Months for which a figure of use still tells something."""
CAUGHT = Decimal(80)
"""Of 100 wrong answers, the least that people should have overridden."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one case takes: minutes of people, times it is handed on, steps in which a person decides or AI acts."""

    minutes: Decimal
    hand_offs: Decimal
    decides: int
    ai: int


def work(steps: Iterable[Body]) -> Work:
    """A way of working in figures, each step weighted by the share of cases that take it."""
    rows = [(step, Decimal(str(step["share"])) / 100) for step in steps]
    return Work(
        minutes=sum((Decimal(str(step["minutes"])) * share for step, share in rows), Decimal(0)),
        hand_offs=sum((share for step, share in rows if step["hands_off"]), Decimal(0)),
        decides=sum(bool(step["decides"]) for step, _ in rows),
        ai=sum(step["by"] in ("ai", "assisted") for step, _ in rows),
    )


def reply_due(report: Body) -> date | None:
    """By when a report is to be replied to; None once it is."""
    if report["replied_on"]:
        return None
    return date.fromisoformat(report["on"]) + (REPLY_TO_HARM if report["harm"] else REPLY)


def percent(part: int | None, whole: int | None) -> Decimal | None:
    """Of 100, to one decimal; None where either is unknown or the whole is nothing."""
    if part is None or not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"))


def month(day: date) -> str:
    """The month of a day, as figures of use name it."""
    return f"{day:%Y-%m}"


def months_before(day: date, count: int) -> str:
    """The month that was `count` months before the day's."""
    index = day.year * 12 + day.month - 1 - count
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def latest(figures: Iterable[Body], day: date) -> Body | None:
    """The newest figure of use that a day may rely on: of that month or the three before it."""
    known = [one for one in figures if months_before(day, FRESH) <= one["period"] <= month(day)]
    return max(known, key=lambda one: str(one["period"]), default=None)
