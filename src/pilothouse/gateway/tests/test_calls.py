"""Model calls through the front door: one that works, then each refusal and each way to end."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import httpx
import pytest
from msgspec.structs import replace

from pilothouse.contracts.policy.events import Intent, Refusal, Settlement
from pilothouse.contracts.policy.snapshot import Hold, Inspection, Limits
from pilothouse.gateway.dialects import openai
from pilothouse.gateway.state import Policies
from pilothouse.gateway.tests.conftest import Door
from pilothouse.gateway.tests.house import KEY, ORGANISATION, SECRET


def test_it_works(door: Door):
    answer = door.chat()
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"] == "Hello from the quay"
    path, headers, body = door.provider.requests[0]
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == f"Bearer {SECRET}"
    assert b'"model":"m-1"' in body
    [intent] = door.house.events(Intent)
    [settlement] = door.house.events(Settlement)
    assert intent.call == settlement.call == answer.headers["x-pilothouse-call"]
    assert (settlement.tokens.input, settlement.tokens.output, settlement.cost) == (1, 4, 9)
    assert (settlement.upstream, settlement.target, settlement.model_reported) == ("north", "m-1", "m-1")
    assert (settlement.key, settlement.system, settlement.unit, settlement.revision) == ("key-1", "sys", "quay", 1)
    assert not settlement.estimated


def test_the_body_is_the_callers_own_where_nothing_must_change(door: Door):
    """Blanks, escapes, numbers and unknown fields inside a field arrive as they were sent."""
    inner = '[ {"role":"user", "content":"caf\\u00e9  1.50", "x-new": [1.0, 2e3]} ]'
    raw = '{"model":"m-1","messages":' + inner + ',"temperature":0.10}'
    door.house.write(aliases={"m-1": replace(door.house.snapshot.aliases["chat"], name="m-1")})
    door.refresh()
    answer = door.post_raw("/v1/chat/completions", raw.encode())
    assert answer.status_code == 200
    assert door.provider.requests[0][2] == raw.encode()


def test_a_name_that_stands_twice_is_sent_once(door: Door):
    raw = b'{"model":"m-9","messages":[{"role":"user","content":"x"}],"model":"chat"}'
    assert door.post_raw("/v1/chat/completions", raw).status_code == 200
    assert door.provider.requests[0][2].count(b'"model"') == 1


@pytest.mark.parametrize(
    ("prepare", "status", "code"),
    [
        (lambda house: house.with_system(stop="stage", because="It is in development."), 403, "stage"),
        (lambda house: house.with_system(stop="prohibited", because="It is prohibited."), 403, "system_prohibited"),
        (lambda house: house.stop("system:sys"), 403, "system_suspended"),
        (lambda house: house.stop("key:key-1"), 403, "key_suspended"),
        (lambda house: house.stop(f"organisation:{ORGANISATION}"), 403, "organisation_suspended"),
        (lambda house: house.stop("model:chat"), 403, "model_suspended"),
        (lambda house: house.stop("upstream:north", "upstream:south"), 403, "model_suspended"),
        (lambda house: house.with_system(models=frozenset({"embed"})), 403, "model_refused"),
        (lambda house: house.with_system(purposes=frozenset({"planning"})), 403, "purpose_missing"),
        (lambda house: house.with_system(inspection=Inspection(max_prompt_bytes=10)), 413, "too_large"),
        (lambda house: house.with_system(hold=Hold(every=True)), 409, "held"),
        (lambda house: house.with_system(limits=Limits(requests_per_minute=0)), 429, "requests_limit"),
        (lambda house: house.with_system(limits=Limits(tokens_per_minute=10)), 429, "tokens_limit"),
        (lambda house: house.with_system(limits=Limits(concurrent=0)), 429, "concurrent_limit"),
        (lambda house: house.budget(5), 429, "budget_exhausted"),
        (lambda house: house.write(keys={}), 401, "unknown_key"),
        (lambda house: house.write(not_after=datetime.now(UTC)), 503, "policy_expired"),
    ],
)
def test_refusals_say_why_in_the_providers_shape(door: Door, prepare, status, code):
    prepare(door.house)
    door.refresh()
    answer = door.chat()
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert len(error["message"]) > 20
    assert error["change"]
    assert not door.provider.requests
    if code not in ("unknown_key", "policy_expired"):
        [refusal] = door.house.events(Refusal)
        assert (refusal.code, refusal.call) == (code, answer.headers["x-pilothouse-call"])
    assert answer.headers.get("x-should-retry") == (None if code.endswith("_limit") else "false")


def test_a_refusal_links_to_where_it_is_changed(door: Door):
    door.house.with_system(stop="stage", because="It is in development.")
    door.refresh()
    assert door.chat().json()["error"]["link"] == "https://control.example/o/harbour/systems/42/gates/"


def test_nothing_is_called_before_there_is_a_policy(door: Door):
    door.gateway.state.current = Policies({})
    answer = door.chat()
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "no_policy")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"model":1}', b'{"model":"chat"}', b'{"model":"chat","messages":[],"n":1000}', b"\xff\xfe",
     b"[" * 5000, b'{"model":"chat","messages":[],"stream":"yes"}', b'{"model":"' + b"x" * 300 + b'","messages":[]}'],
)  # fmt: skip
def test_what_cannot_be_read_is_the_callers_fault(door: Door, body: bytes):
    answer = door.post_raw("/v1/chat/completions", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")
    assert not door.provider.requests


def test_other_paths_and_methods(door: Door):
    assert door.post("/v1/nothing", {}).status_code == 404
    assert httpx.get(door.url + "/v1/chat/completions").status_code == 405


def test_the_provider_s_own_errors_pass_and_cost_nothing(door: Door):
    answer = door.chat("#status 400")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "told")
    [settlement] = door.house.events(Settlement)
    assert (settlement.status, settlement.cost, settlement.finish) == (400, 0, "error")


def test_a_refused_credential_is_not_shown_to_the_caller(door: Door):
    answer = door.chat("#status 401")
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "upstream_failed")
    assert "as told" not in answer.text


def test_usage_that_nobody_told_is_estimated(door: Door):
    assert door.chat("#quiet " + "x" * 4000).status_code == 200
    [settlement] = door.house.events(Settlement)
    assert settlement.estimated
    assert settlement.tokens.input > 1000
    assert settlement.tokens.output > 0


def test_a_maximum_is_put_in_only_where_a_worst_case_must_be_known(door: Door):
    door.chat()
    assert b"max_tokens" not in door.provider.requests[0][2]
    door.house.budget(10**9)
    door.refresh()
    door.chat()
    assert b'"max_tokens":4096' in door.provider.requests[1][2]
    door.chat(max_completion_tokens=7)
    assert b"max_tokens" not in door.provider.requests[2][2]


@pytest.mark.parametrize(
    ("model", "name"),
    [("o3-mini", "max_completion_tokens"), ("eu-gpt-5", "max_completion_tokens"), ("gpt-4o", "max_tokens"),
     ("openai/o1", "max_completion_tokens"), ("foo3", "max_tokens"), ("qwen-2.5", "max_tokens")],
)  # fmt: skip
def test_the_maximum_has_the_name_that_the_model_knows(model: str, name: str):
    chat = openai.Chat()
    body = chat.prepare(chat.read(b'{"model":"chat","messages":[]}'), model, 7)
    assert json.loads(body) == {"model": model, "messages": [], name: 7}


async def _counted(door: Door, account: str, window: int) -> tuple[int, int]:
    return await door.gateway.counters.read(account, window)


def test_a_budget_is_spent_and_nothing_stays_held(door: Door):
    door.house.budget(10**9)
    door.refresh()
    for _ in range(5):
        assert door.chat().status_code == 200
    settlements = door.house.events(Settlement)
    [reservation] = settlements[0].reserved
    assert reservation.budget == "b-1"
    spent, held = asyncio.run(_counted(door, "budget:b-1", int(reservation.slot.split("@")[1])))
    assert (spent, held) == (sum(settlement.cost for settlement in settlements), 0)


def test_a_budget_is_used_up(door: Door):
    door.house.budget(8000)  # one worst case of 4096 output tokens fits in 8,300, not in this
    door.refresh()
    refused = door.chat()
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "budget_exhausted")
    assert door.chat(max_tokens=10).status_code == 200


def test_limits_a_minute_are_counted(door: Door):
    door.house.with_system(limits=Limits(requests_per_minute=3))
    door.refresh()
    codes = [door.chat().status_code for _ in range(5)]
    assert codes.count(200) in (3, 4, 5)  # a minute may turn in between
    assert codes[:3] == [200, 200, 200]


def test_no_secret_is_written_anywhere(door: Door):
    """Neither the provider's key, nor the caller's, nor the text of a prompt or an answer."""
    canary = "canary-7f3a9c"
    door.chat(f"My secret is {canary}. #say {canary} yes")
    door.chat(f"{canary} #status 500")
    door.post("/v1/chat/completions", {"model": "chat", "messages": canary})
    door.post("/v1/evaluate", {"input": canary})
    for path in door.house.home.rglob("*"):
        if path.is_file() and "secrets" not in path.parts and path.name != "counters":
            data = path.read_bytes()
            assert canary.encode() not in data, path
            assert SECRET.encode() not in data, path
            assert KEY.encode() not in data, path


def test_a_full_disk_stops_calls(door: Door):
    door.gateway.has_room = False
    answer = door.chat()
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unaccountable")
    assert not door.provider.requests


def test_a_changed_model_is_noticed(door: Door, caplog: pytest.LogCaptureFixture):
    door.chat()
    door.provider.model = "m-1-2026-11"
    with caplog.at_level("WARNING", "pilothouse.gateway"):
        door.chat()
    assert "a provider answers with another model" in caplog.text
    assert [event.model_reported for event in door.house.events(Settlement)] == ["m-1", "m-1-2026-11"]
    metrics = httpx.get(door.url + "/metrics").text
    assert 'pilothouse_gateway_model_changes_total{target="north/m-1",worker="0"} 1' in metrics
