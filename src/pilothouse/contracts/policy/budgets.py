"""Arithmetic of budgets, in whole micro-units of currency. The counters live with whoever calls these.

Before a call its worst case is *reserved* in every budget that it counts against; after it the reservation is *settled*
to what it cost. What is spent and held together never exceeds the cap, so nothing is overrun.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from pilothouse.contracts.policy.snapshot import Budget, Hold, Price, Storage, Window

MILLION = 1_000_000


class Tokens(Struct, frozen=True, omit_defaults=True):
    """Tokens by kind. `input` is without the cached ones, `output` without the reasoning ones: nothing counts twice."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        return self.input + self.output + self.cache_read + self.cache_write + self.reasoning


def cost(price: Price, tokens: Tokens) -> int:
    """What a call cost in micro-units, rounded up: a fraction of a micro-unit is never given away."""
    cache_read = price.input if price.cache_read is None else price.cache_read
    cache_write = price.input if price.cache_write is None else price.cache_write
    reasoning = price.output if price.reasoning is None else price.reasoning
    parts = (
        tokens.input * price.input
        + tokens.output * price.output
        + tokens.cache_read * cache_read
        + tokens.cache_write * cache_write
        + tokens.reasoning * reasoning
    )
    return price.request - (-parts // MILLION)


def worst_case(price: Price, most_input: int, most_output: int) -> int:
    """The most that a call with so many tokens can cost, whatever kinds they turn out to be."""
    dearest_input = max(price.input, price.cache_read or 0, price.cache_write or 0)
    dearest_output = max(price.output, price.reasoning or 0)
    return price.request - (-(most_input * dearest_input + most_output * dearest_output) // MILLION)


class Account(NamedTuple):
    """One budget in one window: spent for good, and held for calls under way."""

    spent: int = 0
    held: int = 0


def reserve(account: Account, cap: int, amount: int) -> Account | None:
    """The account with `amount` held, or None when that could overrun the cap."""
    if amount < 0:
        raise ValueError("a reservation is never negative")
    if account.spent + account.held + amount > cap:
        return None
    return Account(account.spent, account.held + amount)


def settle(account: Account, held: int, actual: int) -> Account:
    """The account after a call whose reservation was `held` and whose cost is `actual` (0: it never went out)."""
    return Account(account.spent + actual, max(0, account.held - held))


class Span(NamedTuple):
    """A window of time, from `start` up to but not including `end`, both in UTC."""

    start: datetime
    end: datetime


@lru_cache(maxsize=512)
def _span(kind: Window, hour: datetime, zone: str) -> Span:
    local = hour.astimezone(ZoneInfo(zone))
    if kind == "day":
        first = local.replace(hour=0, fold=0)
        after = (first.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=local.tzinfo)
    else:
        first = local.replace(day=1, hour=0, fold=0)
        months = first.year * 12 + first.month
        after = first.replace(year=months // 12, month=months % 12 + 1)
    return Span(first.astimezone(UTC), after.astimezone(UTC))


def span(kind: Window, now: datetime, zone: str) -> Span:
    """The window that `now` (aware) falls into: whole hours, days and months as the organisation's clocks show them."""
    local = now.astimezone(ZoneInfo(zone))
    if kind == "hour":
        # In UTC, or the hour that autumn repeats would be one window of two hours.
        start = now.astimezone(UTC) - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        return Span(start, start + timedelta(hours=1))
    return _span(kind, local.replace(minute=0, second=0, microsecond=0), zone)


def slot(budget: Budget, now: datetime, zone: str) -> str:
    """The name of the counter that a call at `now` counts in: the budget's id and the start of its window."""
    return f"{budget.id}@{int(span(budget.window, now, zone).start.timestamp())}"


def held(rule: Hold, call: str, score_per_mille: int | None = None) -> Literal["", "every", "score", "sample"]:
    """Which rule makes the answer of this call wait for a reviewer; empty when none does.

    The sample depends on the call's id alone, so a restart draws no other.
    """
    if rule.every:
        return "every"
    if rule.score_above_per_mille is not None and (score_per_mille or 0) > rule.score_above_per_mille:
        return "score"
    if not rule.sample_per_mille:
        return ""
    drawn = int.from_bytes(hashlib.sha256(call.encode()).digest()[:4], "big") % 1000
    return "sample" if drawn < rule.sample_per_mille else ""


def stored(rule: Storage, purpose: str) -> bool:
    """May the texts of a call for this purpose be kept?"""
    return rule.on and (rule.purposes is None or purpose in rule.purposes)
