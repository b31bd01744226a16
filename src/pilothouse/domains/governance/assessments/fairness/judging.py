"""Judging one comparison: breach, watch, insufficient or ok.

A *breach* is sure: the whole interval lies beyond the threshold. *Watch* is a figure beyond it whose interval is not.
*Insufficient* says that so few people could not have shown it. Silence is never *ok*.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import sqrt

from pilothouse.contracts.intervals import Z_95, wilson
from pilothouse.domains.governance.assessments.fairness.counts import Counts, Share
from pilothouse.domains.governance.assessments.fairness.intervals import (
    LEAST_EXPECTED,
    newcombe,
    p_value,
    ratio_interval,
)
from pilothouse.domains.governance.assessments.fairness.metrics import Metric
from pilothouse.domains.governance.assessments.fairness.ratios import FOUR_FIFTHS, below


class State(StrEnum):
    """Worst first."""

    BREACH = "breach"
    WATCH = "watch"
    INSUFFICIENT = "insufficient"
    OK = "ok"


def worst(states: Iterable[State]) -> State:
    """The worst of them. Of nothing at all: insufficient."""
    order = list(State)
    return min(states, key=order.index, default=State.INSUFFICIENT)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is asked: a ratio of at least `ratio` (and, where both directions harm, at most its inverse), a difference
    of at most `difference`, a flip rate of at most `flips`; of groups of at least `least` people. `bars` are those that
    single metrics have of their own: (metric, bar)."""

    ratio: Fraction = FOUR_FIFTHS
    difference: Fraction = Fraction(1, 10)
    flips: Fraction = Fraction(1, 100)
    least: int = 30
    bars: tuple[tuple[str, Fraction], ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.ratio <= 1 or not 0 <= self.difference < 1 or not 0 <= self.flips < 1 or self.least < 1:
            raise ValueError("a ratio lies above 0 and at most at 1, differences below 1, a group has people")

    def bar(self, metric: Metric) -> Fraction:
        """The bar of one metric."""
        own = dict(self.bars).get(metric.id)
        if own is not None:
            return own
        if metric.id == "flip_rate":
            return self.flips
        return self.ratio if asks_ratio(metric) else self.difference


def asks_ratio(metric: Metric) -> bool:
    """Is its bar a ratio that should be reached, and not a difference that should not be passed?"""
    return metric.how == "ratio" or metric.id == "treatment_equality"


@dataclass(frozen=True, slots=True)
class Compared:
    """One group beside the reference: the figure, its interval, the p of “alike” with its test, and the judgement."""

    value: float | None
    low: float | None
    high: float | None
    p: float | None
    test: str
    state: State
    because: str


def compare(metric: Metric, group: Counts, reference: Counts, asked: Thresholds) -> Compared:
    """Judge a ratio or a difference of one group against the reference. Comparisons are exact, figures are floats."""
    pairs = [(group.share(name), reference.share(name)) for name in metric.shares]
    bar = asked.bar(metric)
    if metric.how == "ratio":
        return _ratio(metric, *pairs[0], bar, asked.least)
    if metric.id == "average_odds":
        return _average(pairs, bar, asked.least)
    found = [_difference(a, b, bar, asked.least) for a, b in pairs]
    order = list(State)
    # Of several shares the one that is further off speaks; where one cannot be told, neither can the whole.
    chosen = min(found, key=lambda one: (order.index(one.state), -abs(one.value or 0)))
    tested = [one.p for one in found if one.p is not None]
    # Two looks are two chances to be wrong (Bonferroni).
    p = min(1.0, min(tested) * len(found)) if tested else None
    return Compared(chosen.value, chosen.low, chosen.high, p, chosen.test, chosen.state, chosen.because)


def _ratio(metric: Metric, a: Share, b: Share, bar: Fraction, least: int) -> Compared:
    tested = p_value(a, b)
    p, test = tested or (None, "")
    few = _few(a, b, least)
    if not a.whole or not b.part:
        because = few or "Nobody of the reference group has it, so there is no ratio."
        return Compared(None, None, None, p, test, State.INSUFFICIENT, because)
    value = a.part * b.whole / (b.part * a.whole)
    low, high = ratio_interval(a, b) or (0.0, float("inf"))
    low, high = min(low, value), max(high, value)
    past = below(a, b, bar) or (not metric.one_sided and a.part > 0 and below(b, a, bar))
    sure = high < bar or (not metric.one_sided and low > 1 / bar)
    state, because = _judged(few, past, sure, _thin(a, b), f"the ratio of {float(bar):g}")
    return Compared(value, low, high, p, test, state, because)


def _difference(a: Share, b: Share, bar: Fraction, least: int) -> Compared:
    tested = p_value(a, b)
    p, test = tested or (None, "")
    few = _few(a, b, least)
    interval = newcombe(a, b)
    if interval is None:
        return Compared(None, None, None, p, test, State.INSUFFICIENT, few)
    exact = a.exact - b.exact
    value = float(exact)
    low, high = min(interval[0], value), max(interval[1], value)
    past, sure = abs(exact) > bar, low > bar or high < -bar
    state, because = _judged(few, past, sure, False, f"a difference of {float(bar):g}")
    return Compared(value, low, high, p, test, state, because)


def _average(pairs: list[tuple[Share, Share]], bar: Fraction, least: int) -> Compared:
    few = next((words for a, b in pairs if (words := _few(a, b, least))), "")
    if any(not a.whole or not b.whole for a, b in pairs):
        return Compared(None, None, None, None, "", State.INSUFFICIENT, few)
    exact = sum((a.exact - b.exact for a, b in pairs), Fraction(0)) / 2
    # The shares of one group stand on different people, so their variances add up.
    variance = sum(float(one.exact * (1 - one.exact)) / one.whole for pair in pairs for one in pair)
    half, value = Z_95 * sqrt(variance) / 2, float(exact)
    past, sure = abs(exact) > bar, abs(value) - half > bar
    state, because = _judged(few, past, sure, False, f"a difference of {float(bar):g}")
    return Compared(value, value - half, value + half, None, "", state, because)


def beside(metric: Metric, value: float | None, other: float | None, people: int, asked: Thresholds) -> Compared:
    """Judge a figure that has no interval here: at most *watch*, however far off it is."""
    if value is None or other is None or people < asked.least:
        words = f"{people} people are fewer than {asked.least}." if people < asked.least else "There is no figure."
        return Compared(value, None, None, None, "", State.INSUFFICIENT, words)
    bar = float(asked.bar(metric))
    if asks_ratio(metric):
        past, told = min(value, other) < bar * max(value, other), f"the ratio of {bar:g}"
    else:
        past, told = abs(value - other) > bar, f"a difference of {bar:g}"
    state, because = _judged("", past, False, False, told)
    return Compared(value, None, None, None, "", state, because)


def flipped(metric: Metric, share: Share, asked: Thresholds) -> Compared:
    """Judge a flip rate, which needs no reference: nothing should change."""
    if not share.whole:
        return Compared(None, None, None, None, "", State.INSUFFICIENT, "Nothing was tried.")
    low, high = wilson(share.part, share.whole)
    few = f"{share.whole} tries are fewer than {asked.least}." if share.whole < asked.least else ""
    bar = asked.bar(metric)
    state, because = _judged(few, share.exact > bar, low > bar, False, f"a rate of {float(bar):g}")
    return Compared(share.value, low, high, None, "", state, because)


def _few(a: Share, b: Share, least: int) -> str:
    """Why a comparison says nothing: too few people on either side. Empty where there are enough."""
    if a.whole < least:
        return f"{a.whole} people are fewer than {least}."
    if b.whole < least:
        return f"The reference has {b.whole} people, fewer than {least}."
    return ""


def _thin(a: Share, b: Share) -> bool:
    """Would fewer than five be expected on either side, were both alike?"""
    pooled = (a.part + b.part) / (a.whole + b.whole)
    return min(a.whole, b.whole) * pooled < LEAST_EXPECTED


def _judged(few: str, past: bool, sure: bool, thin: bool, bar: str) -> tuple[State, str]:
    if few:
        return State.INSUFFICIENT, few
    if past and sure:
        return State.BREACH, f"It is beyond {bar}, and so is its whole interval."
    if thin:
        return State.INSUFFICIENT, f"Fewer than {LEAST_EXPECTED} would be expected, so chance alone could do this."
    if past:
        return State.WATCH, f"It is beyond {bar}; its interval is not."
    return State.OK, f"It is within {bar}."
