"""How sure a comparison is: tests, intervals, and the smallest difference that so many people could have shown."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, exp, log, sqrt
from statistics import NormalDist

from pilothouse.contracts.intervals import Z_95, wilson
from pilothouse.domains.governance.assessments.fairness.counts import Share

LEAST_EXPECTED = 5
"""Below so many expected in any cell the normal approximation is poor, and Fisher's exact test is asked instead."""
_NORMAL = NormalDist()


def two_proportion_z(a: Share, b: Share) -> float | None:
    """z = (a - b) / sqrt(p(1-p)(1/n_a + 1/n_b)) with p pooled; beyond ±1.96 chance alone is unlikely (5 %, two-sided).

    The “two standard deviations” of US employment cases. None where either whole is empty or both shares are the same 0
    or 1.
    """
    if not a.whole or not b.whole:
        return None
    pooled = (a.part + b.part) / (a.whole + b.whole)
    spread = pooled * (1 - pooled) * (1 / a.whole + 1 / b.whole)
    return (a.part / a.whole - b.part / b.whole) / sqrt(spread) if spread > 0 else None


def fisher(a: Share, b: Share) -> float:
    """Fisher's exact test, two-sided: the chance of a table at least as unlikely as this one, given its margins.

    Fisher, “Statistical Methods for Research Workers” (1934); two-sided by the sum of the small probabilities. Whole
    numbers throughout, so ties are ties.
    """
    favourable, everyone = a.part + b.part, a.whole + b.whole
    low, high = max(0, favourable - b.whole), min(a.whole, favourable)
    ways = [comb(a.whole, part) * comb(b.whole, favourable - part) for part in range(low, high + 1)]
    here = ways[a.part - low]
    return sum(way for way in ways if way <= here) / comb(everyone, favourable)


def least_expected(a: Share, b: Share) -> float:
    """The smallest number that any of the four cells would hold if both shares were alike."""
    everyone = a.whole + b.whole
    favourable = a.part + b.part
    return min(a.whole, b.whole) * min(favourable, everyone - favourable) / everyone if everyone else 0.0


def p_value(a: Share, b: Share) -> tuple[float, str] | None:
    """The two-sided p of “both shares are alike” and the test that gave it: `z`, or `fisher` where a cell is small."""
    if not a.whole or not b.whole:
        return None
    if least_expected(a, b) < LEAST_EXPECTED:
        return fisher(a, b), "fisher"
    z = two_proportion_z(a, b)
    return (2 * (1 - _NORMAL.cdf(abs(z))), "z") if z is not None else (1.0, "z")


def katz(a: Share, b: Share, z: float = Z_95) -> tuple[float, float] | None:
    """The interval of the ratio a/b: exp(ln(a/b) ± z·sqrt((1-a)/s_a + (1-b)/s_b)), s the favourable ones.

    Katz et al., “Obtaining confidence intervals for the risk ratio in cohort studies”, Biometrics 34 (1978). None where
    either side has none, for then it has no logarithm; `ratio_interval` still answers.
    """
    if not (a.part and b.part):
        return None
    first, second = a.part / a.whole, b.part / b.whole
    half = z * sqrt((1 - first) / a.part + (1 - second) / b.part)
    middle = log(first / second)
    return exp(middle - half), exp(middle + half)


def ratio_interval(a: Share, b: Share, z: float = Z_95) -> tuple[float, float] | None:
    """The interval of a/b: Katz's, or where `a` has none the one that the two Wilson intervals leave open, which is
    wider. None where `b` has none: then there is no ratio."""
    if not a.whole or not b.part:
        return None
    if found := katz(a, b, z):
        return found
    return 0.0, wilson(a.part, a.whole, z)[1] / wilson(b.part, b.whole, z)[0]


def newcombe(a: Share, b: Share, z: float = Z_95) -> tuple[float, float] | None:
    """The interval of the difference a - b from the two Wilson intervals (method 10).

    Newcombe, “Interval estimation for the difference between independent proportions”, Statistics in Medicine 17
    (1998).
    """
    if not a.whole or not b.whole:
        return None
    first, second = a.part / a.whole, b.part / b.whole
    (low_a, high_a), (low_b, high_b) = wilson(a.part, a.whole, z), wilson(b.part, b.whole, z)
    below = sqrt((first - low_a) ** 2 + (high_b - second) ** 2)
    above = sqrt((high_a - first) ** 2 + (second - low_b) ** 2)
    return max(-1.0, first - second - below), min(1.0, first - second + above)


def benjamini_hochberg(values: Sequence[float | None]) -> list[float | None]:
    """p-values of one run, adjusted so that of those called different only the stated share is so by chance.

    Benjamini and Hochberg, “Controlling the false discovery rate”, JRSS B 57 (1995). What has no p keeps none.
    """
    asked = sorted((p, at) for at, p in enumerate(values) if p is not None)
    adjusted: list[float | None] = [None] * len(values)
    best = 1.0
    for rank in range(len(asked), 0, -1):
        p, at = asked[rank - 1]
        best = min(best, p * len(asked) / rank)
        adjusted[at] = best
    return adjusted


def least_detectable_ratio(reference: Share, n: int, *, alpha: float = 0.05, power: float = 0.8) -> float | None:
    """The largest ratio below 1 that `n` people beside this reference would have shown with the stated power.

    “No breach” of a group whose figure here is 0.5 says little of a ratio of 0.7. None where not even a share of zero
    would have shown, or there is no reference. Two-sided z-test of two proportions, pooled under “alike”, solved by
    halving.
    """
    if not reference.part or not n:
        return None
    far, near = _NORMAL.inv_cdf(1 - alpha / 2), _NORMAL.inv_cdf(power)
    share, whole = reference.part / reference.whole, reference.whole

    def shows(ratio: float) -> bool:
        other = share * ratio
        pooled = (share * whole + other * n) / (whole + n)
        alike = sqrt(pooled * (1 - pooled) * (1 / whole + 1 / n))
        apart = sqrt(share * (1 - share) / whole + other * (1 - other) / n)
        return share - other >= far * alike + near * apart

    if not shows(0.0):
        return None
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if shows(middle) else (low, middle)
    return low
