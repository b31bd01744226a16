"""What is counted of each group, and the shares that follow.

One convention throughout: `y` is what turned out (or what was right), `p` what the system decided; 1 is the favourable
outcome, such as being invited. A monitor that aggregates in its database hands in `Counts`; a file hands in `Case`s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

UNKNOWN = "unknown"
"""The row of people whose group nobody recorded. It is shown and never compared: what is missing is not imputed."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, kept as whole numbers so that a comparison at a boundary is exact."""

    part: int
    whole: int

    def __post_init__(self) -> None:
        if not 0 <= self.part <= self.whole:
            raise ValueError(f"{self.part} of {self.whole} is not a part of a whole")

    @property
    def value(self) -> float | None:
        """None where there is nothing to take a share of."""
        return self.part / self.whole if self.whole else None

    @property
    def exact(self) -> Fraction:
        """Raises ZeroDivisionError where the whole is empty."""
        return Fraction(self.part, self.whole)


@dataclass(frozen=True, slots=True)
class Counts:
    """The people of one group: how many, how many of them with the favourable outcome, and of those whose truth is
    known already the four cells (`tp`: favourable and rightly so, `fp`, `tn`, `fn`). Truth may come later: the cells
    need not add up to `n`."""

    group: str
    n: int
    favourable: int
    tp: int = 0
    fp: int = 0
    tn: int = 0
    fn: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.favourable <= self.n:
            raise ValueError(f"{self.group}: {self.favourable} favourable of {self.n} people")
        if min(self.tp, self.fp, self.tn, self.fn) < 0 or self.labelled > self.n:
            raise ValueError(f"{self.group}: the four cells do not fit {self.n} people")

    @property
    def labelled(self) -> int:
        """People whose truth is known."""
        return self.tp + self.fp + self.tn + self.fn

    def share(self, name: str) -> Share:
        """One of SHARES by name."""
        cells = {"tp": self.tp, "fp": self.fp, "tn": self.tn, "fn": self.fn}
        if name == "selection":
            return Share(self.favourable, self.n)
        part, others = SHARES[name]
        return Share(cells[part], cells[part] + cells[others])


SHARES: dict[str, tuple[str, str]] = {
    "tpr": ("tp", "fn"),  # of those it was right for, who got it: sensitivity, recall
    "fnr": ("fn", "tp"),
    "fpr": ("fp", "tn"),
    "tnr": ("tn", "fp"),
    "ppv": ("tp", "fp"),  # of those who got it, whom it was right for: precision
    "fdr": ("fp", "tp"),
    "npv": ("tn", "fn"),
    "for": ("fn", "tn"),
}
"""Share → the cell it counts, and the other cell of its whole. `selection` is favourable of all."""


@dataclass(frozen=True, slots=True)
class Case:
    """One decision about one person. `group` is None where nobody knows it, `truth` where it is not known (yet),
    `score` (between 0 and 1 for calibration) where the system gives none; `flipped` says what was decided when nothing
    but the attribute was changed."""

    group: str | None
    favourable: bool
    truth: bool | None = None
    score: float | None = None
    flipped: bool | None = None


def count(cases: Iterable[Case]) -> tuple[Counts, ...]:
    """The counts of each group, in the order of their names; those of no known group last, as UNKNOWN."""
    cells: dict[str, list[int]] = {}
    for case in cases:
        row = cells.setdefault(named(case.group), [0] * 6)
        row[0] += 1
        row[1] += case.favourable
        if case.truth is not None:
            row[2 + _cell(case.favourable, case.truth)] += 1
    return in_order(Counts(group, *row) for group, row in cells.items())


def named(group: str | None) -> str:
    """What a group is called in a table."""
    return (group or "").strip() or UNKNOWN


def in_order(groups: Iterable[Counts]) -> tuple[Counts, ...]:
    """By name, the unknown last: a report does not depend on the order in which people came."""
    return tuple(sorted(groups, key=lambda one: (one.group == UNKNOWN, one.group)))


def known(groups: Sequence[Counts]) -> tuple[Counts, ...]:
    """Without those whose group nobody recorded."""
    return tuple(one for one in groups if one.group != UNKNOWN)


def _cell(favourable: bool, truth: bool) -> int:
    """tp, fp, tn or fn by its place."""
    if favourable:
        return 0 if truth else 1
    return 3 if truth else 2
