"""Intervals, the test among like systems, and when an edge is lit."""

from __future__ import annotations

from math import comb, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.intervals import wilson
from pilothouse.kernel.checks.rules.domains import Sums
from pilothouse.programme.interdependence.edges import EDGES
from pilothouse.programme.interdependence.rules import (
    LEAST,
    WEAK,
    Z_LIT,
    Strength,
    Table,
    Verdict,
    judge,
    mantel_haenszel,
)

counts = st.integers(0, 400)
tables = st.builds(Table, counts, counts, counts, counts)


@st.composite
def shares(draw: st.DrawFn) -> tuple[int, int]:
    whole = draw(st.integers(1, 5000))
    return draw(st.integers(0, whole)), whole


@given(shares())
def test_an_interval_holds_the_share_and_stays_a_share(share: tuple[int, int]) -> None:
    part, whole = share
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole + 1e-12
    assert part / whole - 1e-12 <= high <= 1


@given(shares())
def test_an_interval_mirrors(share: tuple[int, int]) -> None:
    part, whole = share
    low, high = wilson(part, whole)
    other_low, other_high = wilson(whole - part, whole)
    assert isclose(low, 1 - other_high, abs_tol=1e-9)
    assert isclose(high, 1 - other_low, abs_tol=1e-9)


@given(shares(), st.integers(2, 20))
def test_more_systems_make_it_narrower(share: tuple[int, int], times: int) -> None:
    part, whole = share
    low, high = wilson(part, whole)
    low_more, high_more = wilson(part * times, whole * times)
    assert high_more - low_more < high - low


def test_a_known_interval() -> None:
    """15 of 148, a published example of the method: 0.0624 to 0.1605."""
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    for wrong in ((0, 0), (2, 1), (-1, 3)):
        with pytest.raises(ValueError, match="whole"):
            wilson(*wrong)


@given(st.lists(tables, max_size=6))
def test_turning_the_source_round_turns_the_sign(strata: list[Table]) -> None:
    turned = [Table(t.target_only, t.neither, t.both, t.source_only) for t in strata]
    assert isclose(mantel_haenszel(strata), -mantel_haenszel(turned), abs_tol=1e-9)


@given(st.lists(tables, max_size=6))
def test_source_and_target_are_alike_to_the_test(strata: list[Table]) -> None:
    """It says that gaps go together; which of the two pulls is not in the data."""
    turned = [Table(t.both, t.target_only, t.source_only, t.neither) for t in strata]
    assert isclose(mantel_haenszel(strata), mantel_haenszel(turned), abs_tol=1e-6)


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 6))
def test_equal_shares_are_no_sign(part: int, rest: int, times: int) -> None:
    assert mantel_haenszel([Table(part, rest, part * times, rest * times)]) == 0


@given(tables)
def test_a_group_that_cannot_tell_adds_nothing(table: Table) -> None:
    silent = [Table(9, 0, 0, 0), Table(0, 7, 0, 0), Table(5, 5, 0, 0), Table(4, 0, 4, 0), Table(1, 0, 0, 0), Table()]
    assert isclose(mantel_haenszel([table]), mantel_haenszel([table, *silent]), abs_tol=1e-9)


def test_it_compares_like_with_like() -> None:
    """In either tier the shares are equal; together they only seem to differ, because the high tier has more."""
    high, low = Table(81, 9, 9, 1), Table(1, 9, 9, 81)
    both = high + low
    assert both.ratio is not None
    assert both.ratio > 4
    assert mantel_haenszel([both]) > Z_LIT
    assert mantel_haenszel([high, low]) == 0
    assert judge(Strength(1, 10, 0), both, mantel_haenszel([high, low])) is Verdict.APART


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_where_it_lights_up_the_exact_test_agrees(both: int, source: int, target: int, neither: int) -> None:
    """Fisher's exact test, which needs no large numbers, is surprised too."""
    table = Table(both, source, target, neither)
    if mantel_haenszel([table]) < Z_LIT:
        return
    gaps = both + target
    more = range(both, min(table.with_gap, gaps) + 1)
    chance = sum(comb(table.with_gap, k) * comb(table.without, gaps - k) for k in more) / comb(table.all, gaps)
    assert chance < 1 / 20


def test_a_strength_is_none_where_nothing_is_known() -> None:
    assert Strength().value is None
    assert Strength(0, 8, 8).value is None
    assert not Strength(0, 8, 8).weak, "unknown is not weak"
    assert Strength(0, 8, 7).value == 0
    assert Strength(0, 8, 7).weak
    assert not Strength(6, 10, 4).weak
    assert Strength(6, 10, 4).value == WEAK


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_a_domain_is_weak_or_sound_or_unknown_for_a_system(met: int, known: int, unknown: int) -> None:
    sums = Sums(met + known + unknown, met, known + unknown, unknown)
    open_ = sums.asked > 0 and not sums.weak and not sums.sound
    assert [sums.weak, sums.sound, open_, sums.asked == 0].count(True) == 1


@given(tables, st.floats(-9, 9), st.booleans())
def test_only_a_weak_source_lights_an_edge(table: Table, z: float, weak: bool) -> None:
    verdict = judge(Strength(1 if weak else 9, 10, 0), table, z)
    if verdict is Verdict.LIT:
        assert weak
        assert z >= Z_LIT
        assert (table.share_with or 0) > (table.share_without or 0)
    if table.with_gap < LEAST or table.without < LEAST:
        assert verdict is Verdict.FEW
    if verdict is Verdict.TOGETHER:
        assert not weak


def test_ratios() -> None:
    assert Table(3, 1, 1, 3).ratio == 3
    assert Table(3, 1, 0, 4).ratio is None, "never without: no number of times"
    assert Table().share_with is None


def test_the_edges_are_those_of_the_plan() -> None:
    said: dict[str, list[str]] = {}
    for edge in EDGES:
        said.setdefault(edge.source, []).append(edge.target)
        assert edge.symptom.endswith(".")
        assert edge.question.endswith("?")
    others = {
        "strategy",
        "platform",
        "security",
        "architecture",
        "model_lifecycle",
        "mlops",
        "experience",
        "governance",
    }
    assert {source: set(targets) for source, targets in said.items()} == {
        "strategy": {"economics", "governance", "experience"},
        "platform": {"model_lifecycle", "mlops", "architecture"},
        "security": {"governance", "architecture", "experience"},
        "model_lifecycle": {"mlops", "governance", "economics"},
        "mlops": {"governance", "experience", "economics"},
        "talent": others | {"economics"},
        "governance": {"strategy", "economics", "experience"},
        "architecture": {"security", "mlops"},
        "experience": {"economics", "strategy"},
        "economics": {"strategy", "platform"},
    }
    assert len({edge.id for edge in EDGES}) == len(EDGES) == 33
