"""Figures against vectors: our own, reckoned by hand, and those kept beside the project where they are there."""

from __future__ import annotations

import json
from fractions import Fraction
from math import isclose, log

import pytest

from pilothouse.contracts.intervals import wilson
from pilothouse.domains.governance.assessments.fairness.counts import Case, Counts, Share
from pilothouse.domains.governance.assessments.fairness.intervals import (
    benjamini_hochberg,
    fisher,
    katz,
    least_detectable_ratio,
    least_expected,
    newcombe,
    p_value,
    ratio_interval,
    two_proportion_z,
)
from pilothouse.domains.governance.assessments.fairness.ratios import below, most_favoured, scoring, selection
from pilothouse.domains.governance.assessments.fairness.scored import balance, calibration_error, flips, psi, theil
from pilothouse.kernel.imports.tests.files import SHARED

FACTS = SHARED / "facts" / "bias_test_vectors.json"
EXAMPLE = [Counts("A", 400, 200), Counts("B", 300, 120), Counts("C", 250, 75), Counts("D", 9, 1)]


def shared(name):
    if not FACTS.exists():
        pytest.skip(f"NOT CHECKED against the kept vectors: {FACTS} is not here")
    return json.loads(FACTS.read_text())[name]


def close(found, wanted, digits=6):
    return isclose(found, wanted, abs_tol=0.6 * 10**-digits)


def test_four_fifths_is_strict_and_exact():
    reference = Share(200, 400)
    flagged = [one.group for one in EXAMPLE if below(one.share("selection"), reference)]
    assert flagged == ["C", "D"]  # B is exactly four fifths, which is not below
    assert below(Share(119, 300), reference)
    assert not below(Share(10**17 * 4, 10**18), Share(10**17 * 5, 10**18))
    assert below(Share(10**17 * 4 - 1, 10**18), Share(10**17 * 5, 10**18))


def test_without_a_reference_there_is_no_ratio():
    with pytest.raises(ValueError, match="no ratio"):
        below(Share(1, 10), Share(0, 10))
    assert most_favoured([Counts("A", 10, 0)]) is None


def test_selection_with_categories_left_out():
    table = selection([*EXAMPLE, Counts("unknown", 12, 3)], exclude=True)
    assert [(row.group, row.n, row.excluded) for row in table.rows] == [
        ("A", 400, False),
        ("B", 300, False),
        ("C", 250, False),
        ("D", 9, True),
    ]
    assert [row.ratio for row in table.rows] == [Fraction(1), Fraction(4, 5), Fraction(3, 5), None]
    assert isclose(table.rows[3].rate or 0, 1 / 9)  # its rate is told all the same
    assert table.unknown == 12


def test_exactly_two_hundredths_stays_in():
    table = selection([Counts("A", 98, 49), Counts("B", 2, 1)], exclude=True)
    assert [row.excluded for row in table.rows] == [False, False]


def test_scoring_ties_at_the_median_are_not_above():
    cases = [Case(group, False, score=score) for group, score in [("A", 10), ("A", 30), ("A", 50), ("B", 30)]]
    table = scoring(cases)
    assert table.median == 30
    assert [(row.group, row.part, row.ratio) for row in table.rows] == [("A", 1, 1), ("B", 0, 0)]


def test_by_hand():
    a, b = Share(8, 10), Share(1, 10)
    # Tables with these margins: (C(10,k)·C(10,9-k)) / C(20,9); at most as likely as k=8 are k = 0, 1, 8, 9.
    assert isclose(fisher(a, b), (10 + 450 + 450 + 10) / 167960)
    assert least_expected(a, b) == 4.5
    assert p_value(a, b) == (fisher(a, b), "fisher")
    assert isclose(two_proportion_z(Share(60, 100), Share(40, 100)) or 0, 0.2 / (0.5 * 0.02**0.5))
    assert two_proportion_z(Share(5, 5), Share(9, 9)) is None
    assert katz(Share(0, 9), b) is None
    low, high = ratio_interval(Share(0, 100), Share(50, 100)) or (1, 0)
    assert low == 0
    assert 0 < high < 0.1
    assert ratio_interval(a, Share(0, 10)) is None


def test_newcombe_as_published():
    """Newcombe 1998, table II (a): 56/70 - 48/80 has 0.0524 to 0.3339 by method 10."""
    low, high = newcombe(Share(56, 70), Share(48, 80)) or (0, 0)
    assert close(low, 0.0524, 4)
    assert close(high, 0.3339, 4)


def test_wilson_as_published():
    """Newcombe 1998 (single proportions), 81 of 263: 0.2553 to 0.3662."""
    assert [round(bound, 4) for bound in wilson(81, 263)] == [0.2553, 0.3662]


