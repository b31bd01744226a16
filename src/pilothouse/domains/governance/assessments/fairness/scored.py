"""Figures over single cases: calibration, balance, inequality, flips when only the attribute changes, drift."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, log

from pilothouse.domains.governance.assessments.fairness.counts import Case, Share

BINS = 10
PSI_WATCH, PSI_ACT = 0.1, 0.25
"""Conventions of credit scoring, not law: below the first nothing moved, above the second act."""


def calibration_error(cases: Sequence[Case], bins: int = BINS) -> float | None:
    """ECE = sum over bins of (n_b/n)·|share that turned out favourable - mean score|, equal bins of [0, 1].

    Naeini, Cooper and Hauskrecht, AAAI 2015. Of cases with a score and a known truth; None where there are none. Raises
    ValueError for a score outside 0…1.
    """
    held: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for case in cases:
        if case.score is None or case.truth is None:
            continue
        if not 0 <= case.score <= 1:
            raise ValueError(f"a score of {case.score} is no chance between 0 and 1")
        held[min(int(case.score * bins), bins - 1)].append((case.score, case.truth))
    everyone = sum(len(one) for one in held)
    if not everyone:
        return None
    return fsum(abs(fsum(truth for _, truth in one) - fsum(score for score, _ in one)) for one in held) / everyone


def balance(cases: Sequence[Case], truth: bool) -> float | None:
    """The mean score of those for whom the truth is `truth`: alike in all groups when the score is balanced.

    Kleinberg, Mullainathan and Raghavan, “Inherent trade-offs in the fair determination of risk scores”, ITCS 2017.
    """
    scores = [case.score for case in cases if case.score is not None and case.truth is truth]
    return fsum(scores) / len(scores) if scores else None


def theil(cases: Sequence[Case]) -> float | None:
    """T = (1/n)·sum (b/μ)·ln(b/μ) with b = p - y + 1: how unequally benefit is spread over people; 0 is equal.

    Speicher et al., “A unified approach to quantifying algorithmic unfairness”, KDD 2018. Of cases with a known truth;
    None where there are none or nobody has any benefit.
    """
    benefits = [int(case.favourable) - int(case.truth) + 1 for case in cases if case.truth is not None]
    total = sum(benefits)
    if not total:
        return None
    mean = total / len(benefits)
    return fsum(b / mean * log(b / mean) for b in benefits if b) / len(benefits)


def flips(cases: Sequence[Case]) -> Share:
    """How many of the cases that were tried with nothing but the attribute changed were decided otherwise."""
    tried = [case for case in cases if case.flipped is not None]
    return Share(sum(case.flipped != case.favourable for case in tried), len(tried))


def psi(expected: Sequence[float], actual: Sequence[float]) -> float:
    """Population stability index: sum (a_i - e_i)·ln(a_i/e_i) over the same bins, each side as shares.

    Takes counts or shares. Raises ValueError where the bins differ in number, or one is empty on either side: merge it
    with its neighbour, for its logarithm has no value.
    """
    if len(expected) != len(actual) or not expected:
        raise ValueError("both sides need the same bins")
    if min(*expected, *actual) <= 0:
        raise ValueError("an empty bin has no logarithm: merge it with its neighbour")
    whole_e, whole_a = fsum(expected), fsum(actual)
    pairs = [(e / whole_e, a / whole_a) for e, a in zip(expected, actual, strict=True)]
    return fsum((a - e) * log(a / e) for e, a in pairs)
