"""A small world to judge in: one organisation, hand-made, and the strategies that vary it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st

from pilothouse.contracts.policy.request import CHECK, CallRequest, key_hash
from pilothouse.contracts.policy.snapshot import (
    ANY,
    Alias,
    Budget,
    Inspection,
    KeyPolicy,
    Price,
    Snapshot,
    Suspension,
    Suspensions,
    SystemPolicy,
    Target,
    Upstream,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = key_hash("pk_test")
ORGANISATION = "harbour-id"


def make(**changes: Any) -> Snapshot:
    """Harbour's snapshot: one key of one system in production, two upstreams in two regions."""
    known: dict[str, Any] = {
        "organisation": ORGANISATION,
        "slug": "harbour",
        "revision": 7,
        "issued_at": NOW - timedelta(minutes=5),
        "not_after": NOW + timedelta(hours=71),
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "systems": {"sys": system()},
        "keys": {KEY: key()},
        "upstreams": {
            "north": Upstream(name="north", base_url="https://north.example/v1", dialect="openai", region="eu"),
            "south": Upstream(name="south", base_url="https://south.example", dialect="anthropic", region="us"),
        },
        "aliases": {
            "chat": Alias(name="chat", targets=(Target("north", "m-1"), Target("south", "m-2", fallback=True))),
            "old": Alias(name="old", replaced_by="chat"),
            "embed": Alias(name="embed", targets=(Target("north", "e-1"),), endpoints=frozenset({"embeddings"})),
        },
        "prices": {
            "north/m-1": (
                Price("p1", NOW - timedelta(days=30), 1_000_000, 2_000_000),
                Price("p2", NOW + timedelta(days=1), 9_000_000, 9_000_000),
            )
        },
    }
    return Snapshot(**{**known, **changes})


def system(**changes: Any) -> SystemPolicy:
    known: dict[str, Any] = {"id": "sys", "number": 42, "name": "Planner", "stage": "production"}
    return SystemPolicy(**{**known, "models": frozenset({"chat", "embed"}), **changes})


def key(**changes: Any) -> KeyPolicy:
    return KeyPolicy(**{"id": "key-1", "name": "Planner's key", "system": "sys", "units": ("root", "quay"), **changes})


def with_system(**changes: Any) -> Snapshot:
    return make(systems={"sys": system(**changes)})


def with_key(**changes: Any) -> Snapshot:
    return make(keys={KEY: key(**changes)})


def stops(*names: str, issued_at: datetime = NOW) -> Suspensions:
    stopped = {name: Suspension("Too many complaints.", NOW) for name in names}
    return Suspensions(organisation=ORGANISATION, revision=1, issued_at=issued_at, stopped=stopped)


def call(**changes: Any) -> CallRequest:
    return CallRequest(**{"key": KEY, "endpoint": "chat.completions", "model": "chat", **changes})


def day_cap(amount: int = 5_000_000) -> dict[str, tuple[Budget, ...]]:
    return {"system:sys": (Budget("b-1", "Planner a day", "system", "sys", "day", amount),)}


# Strategies: few words, so that what is drawn meets often.
purposes = st.sampled_from(["support", "hiring"])
classes = st.sampled_from(["public", "personal"])
regions = st.sampled_from(["eu", "us"])
names = st.sampled_from(["chat", "old", "embed", "nothing"])
maybe_stop = st.sampled_from(["", "", "", "suspended", "prohibited", "stage"])


def some(words: st.SearchStrategy[str]) -> st.SearchStrategy[frozenset[str] | None]:
    return st.none() | st.frozensets(words)


systems = st.builds(
    system,
    stop=maybe_stop,
    until=st.none() | st.just(NOW - timedelta(hours=1)) | st.just(NOW + timedelta(hours=1)),
    high_risk=st.booleans(),
    models=st.frozensets(names | st.just(ANY)),
    regions=some(regions),
    purposes=some(purposes),
    purpose=st.just("") | purposes,
    data_classes=some(classes),
    data_class=st.just("") | classes,
    human=st.dictionaries(st.sampled_from(["hire", ANY]), st.sampled_from(["hold", "refuse"])),
    inspection=st.builds(Inspection, max_prompt_bytes=st.none() | st.integers(0, 100)),
)
keys = st.builds(
    key,
    person=st.sampled_from(["any", "told", "verified"]),
    persons=some(st.sampled_from(["ann", "ben"])),
    agents=some(st.sampled_from(["clerk"])),
    models=some(names),
    expires_at=st.none() | st.just(NOW) | st.just(NOW + timedelta(days=1)),
)
requests = st.builds(
    CallRequest,
    key=st.just(KEY) | st.just(key_hash("another")),
    endpoint=st.sampled_from(["chat.completions", "embeddings", CHECK]),
    model=names | st.just(""),
    purpose=st.just("") | purposes,
    data_classes=st.frozensets(classes),
    regions=some(regions),
    decision=st.sampled_from(["", "hire", "greet"]),
    person=st.sampled_from(["", "ann", "ben"]),
    person_verified=st.booleans(),
    agent=st.sampled_from(["", "clerk"]),
    size=st.integers(0, 200),
)
snapshots = st.builds(
    lambda one, bearer, caps: make(systems={"sys": one}, keys={KEY: bearer}, budgets=caps),
    systems,
    keys,
    st.just({}) | st.just(day_cap()),
)
stop_names = st.sampled_from(["model:chat", "model:old", "model:m-1", "upstream:north", "model:embed", "system:other"])
suspensions = st.builds(
    lambda some, age: stops(*some, issued_at=NOW - timedelta(seconds=age)),
    st.frozensets(stop_names),
    st.integers(0, 90),
)


def replace_system(snapshot: Snapshot, **changes: Any) -> Snapshot:
    one = msgspec.structs.replace(snapshot.systems["sys"], **changes)
    return msgspec.structs.replace(snapshot, systems={"sys": one})
