"""Impact ratios: the four-fifths rule, and what New York City's Local Law 144 has an auditor publish."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from pilothouse.domains.governance.assessments.fairness.counts import (
    UNKNOWN,
    Case,
    Counts,
    Share,
    in_order,
    known,
    named,
)

FOUR_FIFTHS = Fraction(4, 5)
LL144_LEAST = Fraction(2, 100)
"""A category below this share of the data may be left out of the ratios; its number and rate are still told."""


def below(share: Share, reference: Share, bar: Fraction = FOUR_FIFTHS) -> bool:
    """Is share ÷ reference strictly less than the bar? In whole numbers, so that exactly four fifths is not below.

    29 CFR 1607.4(D): 5·s_g·n_max < 4·s_max·n_g. Raises ValueError where a whole is empty or the reference has none.
    """
    if not share.whole or not reference.part:
        raise ValueError("there is no ratio")
    return share.part * reference.whole * bar.denominator < bar.numerator * reference.part * share.whole


def most_favoured(groups: Iterable[Counts], name: str = "selection") -> Counts | None:
    """The group with the highest share; of those alike the larger one, then by name. None where nobody has any."""
    rated = [one for one in groups if one.share(name).part]
    return min(rated, key=lambda one: (-one.share(name).exact, -one.n, one.group)) if rated else None


@dataclass(frozen=True, slots=True)
class Impact:
    """One category of an LL144 table. `ratio` is None where it may be left out of the ratios or there is none."""

    group: str
    n: int
    part: int
    rate: float | None
    ratio: Fraction | None
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Ll144:
    """An LL144 table: its categories, how many people are of no known category, and for scores the median."""

    rows: tuple[Impact, ...]
    unknown: int
    median: float | None = None


def selection(groups: Sequence[Counts], *, exclude: bool = False) -> Ll144:
    """Selection rate of each category and its ratio to the most selected one. 6 RCNY 5-301(b).

    With `exclude` categories below 2 % of the data get no ratio and are no measure of others, 5-301(d); whoever does so
    must say why, and their number and rate stay. The law sets no threshold.
    """
    return _table(groups, exclude)


def scoring(cases: Iterable[Case], *, exclude: bool = False) -> Ll144:
    """Scoring rate of each category, which is the share that scores above the median of the whole sample, and its ratio
    to the highest. 6 RCNY 5-301(c). Whoever scores the median itself is not above it. What has no score is left out."""
    scored = [(named(case.group), case.score) for case in cases if case.score is not None]
    if not scored:
        return Ll144((), 0)
    middle = float(median(score for _, score in scored))
    cells: dict[str, list[int]] = {}
    for group, score in scored:
        row = cells.setdefault(group, [0, 0])
        row[0] += 1
        row[1] += score > middle
    return _table([Counts(group, n, above) for group, (n, above) in cells.items()], exclude, middle)


def _table(groups: Sequence[Counts], exclude: bool, middle: float | None = None) -> Ll144:
    named_ones = known(in_order(groups))
    everyone = sum(one.n for one in groups)
    small = {one.group for one in named_ones if exclude and one.n < LL144_LEAST * everyone}
    best = most_favoured(one for one in named_ones if one.group not in small)
    rows = []
    for one in named_ones:
        left_out = one.group in small
        share = one.share("selection")
        ratio = share.exact / best.share("selection").exact if best and one.n and not left_out else None
        rows.append(Impact(one.group, one.n, one.favourable, share.value, ratio, left_out))
    return Ll144(tuple(rows), sum(one.n for one in groups if one.group == UNKNOWN), middle)
