"""A whole report: every chosen metric of one attribute, with what is missing, excluded and too small to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.assessments.fairness.counts import (
    UNKNOWN,
    Case,
    Counts,
    Share,
    count,
    in_order,
    known,
    named,
)
from pilothouse.domains.governance.assessments.fairness.intervals import benjamini_hochberg, least_detectable_ratio
from pilothouse.domains.governance.assessments.fairness.judging import (
    Compared,
    State,
    Thresholds,
    beside,
    compare,
    flipped,
    worst,
)
from pilothouse.domains.governance.assessments.fairness.metrics import METRICS, Metric
from pilothouse.domains.governance.assessments.fairness.ratios import LL144_LEAST, most_favoured
from pilothouse.domains.governance.assessments.fairness.scored import balance, calibration_error, flips, theil

LEAST_SHOWN = 5
"""Groups of fewer people are not told apart in what leaves the house."""


@dataclass(frozen=True, slots=True)
class Line:
    """One group under one metric. `share` is what is compared (None for a figure over cases); `adjusted` is its p after
    Benjamini and Hochberg; `detectable` the largest ratio below 1 that so many people would have shown (power 80 %)."""

    group: str
    n: int
    share: Share | None
    compared: Compared | None
    adjusted: float | None = None
    detectable: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One metric over all groups, and the worst that it says of any."""

    metric: Metric
    reference: str
    lines: tuple[Line, ...]
    state: State


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured of one attribute. `people` counts everybody, `known` those whose group is recorded."""

    attribute: str
    people: int
    known: int
    asked: Thresholds
    results: tuple[Result, ...]
    state: State

    @property
    def coverage(self) -> Share:
        """Of everybody, those whose group is known."""
        return Share(self.known, self.people)


def measure(
    data: Sequence[Counts] | Sequence[Case],
    *,
    metrics: Sequence[str] = ("four_fifths",),
    asked: Thresholds | None = None,
    reference: str = "",
    attribute: str = "group",
    exclude: bool = False,
) -> Report:
    """Measure the chosen metrics. From `Counts` everything that needs no score; from `Case`s everything.

    `reference` is the group that others are set beside (default: the largest one); the four-fifths rule always takes
    the most favoured. With `exclude` groups below 2 % of the people are no measure of others and not judged. The order
    of groups and cases changes nothing. Raises Invalid for an unknown metric or reference.
    """
    cases = [one for one in data if isinstance(one, Case)]
    groups = count(cases) if cases else in_order(one for one in data if isinstance(one, Counts))
    thresholds = asked or Thresholds()
    chosen = [_metric(name) for name in metrics]
    named_ones = known(groups)
    people = sum(one.n for one in groups)
    if reference and reference not in {one.group for one in named_ones}:
        raise Invalid(f"No group is called “{reference}”.", fields={"reference": "Name one of the groups."})
    small = {one.group for one in named_ones if exclude and one.n < LL144_LEAST * people}
    measured = Measured(groups, cases, thresholds, reference, frozenset(small))
    results = _adjusted([measured.result(metric) for metric in chosen])
    state = worst(result.state for result in results)
    return Report(attribute, people, sum(one.n for one in named_ones), thresholds, results, state)


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything one run measures from."""

    groups: tuple[Counts, ...]
    cases: Sequence[Case]
    asked: Thresholds
    reference: str
    small: frozenset[str]

    def result(self, metric: Metric) -> Result:
        """One metric over all groups."""
        stands = [one for one in known(self.groups) if one.group not in self.small and one.n >= self.asked.least]
        if metric.id == "four_fifths":
            best = most_favoured(stands)
        else:
            given = next((one for one in self.groups if one.group == self.reference), None)
            best = given or min(stands, key=lambda one: (-one.n, one.group), default=None)
        figures = self._figures(metric) if metric.how == "figure" else {}
        lines = tuple(self._line(metric, one, best, figures) for one in self.groups)
        states = [line.compared.state for line in lines if line.compared]
        return Result(metric, best.group if best else "", lines, worst(states))

    def _line(self, metric: Metric, one: Counts, best: Counts | None, figures: Mapping[str, float | None]) -> Line:
        share = one.share(metric.shares[0]) if metric.shares else None
        if metric.id == "flip_rate":
            share = flips([case for case in self.cases if named(case.group) == one.group])
        note = self._note(one, best)
        if note and not (metric.id == "flip_rate" and best is not None and one.group == best.group):
            return Line(one.group, one.n, share, None, note=note)
        if metric.id == "flip_rate":
            return Line(one.group, one.n, share, flipped(metric, share or Share(0, 0), self.asked))
        if best is None:
            nobody = Compared(
                None, None, None, None, "", State.INSUFFICIENT, "No group is large enough to compare with."
            )
            return Line(one.group, one.n, share, nobody)
        if metric.how == "figure":
            values = figures.get(one.group), figures.get(best.group)
            return Line(one.group, one.n, share, beside(metric, *values, one.n, self.asked))
        found = compare(metric, one, best, self.asked)
        least = least_detectable_ratio(best.share(metric.shares[0]), share.whole) if share else None
        return Line(one.group, one.n, share, found, detectable=least if metric.how == "ratio" else None)

    def _note(self, one: Counts, best: Counts | None) -> str:
        """Why a group is shown and not judged."""
        if one.group == UNKNOWN:
            return "Their group is not recorded."
        if one.group in self.small:
            return "Below 2 % of the people: left out of the ratios."
        return "The reference." if best is not None and one.group == best.group else ""

    def _figures(self, metric: Metric) -> dict[str, float | None]:
        cases: dict[str, list[Case]] = {one.group: [] for one in self.groups}
        for case in self.cases:
            cases[named(case.group)].append(case)
        return {one.group: _figure(metric.id, one, cases[one.group]) for one in self.groups}


def _figure(metric: str, group: Counts, cases: Sequence[Case]) -> float | None:
    """What a metric of the kind `figure` is for one group."""
    if metric == "treatment_equality":
        return group.fn / group.fp if group.fp else None
    if metric == "calibration":
        return calibration_error(cases)
    if metric == "theil":
        return theil(cases)
    return balance(cases, truth=metric == "balance_positive")


def _metric(name: str) -> Metric:
    if name not in METRICS:
        raise Invalid(f"There is no metric “{name}”.", fields={"metrics": f"One of {', '.join(METRICS)}."})
    return METRICS[name]


def _adjusted(results: Sequence[Result]) -> tuple[Result, ...]:
    """The same results, every p adjusted for all the looks of this run."""
    flat = [line.compared.p if line.compared else None for result in results for line in result.lines]
    found = iter(benjamini_hochberg(flat))
    return tuple(
        replace(result, lines=tuple(replace(line, adjusted=next(found)) for line in result.lines)) for result in results
    )


def hidden(groups: Sequence[tuple[str, int]], least: int = LEAST_SHOWN) -> frozenset[str]:
    """The groups whose figures are withheld from what leaves the house: those of fewer than `least` people, and where
    that is a single one the next smallest too, for the total would give it away."""
    small = [name for name, n in groups if 0 < n < least]
    if len(small) == 1:
        others = sorted((n, name) for name, n in groups if name != small[0] and n)
        small += [name for _, name in others[:1]]
    return frozenset(small)
