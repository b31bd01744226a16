"""When one domain's weakness, by the data, goes together with gaps in another: pure counting and two old tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from pilothouse.contracts.intervals import Z_95

WEAK = 0.6
"""A domain is weak when less than this share of what it asks is met."""
LEAST = 5
"""At least so many systems must stand on either side of a comparison."""
Z_LIT = Z_95
"""What the test must reach: chance alone does so once in forty (one-sided), so for less than one edge in a drawing."""


@dataclass(frozen=True, slots=True)
class Strength:
    """A domain's findings, counted: what is met, what applies, and what of it nobody has answered."""

    met: int = 0
    asked: int = 0
    unknown: int = 0

    @property
    def value(self) -> float | None:
        """met ÷ asked, between 0 and 1. None where nothing is asked or nothing is known."""
        return self.met / self.asked if self.asked > self.unknown else None

    @property
    def weak(self) -> bool:
        """Known, and too little of it met. What nobody knows is not weak: it is unknown."""
        return self.value is not None and self.value < WEAK


@dataclass(frozen=True, slots=True)
class Table:
    """Systems by whether they have a gap in the source and in the target.

    `both`: a gap in either; `source_only`; `target_only`; `neither`.
    """

    both: int = 0
    source_only: int = 0
    target_only: int = 0
    neither: int = 0

    @property
    def all(self) -> int:
        return self.with_gap + self.without

    @property
    def with_gap(self) -> int:
        """Systems with a gap in the source."""
        return self.both + self.source_only

    @property
    def without(self) -> int:
        """Systems that are sound in the source."""
        return self.target_only + self.neither

    @property
    def share_with(self) -> float | None:
        """Of the systems with a gap in the source, the share with one in the target."""
        return self.both / self.with_gap if self.with_gap else None

    @property
    def share_without(self) -> float | None:
        """Of the systems that are sound in the source, the share with a gap in the target."""
        return self.target_only / self.without if self.without else None

    @property
    def ratio(self) -> float | None:
        """How many times as often. None where one share is not known or the second is zero."""
        if self.share_with is None or not self.share_without:
            return None
        return self.share_with / self.share_without

    def __add__(self, other: Table) -> Table:
        return Table(
            self.both + other.both,
            self.source_only + other.source_only,
            self.target_only + other.target_only,
            self.neither + other.neither,
        )


class Verdict(StrEnum):
    """What the data say of an edge."""

    LIT = "lit"  # the source is weak, and gaps go together
    TOGETHER = "together"  # gaps go together, but the source is not weak
    APART = "apart"  # enough is known, and they do not go together
    FEW = "few"  # too little is known to say


def mantel_haenszel(strata: Iterable[Table]) -> float:
    """How far gaps in source and target go together among like systems, in standard deviations (Mantel and Haenszel
    1959, with continuity correction). Above 0: more often than by chance. 0 where no stratum can tell anything."""
    excess, variance = 0.0, 0.0
    for one in strata:
        total, gaps = one.all, one.both + one.target_only
        if total < 2:
            continue
        excess += one.both - one.with_gap * gaps / total
        variance += one.with_gap * one.without * gaps * (total - gaps) / (total * total * (total - 1))
    if variance <= 0:
        return 0.0
    corrected = max(0.0, abs(excess) - 0.5)
    return (corrected if excess > 0 else -corrected) / sqrt(variance)


def judge(source: Strength, table: Table, z: float) -> Verdict:
    """What an edge shows: its source's strength, all systems compared, and the test among like systems."""
    if table.with_gap < LEAST or table.without < LEAST:
        return Verdict.FEW
    higher = (table.share_with or 0) > (table.share_without or 0)
    if not higher or z < Z_LIT:
        return Verdict.APART
    return Verdict.LIT if source.weak else Verdict.TOGETHER
