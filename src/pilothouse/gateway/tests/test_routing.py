"""Aliases, weights, fallbacks, retries, circuits and conversations."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pilothouse.contracts.policy.events import Settlement
from pilothouse.contracts.policy.request import Route
from pilothouse.contracts.policy.snapshot import Alias, Target, Upstream
from pilothouse.gateway.routing import FAILURES, PAUSE, Breaker, order
from pilothouse.gateway.tests.conftest import Door


def routes(*weights: int, fallback: int = 0) -> list[Route]:
    firsts = [Route(Target(f"u{number}", "m", weight)) for number, weight in enumerate(weights)]
    return firsts + [Route(Target(f"f{number}", "m", 1, True)) for number in range(fallback)]


def test_weights_share_the_traffic():
    counted = Counter(order(routes(95, 5), "")[0].target.upstream for _ in range(4000))
    assert 100 < counted["u1"] < 320  # a canary's share of five in a hundred


def test_a_conversation_stays_where_it_is():
    for number in range(50):
        name = f"conversation {number}"
        assert len({order(routes(1, 1, 1), name)[0].target.upstream for _ in range(5)}) == 1
    counted = Counter(order(routes(3, 1), f"c{number}")[0].target.upstream for number in range(2000))
    assert 1300 < counted["u0"] < 1700


@given(st.lists(st.integers(0, 9), max_size=5), st.integers(0, 3), st.text(max_size=5))
def test_fallbacks_come_last_in_their_order(weights: list[int], fallback: int, sticky: str):
    found = [route.target.upstream for route in order(routes(*weights, fallback=fallback), sticky)]
    assert sorted(found[: len(found) - fallback]) == [f"u{n}" for n, weight in enumerate(weights) if weight]
    assert found[len(found) - fallback :] == [f"f{number}" for number in range(fallback)]


def test_a_circuit_opens_lets_one_try_and_closes():
    breaker = Breaker()
    for _ in range(FAILURES):
        assert breaker.lets_through("x", 0)
        breaker.failed("x", 0)
    assert not breaker.lets_through("x", 1)
    assert breaker.open(1) == ["x"]
    assert breaker.lets_through("x", PAUSE + 1)
    assert not breaker.lets_through("x", PAUSE + 2)  # one tries, the others wait for what it finds
    breaker.succeeded("x")
    assert breaker.lets_through("x", PAUSE + 3)


def dead(door: Door, **alias: object) -> None:
    """A first target that takes no connection, and the good one as its fallback."""
    nobody = Upstream(name="nobody", base_url="http://127.0.0.1:9/v1", dialect="openai")
    targets = (Target("nobody", "m-0"), Target("north", "m-1", fallback=True))
    door.house.write(
        upstreams=door.house.snapshot.upstreams | {"nobody": nobody},
        aliases={"chat": Alias(**{"name": "chat", "targets": targets} | alias)},  # type: ignore[arg-type]
    )
    door.refresh()


def test_a_fallback_answers_when_the_first_does_not(door: Door):
    dead(door)
    assert door.chat().status_code == 200
    [settlement] = door.house.events(Settlement)
    assert (settlement.upstream, settlement.attempts) == ("north", 2)


def test_a_broken_provider_is_left_alone(door: Door):
    dead(door)
    for _ in range(FAILURES + 1):
        assert door.chat().status_code == 200
    assert door.house.events(Settlement)[-1].attempts == 1


def test_nobody_answers(door: Door):
    dead(door, targets=(Target("nobody", "m-0"),), retries=1)
    answer = door.chat()
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "upstream_failed")
    [settlement] = door.house.events(Settlement)
    assert (settlement.cost, settlement.attempts, settlement.finish) == (0, 2, "error")


@pytest.mark.parametrize(("status", "attempts"), [(503, 2), (400, 1)])
def test_only_what_may_pass_is_tried_again(door: Door, status: int, attempts: int):
    answer = door.chat(f"#status {status}")
    assert answer.status_code == status
    assert len(door.provider.requests) == attempts


def test_a_deadline_ends_the_wait(door: Door):
    alias = door.house.snapshot.aliases["chat"]
    door.house.write(aliases={"chat": replace(alias, deadline_ms=200)})
    door.refresh()
    answer = door.chat("#wait 3")
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "upstream_timeout")
    assert door.house.events(Settlement)[0].estimated  # it may have worked all the same


def test_a_retired_model_answers_by_its_replacement(door: Door):
    aliases = door.house.snapshot.aliases
    door.house.write(aliases=aliases | {"old": Alias(name="old", replaced_by="chat")})
    door.refresh()
    answer = door.post("/v1/chat/completions", {"model": "old", "messages": [{"role": "user", "content": "Hello"}]})
    assert answer.status_code == 200
    [settlement] = door.house.events(Settlement)
    assert (settlement.model, settlement.alias, settlement.target) == ("old", "chat", "m-1")


def test_an_upstream_takes_so_many_at_once(door: Door):
    upstreams = door.house.snapshot.upstreams
    door.house.write(upstreams=upstreams | {"north": replace(upstreams["north"], concurrent=0)})
    door.refresh()
    answer = door.chat()
    assert answer.status_code == 502
    assert "as many calls as it may have" in answer.json()["error"]["message"]
    door.house.write(upstreams=upstreams | {"north": replace(upstreams["north"], concurrent=1)})
    door.refresh()
    codes = [door.chat(text).status_code for text in ("Hello", "#status 400", "#status 500", "Hello")]
    assert codes == [200, 400, 500, 200]  # each gives its place back


def test_a_model_is_asked_in_the_language_of_the_caller(door: Door):
    door.house.write(aliases={"chat": Alias(name="chat", targets=(Target("south", "c-1"),))})
    door.refresh()
    answer = door.chat()
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "endpoint_refused")
    assert "does not answer at /v1/chat/completions" in answer.json()["error"]["message"]


def test_a_secret_of_another_organisation_is_not_used(door: Door):
    upstreams = door.house.snapshot.upstreams
    (door.house.home / "secrets" / "elsewhere").mkdir()
    (door.house.home / "secrets" / "elsewhere" / "theirs").write_text("sk-theirs")
    for reference in ("file:secrets/elsewhere/theirs", "env:HOME", "file:../../etc/passwd", "file:secrets/harbour/.."):
        door.house.write(upstreams=upstreams | {"north": replace(upstreams["north"], secret=reference)})
        door.refresh()
        assert door.chat().status_code == 502
    assert not door.provider.requests
