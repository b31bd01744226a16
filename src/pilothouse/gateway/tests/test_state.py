"""Policies from files: verified, swapped, remembered; never an older one, never a damaged one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pilothouse.contracts.policy.request import key_hash
from pilothouse.contracts.policy.snapshot import SNAPSHOT_FILE, SUSPENSIONS_FILE
from pilothouse.gateway.state import State
from pilothouse.gateway.tests.house import KEY, ORGANISATION, House


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, "http://127.0.0.1:9")


@pytest.fixture
def state(house: House) -> State:
    state = State(house.home / "gateway")
    assert state.refresh()
    return state


def revision(state: State) -> int:
    snapshot = state.current.of_key(key_hash(KEY)).snapshot
    return snapshot.revision if snapshot else 0


def test_it_takes_in_what_is_new(house: House, state: State):
    assert revision(state) == 1
    before = state.current
    assert not state.refresh()
    house.write()
    assert state.refresh()
    assert (revision(state), state.current is before) == (2, False)
    assert state.current.key(key_hash(KEY)) is not None
    assert state.current.key("nobody") is None


def test_it_holds_nothing_before_the_first(tmp_path: Path):
    state = State(tmp_path)
    assert not state.refresh()
    assert state.current.of_key("x").snapshot is None


@pytest.mark.parametrize("damage", [b"", b"{}", b"no json", None])
def test_a_damaged_file_takes_nothing_away(house: House, state: State, damage: bytes | None):
    path = house.folder / SNAPSHOT_FILE
    path.write_bytes(path.read_bytes().replace(b"Planner", b"Plunder") if damage is None else damage)
    state.refresh()
    assert (revision(state), state.bad_files) == (1, 1)
    again = State(house.home / "gateway")  # a restart finds its own copy
    again.refresh()
    assert revision(again) == 1


def test_another_s_signature_is_not_taken(house: House, state: State):
    house.key = Ed25519PrivateKey.generate()
    house.write()
    state.refresh()
    assert revision(state) == 1


def test_an_older_policy_put_back_is_not_taken(house: House, state: State):
    old = (house.folder / SUSPENSIONS_FILE).read_bytes()
    house.stop("system:sys")
    state.refresh()
    (house.folder / SUSPENSIONS_FILE).write_bytes(old)
    state.refresh()
    stops = state.current.by_organisation[ORGANISATION].suspensions
    assert stops is not None
    assert stops.of("system", "sys")
    again = State(house.home / "gateway")
    again.refresh()
    stops = again.current.by_organisation[ORGANISATION].suspensions
    assert stops is not None
    assert stops.of("system", "sys")


def test_a_policy_in_the_wrong_folder_is_not_taken(house: House, state: State):
    other = house.home / "gateway" / "0190-elsewhere"
    other.mkdir()
    (other / SNAPSHOT_FILE).write_bytes((house.folder / SNAPSHOT_FILE).read_bytes())
    state.refresh()
    assert (
        state.current.by_organisation["0190-elsewhere"].snapshot is None
        if "0190-elsewhere" in state.current.by_organisation
        else True
    )


def test_the_control_plane_may_be_gone_for_a_weekend(house: House, state: State):
    for path in house.folder.iterdir():
        path.unlink()
    house.folder.rmdir()
    again = State(house.home / "gateway")
    again.refresh()
    assert revision(again) == 1
    policy = again.current.of_key(key_hash(KEY))
    assert policy.snapshot is not None
    assert policy.snapshot.not_after > datetime.now(UTC) + timedelta(hours=70)
