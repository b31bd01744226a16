"""Signed documents, budgets and events."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.policy import events
from pilothouse.contracts.policy.budgets import (
    Account,
    Tokens,
    cost,
    held,
    reserve,
    settle,
    slot,
    span,
    stored,
    worst_case,
)
from pilothouse.contracts.policy.envelope import BadEnvelope, digest, public_keys, seal, supersedes, unseal
from pilothouse.contracts.policy.snapshot import Budget, Hold, Price, Snapshot, Storage, Suspensions
from pilothouse.contracts.policy.tests import world
from pilothouse.contracts.policy.tests.world import NOW, make, stops

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()


@given(world.snapshots)
def test_a_document_comes_back_as_it_went(snapshot: Snapshot) -> None:
    assert unseal(seal(snapshot, KEY), Snapshot, [PUBLIC]) == snapshot
    assert digest(unseal(seal(snapshot, KEY), Snapshot, [PUBLIC])) == digest(snapshot)


def test_suspensions_come_back_too() -> None:
    assert unseal(seal(stops("key:key-1"), KEY), Suspensions, [PUBLIC]).of("key", "key-1") is not None


@given(st.integers(min_value=0), st.integers(1, 255))
def test_a_changed_byte_is_noticed(where: int, by: int) -> None:
    data = bytearray(seal(make(), KEY))
    data[where % len(data)] ^= by
    try:
        read = unseal(bytes(data), Snapshot, [PUBLIC])
    except BadEnvelope:
        return
    assert read == make(), "only a bit that base64 does not use may differ"


@given(st.binary(max_size=200))
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(BadEnvelope):
        unseal(data, Snapshot, [PUBLIC])


def test_a_stranger_s_signature_and_another_kind_are_refused() -> None:
    with pytest.raises(BadEnvelope, match="not trusted"):
        unseal(seal(make(), Ed25519PrivateKey.generate()), Snapshot, [PUBLIC])
    with pytest.raises(BadEnvelope, match="not a snapshot"):
        unseal(seal(stops(), KEY), Snapshot, [PUBLIC])


def test_an_older_document_never_replaces_a_newer() -> None:
    assert supersedes(make(), None)
    assert supersedes(make(revision=8), make())
    assert not supersedes(make(revision=6), make())
    assert not supersedes(make(issued_at=NOW - timedelta(days=1)), make())
    assert not supersedes(make(organisation="another", revision=99), make())


def test_the_file_of_trusted_keys() -> None:
    assert public_keys(base64.b64encode(PUBLIC).decode() + "\n") == [PUBLIC]
    with pytest.raises(BadEnvelope):
        public_keys("not a key!")


def test_cost_rounds_up_and_counts_each_kind_once() -> None:
    price = Price("p", NOW, 3_000_000, 15_000_000, cache_read=300_000, request=7)
    tokens = Tokens(input=1000, output=10, cache_read=100, reasoning=1)
    assert cost(price, tokens) == 7 + 3000 + 150 + 30 + 15
    assert cost(Price("p", NOW, 1, 0), Tokens(input=1)) == 1
    assert tokens.total == 1111


amounts = st.integers(0, 10**9)
prices = st.builds(
    Price,
    id=st.just("p"),
    valid_from=st.just(NOW),
    input=amounts,
    output=amounts,
    cache_read=st.none() | amounts,
    cache_write=st.none() | amounts,
    reasoning=st.none() | amounts,
    request=amounts,
)


@given(prices, st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_no_call_costs_more_than_its_worst_case(price: Price, plain: int, cached: int, said: int, thought: int) -> None:
    worst = worst_case(price, plain + cached, said + thought)
    assert cost(price, Tokens(input=plain, cache_read=cached, output=said, reasoning=thought)) <= worst
    assert cost(price, Tokens(input=plain, cache_write=cached, output=said, reasoning=thought)) <= worst


@given(st.integers(0, 1000), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 100))))
def test_no_order_of_calls_overruns_the_cap(cap: int, calls: list[tuple[int, int]]) -> None:
    account, open_holds = Account(), []
    for amount, share in calls:
        held_now = reserve(account, cap, amount)
        if held_now is not None:
            account = held_now
            open_holds.append((amount, amount * share // 100))
        elif open_holds:
            account = settle(account, *open_holds.pop(0))
        assert account.spent + account.held <= cap
    for hold in open_holds:
        account = settle(account, *hold)
    assert account.held == 0
    assert account.spent <= cap


def test_a_reservation_is_never_negative() -> None:
    with pytest.raises(ValueError, match="never negative"):
        reserve(Account(), 10, -1)


def test_windows_follow_the_organisation_s_clocks() -> None:
    night = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # 00:30 in Berlin, the 23rd
    assert span("day", night, "Europe/Berlin").start == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert span("month", night, "Europe/Berlin").end == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert span("hour", night, "Asia/Kolkata").start == datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    # The day on which the clocks go back has 25 hours.
    autumn = span("day", datetime(2026, 10, 25, 12, tzinfo=UTC), "Europe/Berlin")
    assert autumn.end - autumn.start == timedelta(hours=25)


@given(
    st.integers(946_684_800, 3_786_912_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(["hour", "day", "month"]),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Chatham", "Asia/Kathmandu"]),
)
def test_windows_join_without_gap(now: datetime, kind: str, zone: str) -> None:
    window = span(kind, now, zone)  # type: ignore[arg-type]
    assert window.start <= now < window.end
    assert span(kind, window.start, zone) == window  # type: ignore[arg-type]
    assert span(kind, window.end, zone).start == window.end  # type: ignore[arg-type]


def test_a_slot_names_budget_and_window() -> None:
    budget = Budget("b", "B", "system", "s", "hour", 5)
    assert slot(budget, NOW, "UTC") == f"b@{int(NOW.timestamp())}"
    assert slot(budget, NOW + timedelta(minutes=59), "UTC") == slot(budget, NOW, "UTC")
    assert slot(budget, NOW + timedelta(minutes=60), "UTC") != slot(budget, NOW, "UTC")


def test_which_answers_are_held() -> None:
    assert held(Hold(every=True), "c")
    assert not held(Hold(), "c", 1000)
    assert held(Hold(score_above_per_mille=700), "c", 701)
    assert not held(Hold(score_above_per_mille=700), "c", 700)
    drawn = sum(held(Hold(sample_per_mille=100), f"call-{n}") == "sample" for n in range(5000))
    assert 400 < drawn < 600


def test_which_texts_are_kept() -> None:
    assert not stored(Storage(), "support")
    assert stored(Storage(on=True), "support")
    assert not stored(Storage(on=True, purposes=frozenset({"debug"})), "support")


def test_events_come_back_as_they_went() -> None:
    base = {"id": "e", "call": "c", "at": NOW, "organisation": "o", "revision": 7, "key": "k", "model": "chat"}
    written: list[events.Event] = [
        events.Intent(**base, reserved=(events.Reservation("b@1", "b", 12),)),
        events.Settlement(**base, tokens=Tokens(input=3), cost=4, findings={"email": 1}, finish="stop"),
        events.Refusal(**base, code="unknown_key", status=401),
        events.Check(**base),
        events.Feedback(**base, rating=900, accepted=True),
    ]
    for event in written:
        assert events.decode(events.encode(event)) == event
    with pytest.raises(msgspec.DecodeError):
        events.decode(events.encode(written[0])[:-5])
