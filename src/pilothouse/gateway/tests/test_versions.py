"""Noticing that a provider answers with another model than before."""

from __future__ import annotations

import pytest

from pilothouse.contracts.policy.events import ModelChange, Settlement
from pilothouse.gateway import versions
from pilothouse.gateway.tests.conftest import Door
from pilothouse.gateway.versions import MOST, Versions


def seen(known: Versions, model: str, fingerprint: str = "", target: str = "m-1") -> ModelChange | None:
    record = Settlement(
        id="c/settlement", call="c", at=None, organisation="o", revision=1, upstream="north", target=target,
        model_reported=model,
    )  # type: ignore[arg-type]  # fmt: skip
    return known.change(record, fingerprint)


def test_it_works(door: Door) -> None:
    door.provider.model = "m-1-may"
    door.chat()
    door.provider.model = "m-1-june"
    answer = door.chat()
    [event] = door.house.events(ModelChange)
    assert (event.before, event.after, event.upstream, event.target) == ("m-1-may", "m-1-june", "north", "m-1")
    assert event.call == answer.headers["x-pilothouse-call"]
    door.chat()
    assert len(door.house.events(ModelChange)) == 1


def test_the_first_version_is_no_change() -> None:
    known = Versions()
    assert seen(known, "a") is None
    assert seen(known, "b", target="m-2") is None
    assert seen(known, "a") is None


def test_versions_that_take_turns_are_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    known, moment = Versions(), [0.0]
    monkeypatch.setattr(versions.time, "monotonic", lambda: moment[0])
    changes = [seen(known, "a", fingerprint) for fingerprint in ("x", "y", "x", "y", "x")]
    assert [change is not None for change in changes] == [False, True, False, False, False]
    seen(known, "a", "y")
    moment[0] = 2 * versions.QUIET
    assert seen(known, "a", "x") is not None, "back to what was there long ago"


def test_what_is_remembered_has_an_end() -> None:
    known = Versions()
    for number in range(3 * MOST):
        seen(known, str(number))
    assert all(len(versions) == MOST for versions in known._seen.values())
