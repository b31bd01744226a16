"""Reports: states, references, what is missing or too small, and what must hold for any counts."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.assessments.fairness.counts import Case, Counts
from pilothouse.domains.governance.assessments.fairness.judging import State, Thresholds
from pilothouse.domains.governance.assessments.fairness.metrics import METRICS
from pilothouse.domains.governance.assessments.fairness.ratios import below
from pilothouse.domains.governance.assessments.fairness.report import hidden, measure


@st.composite
def some_counts(draw: st.DrawFn, name: str) -> Counts:
    tp, fp, tn, fn = (draw(st.integers(0, 300)) for _ in range(4))
    return Counts(name, tp + fp + tn + fn, tp + fp, tp, fp, tn, fn)


groups = st.lists(st.sampled_from(["A", "B", "C", "D", "unknown"]), min_size=1, unique=True).flatmap(
    lambda names: st.tuples(*(some_counts(name) for name in names))
)
FROM_COUNTS = [one.id for one in METRICS.values() if one.needs in ("decisions", "truth") and one.id != "theil"]


def states(report, metric="four_fifths"):
    result = next(one for one in report.results if one.metric.id == metric)
    return {line.group: line.compared.state if line.compared else line.note for line in result.lines}


def test_the_four_states():
    report = measure(
        [
            Counts("A", 400, 200),
            Counts("B", 300, 120),  # exactly four fifths
            Counts("C", 250, 75),  # its whole interval below
            Counts("D", 60, 23),  # .77, and its interval reaches above four fifths
            Counts("E", 9, 1),  # too few
            Counts("unknown", 20, 3),
        ]
    )
    assert states(report) == {
        "A": "The reference.",
        "B": State.OK,
        "C": State.BREACH,
        "D": State.WATCH,
        "E": State.INSUFFICIENT,
        "unknown": "Their group is not recorded.",
    }
    assert report.state == State.BREACH
    assert (report.coverage.part, report.coverage.whole) == (1019, 1039)
    c = next(line for line in report.results[0].lines if line.group == "C")
    assert c.compared is not None
    assert c.compared.p is not None
    assert c.adjusted is not None
    assert c.compared.p <= c.adjusted < 0.001
    assert c.detectable is not None
    assert 0.7 < c.detectable < 0.8


def test_a_tiny_group_is_no_measure_of_others():
    report = measure([Counts("A", 400, 200), Counts("B", 5, 5), Counts("C", 400, 190)])
    assert report.results[0].reference == "A"
    assert states(report)["C"] == State.OK


def test_nobody_selected_is_a_breach_all_the_same():
    assert states(measure([Counts("A", 400, 200), Counts("B", 300, 0)]))["B"] == State.BREACH


def test_few_expected_is_no_clean_bill():
    assert states(measure([Counts("A", 40, 2), Counts("B", 40, 2)]))["B"] == State.INSUFFICIENT


def test_one_group_alone_or_nobody_is_insufficient():
    assert measure([Counts("A", 400, 200)]).state == State.INSUFFICIENT
    assert measure([]).state == State.INSUFFICIENT


def test_errors_harm_in_both_directions():
    kept = [
        Counts("African-American", 3696, 2174, 1369, 805, 990, 532),
        Counts("Caucasian", 2454, 854, 505, 349, 1139, 461),
    ]
    report = measure(
        kept, metrics=["fpr_ratio", "fnr_ratio", "predictive_parity", "equalised_odds"], reference="Caucasian"
    )
    assert states(report, "fpr_ratio")["African-American"] == State.BREACH
    assert states(report, "fnr_ratio")["African-American"] == State.BREACH
    assert states(report, "predictive_parity")["African-American"] == State.OK
    assert states(report, "equalised_odds")["African-American"] == State.BREACH


def test_figures_over_cases():
    cases = [Case("A", True, True, 0.9, True)] * 60 + [Case("B", True, False, 0.9, False)] * 40
    cases += [Case("A", False, False, 0.1, False)] * 60 + [Case("B", False, False, 0.1, False)] * 40
    report = measure(cases, metrics=["calibration", "flip_rate", "theil", "treatment_equality", "balance_positive"])
    assert states(report, "calibration") == {"A": "The reference.", "B": State.WATCH}
    assert states(report, "flip_rate") == {"A": State.OK, "B": State.BREACH}
    assert states(report, "balance_positive")["B"] == State.INSUFFICIENT


def test_a_figure_without_an_interval_is_never_a_breach():
    cases = [Case("A", True, True)] * 500 + [Case("B", True, False)] * 300 + [Case("B", False, True)] * 200
    assert states(measure(cases, metrics=["theil"]), "theil")["B"] == State.WATCH


def test_what_is_not_known_is_refused():
    with pytest.raises(Invalid, match="no metric"):
        measure([], metrics=["fairness"])
    with pytest.raises(Invalid, match="No group"):
        measure([Counts("A", 1, 1)], reference="B")
    with pytest.raises(ValueError, match="ratio"):
        Thresholds(ratio=Fraction(0))


def test_a_single_small_group_takes_a_second_with_it():
    assert hidden([("A", 100), ("B", 50), ("C", 3)]) == {"B", "C"}
    assert hidden([("A", 100), ("B", 2), ("C", 3)]) == {"B", "C"}
    assert hidden([("A", 100), ("B", 5), ("C", 0)]) == frozenset()


@given(groups, st.randoms(use_true_random=False))
def test_the_order_of_groups_changes_nothing(counted, chance):
    shuffled = list(counted)
    chance.shuffle(shuffled)
    assert measure(counted, metrics=FROM_COUNTS) == measure(shuffled, metrics=FROM_COUNTS)


@given(groups)
def test_an_interval_holds_its_figure(counted):
    for result in measure(counted, metrics=FROM_COUNTS, asked=Thresholds(least=1)).results:
        for line in result.lines:
            found = line.compared
            if found and found.value is not None and found.low is not None and found.high is not None:
                assert found.low <= found.value <= found.high
            if found and found.p is not None:
                assert 0 <= found.p <= 1 + 1e-9
                assert line.adjusted is not None
                assert found.p <= line.adjusted + 1e-12


@given(groups)
def test_a_breach_is_always_past_the_threshold(counted):
    """Whoever is in breach is below the bar by whole numbers; whoever is ok is not."""
    result = measure(counted).results[0]
    best = next((one for one in counted if one.group == result.reference), None)
    for one, line in ((one, line) for one in counted for line in result.lines if line.group == one.group):
        if line.compared is None or best is None or not best.favourable or not one.n:
            continue
        flagged = below(one.share("selection"), best.share("selection"))
        if line.compared.state in (State.BREACH, State.WATCH):
            assert flagged
        elif line.compared.state is State.OK:
            assert not flagged


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 1000))
def test_four_fifths_exactly_is_never_below(selected, spread, times):
    """s/n against (5s·t)/(4n·t): the ratio is 4/5, however large the numbers."""
    n = selected + spread
    group, reference = Counts("g", 5 * n, 4 * selected), Counts("r", 5 * n * times, 5 * selected * times)
    assert not below(group.share("selection"), reference.share("selection"))
    less = Counts("g", 5 * n, 4 * selected - 1)
    assert below(less.share("selection"), reference.share("selection"))