def test_benjamini_hochberg_by_hand():
    assert benjamini_hochberg([0.01, None, 0.04, 0.03]) == [0.03, None, 0.04, 0.04]
    assert benjamini_hochberg([]) == []


def test_what_so_many_people_could_have_shown():
    few, many = least_detectable_ratio(Share(50, 100), 60), least_detectable_ratio(Share(5000, 10000), 6000)
    assert few is not None
    assert many is not None
    assert few < many < 1
    assert least_detectable_ratio(Share(1, 100), 5) is None
    assert least_detectable_ratio(Share(0, 100), 50) is None


def test_scored_figures_by_hand():
    cases = [
        Case("A", True, True, 0.9),
        Case("A", True, False, 0.9),
        Case("A", False, False, 0.2),
        Case("A", False, True, 0.4),
    ]
    # Bins: 0.9 twice (half of them true: |1 - 1.8|), 0.2 (|0 - 0.2|), 0.4 (|1 - 0.4|), of four.
    assert isclose(calibration_error(cases) or 0, (0.8 + 0.2 + 0.6) / 4)
    assert isclose(balance(cases, True) or 0, 0.65)
    assert isclose(balance(cases, False) or 0, 0.55)
    # Benefits 1, 2, 1, 0; their mean is 1.
    assert isclose(theil(cases) or 0, 2 * log(2) / 4)
    assert theil([Case("A", False, True)]) is None
    assert calibration_error([]) is None
    with pytest.raises(ValueError, match="between 0 and 1"):
        calibration_error([Case("A", True, True, 7)])
    tried = [Case("A", True, flipped=False), Case("A", True, flipped=True), Case("A", False)]
    assert flips(tried) == Share(1, 2)


def test_drift_by_hand():
    assert psi([50, 50], [5, 5]) == 0
    assert isclose(psi([0.5, 0.5], [0.25, 0.75]), 0.25 * log(2) + 0.25 * log(1.5))
    with pytest.raises(ValueError, match="same bins"):
        psi([1], [1, 2])
    with pytest.raises(ValueError, match="merge"):
        psi([1, 0], [1, 2])


def test_counts_refuse_what_cannot_be():
    for wrong in (lambda: Counts("A", 1, 2), lambda: Counts("A", 1, 1, tp=2), lambda: Share(2, 1)):
        with pytest.raises(ValueError, match=r"[A2]"):
            wrong()


def test_kept_selection_examples():
    first = shared("selection_example_1")
    table = selection([Counts(name, one["n"], one["selected"]) for name, one in first.items()])
    for row in table.rows:
        assert close(row.rate or 0, first[row.group]["rate"])
        assert close(float(row.ratio or 0), first[row.group]["impact_ratio"])
    second = shared("selection_example_2")["groups"]
    table = selection([Counts(name, one["n"], one["selected"]) for name, one in second.items()])
    assert [close(float(row.ratio or 0), second[row.group]["impact_ratio"]) for row in table.rows] == [True] * 4


def test_kept_interval_and_drift():
    kept = shared("two_proportion_A_vs_B")
    a, b = Share(200, 400), Share(120, 300)
    assert close(two_proportion_z(a, b) or 0, kept["z"])
    # The kept interval is of 1.959964 standard deviations, ours of the 1.96 that the books print.
    low, high = katz(b, a) or (0, 0)
    assert close(low, kept["katz_log_ci95"][0], 5)
    assert close(high, kept["katz_log_ci95"][1], 5)
    drift = shared("psi_example")
    assert close(psi(drift["expected"], drift["actual"]), drift["psi"])


def test_kept_scoring_example():
    kept = shared("scoring_example")
    # Scores of ours that have the kept median and the kept rates: above 30 are 2 of 4, 2 of 5, none of 2.
    scores = {"A": [10, 20, 40, 50], "B": [25, 30, 30, 35, 45], "C": [30, 5]}
    table = scoring(Case(group, False, score=score) for group, values in scores.items() for score in values)
    assert table.median == kept["median"]
    assert {row.group: float(row.ratio or 0) for row in table.rows} == kept["impact_ratio"]


def test_kept_cells_of_real_cases_give_the_kept_shares():
    for name, one in shared("compas_threshold_decile_ge_5").items():
        cells = {cell: one[cell] for cell in ("tp", "fp", "tn", "fn")}
        counts = Counts(name, one["n"], one["tp"] + one["fp"], **cells)
        assert close(counts.share("selection").value or 0, one["selection_rate"], 4)
        for share in ("tpr", "fpr", "fnr", "ppv"):
            assert close(counts.share(share).value or 0, one[share])
