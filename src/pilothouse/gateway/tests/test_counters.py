"""Shared counters: exact against a simple model, over workers and over kills."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.gateway import counters as module
from pilothouse.gateway.counters import Charge, CountersFull, FileCounters


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "counters"


def reserve(counters: FileCounters, *charges: Charge) -> Charge | None:
    return asyncio.run(counters.reserve(charges))


def settle(counters: FileCounters, charge: Charge, amount: int, seq: int | None) -> None:
    asyncio.run(counters.settle([charge], [amount], seq))


def read(counters: FileCounters, account: str = "a", window: int = 0) -> tuple[int, int]:
    return asyncio.run(counters.read(account, window))


def test_what_one_holds_the_other_sees(path: Path):
    one, two = FileCounters(path, 0), FileCounters(path, 1)
    charge = Charge("a", 0, 60, 100)
    assert reserve(one, charge) is None
    assert reserve(two, charge) is charge
    settle(one, charge, 30, 1)
    assert reserve(two, charge) is None
    assert read(one) == read(two) == (30, 60)


def test_all_are_held_or_none(path: Path):
    counters = FileCounters(path, 0)
    full = Charge("full", 0, 1, 0)
    assert reserve(counters, Charge("a", 0, 5, 10), full) is full
    assert read(counters) == (0, 0)


def test_a_new_window_starts_from_nothing_but_what_is_held(path: Path):
    counters = FileCounters(path, 0)
    first = Charge("a", 100, 10, 10)
    assert reserve(counters, first) is None
    settle(counters, first, 10, 1)
    assert reserve(counters, first) is first
    later = Charge("a", 200, 10, 10)
    assert reserve(counters, later) is None
    assert reserve(counters, later) is later
    settle(counters, later, 4, 2)
    assert read(counters, window=200) == (4, 0)


def test_a_clock_that_goes_back_loses_nothing(path: Path):
    counters = FileCounters(path, 0)
    for window, seq in ((200, 1), (100, 2)):
        charge = Charge("a", window, 5, 100)
        reserve(counters, charge)
        settle(counters, charge, 5, seq)
    assert read(counters, window=200) == (10, 0)


def test_calls_a_minute_count_at_once_and_calls_at_a_time_leave_nothing(path: Path):
    counters = FileCounters(path, 0)
    minute, now = Charge("m", 60, 1, 2, "at_once"), Charge("n", 0, 1, 2, "nothing")
    assert reserve(counters, minute, now) is None
    asyncio.run(counters.settle([minute, now], [99, 99], 1))
    assert (read(counters, "m", 60), read(counters, "n")) == ((1, 0), (0, 0))


def test_a_replay_adds_exactly_what_is_missing(path: Path):
    counters = FileCounters(path, 3)
    charge = Charge("a", 0, 50, None)
    for seq in (1, 2):
        reserve(counters, charge)
        settle(counters, charge, 7, seq)
    reserve(counters, charge)  # and then it was killed
    for _ in range(2):
        counters.replay(3, [("a", 0, 7, 1), ("a", 0, 7, 2), ("a", 0, 9, 3)])
        assert read(counters) == (23, 0)


def test_it_survives_being_closed(path: Path):
    counters = FileCounters(path, 0)
    assert counters.is_new
    charge = Charge("a", 0, 5, None)
    reserve(counters, charge)
    settle(counters, charge, 5, 1)
    counters.close()
    again = FileCounters(path, 0)
    assert not again.is_new
    assert read(again) == (5, 0)


def test_something_else_is_not_overwritten(path: Path):
    counters = FileCounters(path, 0)
    counters._words[0] = 7
    counters.close()
    with pytest.raises(RuntimeError, match="not a file of counters"):
        FileCounters(path, 0)


def test_it_says_when_it_is_full(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "CAPACITY", 20)
    counters = FileCounters(path, 0)
    charges = [Charge(f"account {number}", 0, 1, 10) for number in range(20)]
    with pytest.raises(CountersFull):
        reserve(counters, *charges)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(0, 60), st.booleans()), max_size=40))
def test_it_never_overruns(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, int, bool]]):
    """Workers reserve and settle in any order; the model is a plain sum."""
    path = tmp_path_factory.mktemp("counters") / "file"
    workers = [FileCounters(path, slot) for slot in range(3)]
    flying: list[tuple[int, Charge]] = []
    spent, seq = 0, 0
    for who, amount, actual, lands in steps:
        if lands and flying:
            owner, charge = flying.pop(0)
            seq += 1
            cost = min(actual, charge.amount)
            settle(workers[owner], charge, cost, seq)
            spent += cost
            continue
        charge = Charge("a", 0, amount, 100)
        held = sum(charge.amount for _, charge in flying)
        fits = spent + held + amount <= 100
        assert (reserve(workers[who], charge) is None) == fits
        if fits:
            flying.append((who, charge))
    assert read(workers[0]) == (spent, sum(charge.amount for _, charge in flying))
    assert spent <= 100
    for worker in workers:
        worker.close()
