"""Answers that a reviewer sees first: kept, not given out, come back for; and texts that the rules store."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from pathlib import Path
from uuid import UUID

import anthropic
import httpx
import openai
import pytest

from pilothouse.contracts.policy.budgets import held
from pilothouse.contracts.policy.events import Intent, Refusal, Settlement
from pilothouse.contracts.policy.snapshot import Hold, Inspection, KeyPolicy, Storage
from pilothouse.contracts.policy.texts import Held, Kept, place
from pilothouse.gateway.tests.conftest import Door
from pilothouse.gateway.tests.house import KEY, ORGANISATION, OTHER_KEY, House
from pilothouse.gateway.tests.provider import Provider, served
from pilothouse.gateway.tests.test_kills import gateway

EVERY = Hold(every=True)
HELLO = [{"role": "user", "content": "Hello"}]
SECRET = "ghp_aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"


@pytest.fixture
def holding(door: Door) -> Door:
    """The gateway with a system all of whose answers are held."""
    door.house.keep_texts()
    door.house.with_system(hold=EVERY)
    door.refresh()
    return door


def back(door: Door, call: str, key: str = KEY, path: str = "/v1/held/", **headers: str) -> httpx.Response:
    return door.client.get(door.url + path + call, headers={"Authorization": f"Bearer {key}", **headers})


def test_an_answer_waits_and_is_released_as_it_was(holding: Door):
    answer = holding.chat("Hello")
    error = answer.json()["error"]
    call = answer.headers["x-pilothouse-call"]
    assert (answer.status_code, error["code"], error["held"]) == (409, "held", call)
    assert error["retrieve"] == f"/v1/held/{call}"
    assert answer.headers["x-should-retry"] == "false"
    assert "quay" not in answer.text
    settlement = holding.house.events(Settlement)[0]
    assert (settlement.finish, settlement.status, settlement.tokens.output) == ("held", 202, 4)
    assert not holding.house.events(Refusal)

    waiting = back(holding, call)
    assert (waiting.status_code, waiting.json()["status"]) == (202, "pending")
    assert waiting.headers["retry-after"] == "5"
    holding.house.decide(call, "released")
    given = back(holding, call)
    assert given.status_code == 200
    assert given.headers["x-pilothouse-review"] == "released"
    assert given.json()["choices"][0]["message"]["content"] == "Hello from the quay"


def test_a_reviewer_sees_prompt_and_answer(holding: Door):
    call = holding.chat("What of the tide?").headers["x-pilothouse-call"]
    kept = holding.house.text("held", call, Held)
    assert [(piece.where, piece.text) for piece in kept.prompt] == [("message 1 (user)", "What of the tide?")]
    assert [(piece.where, piece.text) for piece in kept.answer] == [("answer 1", "Hello from the quay")]
    assert (kept.why, kept.endpoint, kept.model) == ("every", "chat", "chat")


def test_it_is_released_changed(holding: Door):
    call = holding.chat().headers["x-pilothouse-call"]
    holding.house.decide(call, "edited", ("Mind the quay",))
    given = back(holding, call)
    assert given.headers["x-pilothouse-review"] == "edited"
    assert given.json()["choices"][0]["message"]["content"] == "Mind the quay"
    assert given.json()["usage"]["completion_tokens"] == 4
    assert "from the quay" not in given.text


@pytest.mark.parametrize(
    ("verdict", "words"), [("refused", "A reviewer refused this answer: Not so."), ("expired", "Nobody released")]
)
def test_it_is_refused(holding: Door, verdict: str, words: str):
    call = holding.chat().headers["x-pilothouse-call"]
    holding.house.decide(call, verdict, reason="Not so.")
    given = back(holding, call)
    assert (given.status_code, given.json()["error"]["code"]) == (403, "review_refused")
    assert words in given.json()["error"]["message"]
    assert "quay" not in given.text


def test_nobody_else_comes_back_for_it(holding: Door):
    call = holding.chat().headers["x-pilothouse-call"]
    holding.house.decide(call, "released")
    assert back(holding, call, key=OTHER_KEY).status_code == 404
    assert back(holding, call, key="phk_nobody").status_code == 401
    assert back(holding, str(UUID(int=7))).status_code == 404
    assert back(holding, "../../keys").status_code == 404
    assert back(holding, "no-id").status_code == 404
    holding.house.stop("system:sys")
    holding.refresh()
    assert back(holding, call).status_code == 403


def test_a_forged_or_moved_outcome_releases_nothing(holding: Door):
    first, second = (holding.chat().headers["x-pilothouse-call"] for _ in range(2))
    holding.house.decide(first, "released")
    home = holding.house.home
    released, other = (home / place(ORGANISATION, "outcome", call) for call in (first, second))
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_bytes(released.read_bytes())
    assert back(holding, second).status_code == 404
    other.write_bytes(released.read_bytes().replace(first.encode(), second.encode()))
    assert back(holding, second).status_code == 404
    assert "quay" not in back(holding, second).text


def test_streams_are_gathered_whole(holding: Door):
    answer = holding.chat(stream=True, stream_options={"include_usage": True})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "held")
    sent = holding.provider.requests[0][2]
    assert b"stream" not in sent
    call = answer.headers["x-pilothouse-call"]
    holding.house.decide(call, "released")
    assert back(holding, call).json()["choices"][0]["message"]["content"] == "Hello from the quay"


def test_messages_and_embeddings_are_held_in_their_own_shape(holding: Door):
    client = anthropic.Anthropic(base_url=holding.url, api_key=KEY, max_retries=0)
    with pytest.raises(anthropic.APIStatusError) as caught:
        client.messages.create(model="chat", max_tokens=10, messages=HELLO)
    assert caught.value.status_code == 409
    call = caught.value.response.headers["x-pilothouse-call"]
    holding.house.decide(call, "edited", ("Mind the quay",))
    assert back(holding, call).json()["content"][0]["text"] == "Mind the quay"
    missing = back(holding, str(UUID(int=7)), **{"anthropic-version": "2023-06-01"})
    assert missing.json()["type"] == "error"
    answer = holding.post("/v1/embeddings", {"model": "embed", "input": "Hello"})
    assert answer.status_code == 409
    number = answer.json()["error"]["held"]
    assert not holding.house.text("held", number, Held).answer
    holding.house.decide(number, "released")
    assert back(holding, number).json()["data"][0]["embedding"] == [0.5, 0.25]


def test_a_background_response_is_waited_for_as_the_sdk_does(holding: Door):
    client = openai.OpenAI(base_url=holding.url + "/v1", api_key=KEY, max_retries=0)
    asked = client.responses.create(model="chat", input="Hello", background=True)
    assert asked.status == "queued"
    assert b"background" not in holding.provider.requests[0][2]
    assert client.responses.retrieve(asked.id).status == "in_progress"
    call = str(UUID(asked.id.removeprefix("resp_")))
    holding.house.decide(call, "edited", ("Mind the quay",))
    done = client.responses.retrieve(asked.id)
    assert (done.status, done.output_text) == ("completed", "Mind the quay")


@pytest.mark.parametrize(("verdict", "status"), [("refused", "failed"), ("expired", "cancelled")])
def test_a_background_response_that_is_refused(holding: Door, verdict: str, status: str):
    client = openai.OpenAI(base_url=holding.url + "/v1", api_key=KEY, max_retries=0)
    asked = client.responses.create(model="chat", input="Hello", background=True)
    holding.house.decide(str(UUID(asked.id.removeprefix("resp_"))), verdict, reason="Not so.")
    done = client.responses.retrieve(asked.id)
    assert (done.status, done.output_text) == (status, "")


def test_a_background_response_that_nobody_holds_is_there_at_once(door: Door):
    client = openai.OpenAI(base_url=door.url + "/v1", api_key=KEY, max_retries=0)
    done = client.responses.create(model="chat", input="Hello", background=True)
    assert (done.status, done.output_text) == ("completed", "Hello from the quay")
    assert b"background" not in door.provider.requests[0][2]


def test_what_fails_is_no_answer_to_hold(holding: Door):
    assert holding.chat("#status 400").status_code == 400
    assert not list(holding.house.home.glob("texts/*/held/*/*"))


def test_the_audit_draws_by_the_calls_id(door: Door):
    door.house.keep_texts()
    rule = Hold(sample_per_mille=400)
    door.house.with_system(hold=rule)
    door.refresh()
    answers = [door.chat() for _ in range(20)]
    for answer in answers:
        assert (answer.status_code == 409) == (held(rule, answer.headers["x-pilothouse-call"]) == "sample")


@pytest.mark.parametrize(
    ("told", "said", "status"),
    [
        ("", "", 200),
        ("0.7", "", 200),
        ("0.71", "", 409),
        ("", "#score 0.9", 409),
        ("0.2", "#score 0.3", 200),
        ("nonsense", "", 409),
        ("0.1", "#score nan", 409),
    ],
)
def test_a_score_above_the_threshold_is_held(door: Door, told: str, said: str, status: int):
    door.house.keep_texts()
    door.house.with_system(hold=Hold(score_above_per_mille=700))
    door.refresh()
    body = {"model": "chat", "messages": [{"role": "user", "content": f"Hello {said}"}]}
    headers = {"X-Pilothouse-Score": told} if told else {}
    assert door.post("/v1/chat/completions", body, **headers).status_code == status


def test_a_stream_with_a_score_that_must_wait_gives_nothing_out(door: Door):
    door.house.keep_texts()
    door.house.with_system(hold=Hold(score_above_per_mille=700))
    door.refresh()
    answer = door.chat("#score 0.9", stream=True)
    assert answer.status_code == 409
    assert "quay" not in answer.text
    assert "without streaming" in answer.json()["error"]["message"]
    assert door.chat("#score 0.3", stream=True).status_code == 200


def test_a_decision_of_humans_is_held(door: Door):
    door.house.keep_texts()
    door.house.with_system(human={"hire": "hold"})
    door.refresh()
    assert door.chat().status_code == 200
    body = {"model": "chat", "messages": HELLO}
    answer = door.post("/v1/chat/completions", body, **{"X-Pilothouse-Decision": "hire"})
    call = answer.headers["x-pilothouse-call"]
    assert answer.status_code == 409
    assert door.house.text("held", call, Held).decision == "hire"
    reply = door.post("/v1/evaluate", {"decision": "hire"}).json()
    assert (reply["allow"], reply["hold"]) == (True, True)
    assert not door.post("/v1/evaluate", {}).json()["hold"]


def test_without_a_disk_nothing_is_given_out(holding: Door):
    (holding.house.home / "texts").write_text("in the way")
    answer = holding.chat()
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unaccountable")
    assert holding.house.events(Settlement)[0].tokens.output == 4


def test_texts_are_stored_where_the_rules_say_so(door: Door):
    door.house.keep_texts()
    rules = Inspection(prompt={"email": "mask"}, answer={"secret": "mask"})
    door.house.with_system(storage=Storage(on=True), inspection=rules)
    door.refresh()
    texts = []
    for stream in (False, True):
        answer = door.chat(f"From jane@example.com #say Here: {SECRET}", stream=stream)
        kept = door.house.text("kept", answer.headers["x-pilothouse-call"], Kept)
        texts += [piece.text for piece in (*kept.prompt, *kept.answer)]
    assert all("jane" not in text and SECRET not in text for text in texts[1::2])
    assert texts[0].startswith("From [EMAIL_1]")
    assert texts[1].startswith("Here: [SECRET_1]")
    assert texts[3].startswith("Here: [SECRET_1]")


def test_texts_are_stored_for_their_purposes_alone(door: Door):
    door.house.keep_texts()
    door.house.with_system(storage=Storage(on=True, purposes=frozenset({"audit"})))
    door.refresh()
    body = {"model": "chat", "messages": HELLO}
    without = door.post("/v1/chat/completions", body).headers["x-pilothouse-call"]
    within = door.post("/v1/chat/completions", body, **{"X-Pilothouse-Purpose": "audit"}).headers["x-pilothouse-call"]
    assert not (door.house.home / place(ORGANISATION, "kept", without)).exists()
    assert (door.house.home / place(ORGANISATION, "kept", within)).exists()


def test_a_text_that_cannot_be_stored_stops_no_call(door: Door, caplog: pytest.LogCaptureFixture):
    door.house.with_system(storage=Storage(on=True))
    door.refresh()
    with caplog.at_level("ERROR", "pilothouse.gateway"):
        assert door.chat().status_code == 200
    assert "a text could not be stored" in caplog.text


def test_a_text_is_nowhere_in_clear(door: Door, caplog: pytest.LogCaptureFixture):
    """Held and stored alike: not in a file, a record, a log or an error; and sealed it is there."""
    door.house.keep_texts()
    door.house.with_system(hold=EVERY, storage=Storage(on=True))
    door.refresh()
    said = []
    with caplog.at_level("DEBUG"):
        for stream in (False, True):
            answer = door.chat(f"My token is {SECRET} #say {SECRET}", stream=stream)
            said.append(answer.text)
    assert all(SECRET not in text for text in said)
    assert SECRET not in caplog.text
    sealed = 0
    for path in (path for path in door.house.home.rglob("*") if path.is_file()):
        assert SECRET.encode() not in path.read_bytes(), path
        sealed += path.suffix == ".text"
    assert sealed == 4
    call = answer.headers["x-pilothouse-call"]
    assert door.house.text("held", call, Held).answer[0].text == SECRET


def test_a_person_must_be_named_again_where_the_key_asks_for_one(door: Door):
    door.house.keep_texts()
    keys = {digest: KeyPolicy(id=key.id, name=key.name, system=key.system, person="told")
            for digest, key in door.house.snapshot.keys.items()}  # fmt: skip
    door.house.write(keys=keys)
    door.house.with_system(hold=EVERY)
    door.refresh()
    body = {"model": "chat", "messages": HELLO}
    call = door.post("/v1/chat/completions", body, **{"X-Pilothouse-Person": "jane"}).headers["x-pilothouse-call"]
    assert back(door, call).json()["error"]["code"] == "person_missing"
    assert back(door, call, **{"X-Pilothouse-Person": "jane"}).status_code == 202


@pytest.mark.parametrize("kills", [3, pytest.param(60, marks=pytest.mark.full)])
def test_killed_between_hold_and_release(tmp_path: Path, kills: int):
    """Whoever was told an id finds the answer under it, whatever died since; and every call has its record."""
    promised: list[str] = []
    stop = threading.Event()
    provider = Provider()
    provider.keep = False

    def ask(url: str) -> None:
        body = {"model": "chat", "messages": HELLO}
        while not stop.is_set():
            try:
                answer = httpx.post(url, json=body, headers={"Authorization": f"Bearer {KEY}"}, timeout=20)
            except httpx.HTTPError:
                continue
            if answer.status_code == 409:
                promised.append(answer.json()["error"]["held"])

    with served(provider) as behind:
        house = House(tmp_path, behind.url)
        house.keep_texts()
        house.with_system(hold=EVERY)
        with gateway(house) as (url, workers):
            threads = [threading.Thread(target=ask, args=(url,)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for number in range(kills):
                _more(promised)
                os.kill(workers.pids()[number % len(workers.pids())], signal.SIGKILL)
            _more(promised)
            stop.set()
            for thread in threads:
                thread.join(30)
        with gateway(house, 1) as (url, _):
            base = url.removesuffix("/v1/chat/completions")
            for call in promised[:: max(1, len(promised) // 50)]:
                house.decide(call, "released")
                given = _get(f"{base}/v1/held/{call}")
                assert given.json()["choices"][0]["message"]["content"] == "Hello from the quay"
    for call in promised:
        assert house.text("held", call, Held).body
    settled = {event.call for event in house.events(Settlement)}
    assert {event.call for event in house.events(Intent)} == settled
    assert set(promised) <= settled
    assert not [path for path in tmp_path.rglob("*.text") if not re.fullmatch(r"[0-9a-f-]{36}\.text", path.name)]


def _get(url: str) -> httpx.Response:
    deadline = time.monotonic() + 30
    while True:
        try:
            return httpx.get(url, headers={"Authorization": f"Bearer {KEY}"}, timeout=20)
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise


def _more(promised: list[str]) -> None:
    """Wait until five more answers were promised."""
    before, deadline = len(promised), time.monotonic() + 60
    while len(promised) <= before + 5 and time.monotonic() < deadline:
        time.sleep(0.02)
