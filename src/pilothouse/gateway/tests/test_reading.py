"""Names and addresses through the front door: masked on the way out, put back on the way in, refused when unread."""

from __future__ import annotations

import os
import signal
import time

import pytest

from pilothouse.contracts.policy.events import Refusal, Settlement
from pilothouse.contracts.policy.snapshot import Inspection
from pilothouse.gateway.inspection.deep.reader import installed
from pilothouse.gateway.tests.conftest import Door
from pilothouse.gateway.tests.test_streams import PATHS, body, stream

needs_model = pytest.mark.skipif(not installed(), reason="the extra “deep” is not installed")
ASK = "Please send the offer to Hannah Whitaker, 12 Maple Avenue, Springfield, IL 62704."
PATIENT = 60_000


def rules(door: Door, **changes: object) -> None:
    door.house.with_system(inspection=Inspection(**{"deep": True, "deep_ms": PATIENT, **changes}))  # type: ignore[arg-type]
    door.refresh()


@needs_model
def test_it_works(door: Door) -> None:
    rules(door, prompt={"name": "mask", "address": "mask"})
    answer = door.chat(f"#say {ASK}")
    said = answer.json()["choices"][0]["message"]["content"]
    assert "Hannah Whitaker" in said
    assert "12 Maple Avenue, Springfield, IL 62704" in said
    sent = door.provider.requests[0][2]
    assert b"Whitaker" not in sent
    assert b"Maple" not in sent
    [settlement] = door.house.events(Settlement)
    assert (settlement.findings["name"], settlement.findings["address"]) == (1, 1)
    assert not any(b"Whitaker" in line for line in door.house.lines())


@needs_model
@pytest.mark.parametrize("kind", PATHS)
@pytest.mark.parametrize("streamed", [True, False])
def test_names_in_answers_are_masked(door: Door, kind: str, streamed: bool) -> None:
    rules(door, prompt={"name": "allow"}, answer={"name": "mask"})
    text = "#say Please ask Hannah Whitaker about the offer."
    if streamed:
        found, got = stream(door, kind, text)
        data, status = b"".join(piece for _, piece in found), got.status_code
    else:
        answer = door.post(PATHS[kind], body(kind, text, stream=False))
        data, status = answer.content, answer.status_code
    assert status == 200
    assert b"Whitaker" not in data
    assert b"Hannah" not in data
    assert b"[NAME_1]" in data
    [settlement] = door.house.events(Settlement)
    assert settlement.findings["name"] == 1


@needs_model
def test_counting_holds_nothing_back(door: Door) -> None:
    rules(door)
    found, _ = stream(door, "chat", "#pieces 3 0.05")
    assert len(found) > 1
    assert "unknown" not in door.house.events(Settlement)[0].findings


@needs_model
def test_a_late_reader_refuses_what_must_be_masked(door: Door) -> None:
    """A text that no machine reads in a tenth of a second."""
    rules(door, prompt={"name": "mask"}, deep_ms=100)
    answer = door.chat(ASK * 2000)
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "unread"
    assert "x-should-retry" not in answer.headers
    assert not door.provider.requests
    [refusal] = door.house.events(Refusal)
    assert refusal.findings["unknown"] >= 1


@needs_model
def test_a_late_reader_counts_what_need_not_be(door: Door) -> None:
    rules(door, deep_ms=100)
    assert door.chat(ASK * 2000).status_code == 200
    [settlement] = door.house.events(Settlement)
    assert settlement.findings["unknown"] >= 1


@needs_model
def test_a_reader_that_is_killed_comes_back_and_nothing_goes_out_unread(door: Door) -> None:
    rules(door, prompt={"name": "mask"})
    assert door.chat(ASK).status_code == 200
    pid = door.gateway.reader.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    answers = []
    while not answers or answers[-1].status_code != 200:
        # Every text is a new one, so that nothing that was read before answers for it.
        answers.append(door.chat(f"{len(answers)} {ASK}"))
        time.sleep(0.1)
    assert {answer.json()["error"]["code"] for answer in answers[:-1]} <= {"unread"}
    assert not any(b"Whitaker" in sent for _, _, sent in door.provider.requests)


@needs_model
def test_history_is_read_once(door: Door) -> None:
    rules(door, prompt={"name": "mask"})
    assert door.chat(ASK).status_code == 200
    # With so little time nothing new could be read; what was read before is remembered.
    rules(door, prompt={"name": "mask"}, deep_ms=0)
    assert door.chat(ASK).status_code == 200
    assert door.chat("Now ask Samuel Carter.").status_code == 503


@pytest.mark.parametrize("treatment", ["mask", "count"])
def test_without_the_extra_such_systems_are_refused(door: Door, treatment: str) -> None:
    door.gateway.reader.installed = False
    rules(door, prompt={"name": treatment})
    answer = door.chat("Hello")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "unread"
    assert "extra “deep”" in answer.json()["error"]["message"]
    assert not door.provider.requests


@needs_model
def test_others_who_ask_get_it_masked_too(door: Door) -> None:
    rules(door, prompt={"name": "mask", "address": "mask"})
    reply = door.post("/v1/evaluate", {"input": [ASK]}).json()
    assert reply["allow"] is True
    assert reply["input"] == ["Please send the offer to [NAME_1], [ADDRESS_1]."]
