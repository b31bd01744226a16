"""Streams: passed on at once, settled before their end, cut, left, masked."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.policy.events import Refusal, Settlement
from pilothouse.contracts.policy.snapshot import Inspection
from pilothouse.gateway.sse import Splitter, data_of, event
from pilothouse.gateway.tests.conftest import Door
from pilothouse.gateway.tests.house import KEY

PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}


def body(kind: str, text: str, **more: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"model": "chat", "stream": True, **more}
    if kind == "responses":
        return said | {"input": text}
    return (
        said | {"messages": [{"role": "user", "content": text}]} | ({"max_tokens": 100} if kind == "messages" else {})
    )


def stream(door: Door, kind: str, text: str, **more: Any) -> tuple[list[tuple[float, bytes]], httpx.Response]:
    """(moment, piece) as they arrive."""
    found = []
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.stream(
        "POST", door.url + PATHS[kind], json=body(kind, text, **more), headers=headers, timeout=30
    ) as got:
        for piece in got.iter_raw():
            found.append((time.monotonic(), piece))
    return found, got


@given(st.lists(st.binary(max_size=30).filter(lambda data: b"\n" not in data and b"\r" not in data)), st.data())
def test_events_are_whole_however_they_are_cut(payloads: list[bytes], data: st.DataObject):
    end = data.draw(st.sampled_from([b"\n", b"\r\n", b"\r"]))
    whole = b"".join(b"data: " + payload + end + end for payload in payloads)
    splitter, found, at = Splitter(), [], 0
    while at < len(whole):
        size = data.draw(st.integers(1, 9))
        found += splitter.feed(whole[at : at + size])
        at += size
    # A carriage return at the cut may be half of a line end, so the last event may still wait for what follows.
    found += [rest] if (rest := splitter.rest()).strip() else []
    assert [data_of(piece) for piece in found] == payloads
    assert b"".join(found) == whole


def test_an_event_is_written_as_it_is_read():
    assert data_of(event(b"{}", b"ping")) == b"{}"
    assert data_of(b": a comment\n\n") == b""
    assert data_of(b"event: x\r\ndata: a\r\ndata:b\r\n\r\n") == b"a\nb"


@pytest.mark.parametrize("kind", PATHS)
def test_every_piece_goes_on_before_the_next_arrives(door: Door, kind: str):
    found, got = stream(door, kind, "#pieces 5 0.15")
    assert got.status_code == 200
    joined = b"".join(piece for _, piece in found)
    for number in range(5):
        sent = next(moment for moment, piece in found if b"piece%d " % number in piece)
        next_one = door.provider.sent_at[-1]
        later = [moment for moment in door.provider.sent_at if moment > sent]
        assert number == 4 or later, (sent, next_one)
    assert joined.count(b"piece") >= 5
    [settlement] = door.house.events(Settlement)
    assert (settlement.tokens.output, settlement.estimated, settlement.stream) == (5, False, True)
    assert settlement.ttft_ms is not None
    assert settlement.ttft_ms < settlement.latency_ms


def test_the_event_with_the_usage_is_kept_from_who_did_not_ask_for_it(door: Door):
    joined = b"".join(piece for _, piece in stream(door, "chat", "Hello")[0])
    assert b'"choices": []' not in joined
    assert joined.endswith(b"data: [DONE]\n\n")
    asked = b"".join(piece for _, piece in stream(door, "chat", "Hello", stream_options={"include_usage": True})[0])
    assert b'"choices": []' in asked


@pytest.mark.parametrize("kind", PATHS)
def test_it_is_settled_before_the_end_is_told(door: Door, kind: str):
    last = {"chat": b"[DONE]", "responses": b"response.completed", "messages": b"message_stop"}[kind]
    with httpx.stream(
        "POST", door.url + PATHS[kind], json=body(kind, "Hello"), headers={"Authorization": f"Bearer {KEY}"}
    ) as got:
        for piece in got.iter_raw():
            if last in piece:
                assert door.house.events(Settlement)


def test_a_stream_that_breaks_off_ends_with_an_error_and_is_accounted_for(door: Door):
    found, _ = stream(door, "chat", "#pieces 6 0.01 #cut")
    last = found[-1][1].strip().split(b"data: ")[-1]
    assert json.loads(last)["error"]["code"] == "upstream_failed"
    [settlement] = door.house.events(Settlement)
    assert settlement.estimated
    assert settlement.finish == "error"


@pytest.mark.parametrize("kind", PATHS)
def test_who_hangs_up_is_billed_right(door: Door, kind: str):
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.stream("POST", door.url + PATHS[kind], json=body(kind, "#pieces 8 0.05"), headers=headers) as got:
        next(got.iter_raw())
    settlement = settled(door)
    assert (settlement.finish, settlement.tokens.output, settlement.estimated) == ("aborted", 8, False)


def test_who_hangs_up_on_a_quiet_provider_gets_an_estimate(door: Door):
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.stream(
        "POST", door.url + PATHS["chat"], json=body("chat", "#pieces 8 0.05 #quiet"), headers=headers
    ) as got:
        next(got.iter_raw())
    settlement = settled(door)
    assert settlement.estimated
    assert settlement.tokens.output > 5


def settled(door: Door) -> Settlement:
    deadline = time.monotonic() + 10
    while not (found := door.house.events(Settlement)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found[0]


@pytest.mark.parametrize("kind", PATHS)
def test_a_stop_cuts_a_stream_within_two_seconds(door: Door, kind: str):
    stopped_at = 0.0
    pieces = []
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.stream("POST", door.url + PATHS[kind], json=body(kind, "#pieces 100 0.1"), headers=headers) as got:
        for piece in got.iter_raw():
            pieces.append(piece)
            if not stopped_at and len(pieces) == 3:
                door.house.stop("system:sys")
                stopped_at = time.monotonic()
    assert time.monotonic() - stopped_at < 2
    assert b"is stopped: the drill" in pieces[-1]
    [settlement], [refusal] = door.house.events(Settlement), door.house.events(Refusal)
    assert (settlement.finish, refusal.code) == ("aborted", "system_suspended")
    assert 0 < settlement.tokens.output < 100


def test_a_stop_cuts_a_call_that_still_waits(door: Door):
    threading.Timer(0.3, door.house.stop, ["upstream:north"]).start()
    begun = time.monotonic()
    answer = door.chat("#wait 8")
    assert time.monotonic() - begun < 3
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "model_suspended")


def test_losing_touch_stops_what_is_of_high_risk(door: Door):
    door.house.with_system(high_risk=True)
    door.house.stop(issued_at=datetime.now(UTC) - timedelta(seconds=58))
    door.refresh()
    found, _ = stream(door, "chat", "#pieces 100 0.1")
    assert b"lost touch" in found[-1][1]
    assert door.chat().json()["error"]["code"] == "out_of_touch"
    assert door.post(PATHS["chat"], {"model": "chat", "messages": []}, key="phk_other_key").status_code == 200


MASK = Inspection(prompt={"email": "mask"})


@pytest.mark.parametrize("kind", PATHS)
def test_masks_are_put_back_in_a_stream(door: Door, kind: str):
    """The provider sees a mask, says it in pieces of three letters, and the caller reads the address."""
    door.house.with_system(inspection=MASK)
    door.refresh()
    found, got = stream(door, kind, "#say Dear ann@quay.example, hello")
    sent = door.provider.requests[0][2]
    assert got.status_code == 200
    assert b"ann@quay.example" not in sent
    assert b"[EMAIL_1]" in sent
    joined = b"".join(piece for _, piece in found)
    assert said(kind, joined) == "Dear ann@quay.example, hello"
    [settlement] = door.house.events(Settlement)
    assert settlement.findings["email"] >= 1
    assert not settlement.estimated


def said(kind: str, raw: bytes) -> str:
    splitter, out = Splitter(), ""
    for piece in splitter.feed(raw):
        data = data_of(piece)
        if data in (b"", b"[DONE]"):
            continue
        value = json.loads(data)
        if kind == "chat":
            out += "".join(choice["delta"].get("content") or "" for choice in value["choices"])
        elif kind == "messages" and value["type"] == "content_block_delta":
            out += value["delta"]["text"]
        elif value["type"] == "response.output_text.delta":
            out += value["delta"]
    return out


@pytest.mark.parametrize("kind", PATHS)
def test_an_answer_that_may_not_pass_is_held_back_whole(door: Door, kind: str):
    door.house.with_system(inspection=Inspection(answer={"email": "block"}))
    door.refresh()
    headers = {"Authorization": f"Bearer {KEY}"}
    answer = httpx.post(door.url + PATHS[kind], json=body(kind, "#say ask ann(at)quay.example"), headers=headers)
    assert answer.status_code == 403
    assert "ann@quay.example" not in answer.text
    [settlement] = door.house.events(Settlement)
    assert (settlement.finish, settlement.estimated) == ("content_filter", False)
    assert settlement.tokens.output > 0
    assert door.house.events(Refusal)[0].code == "blocked"


@pytest.mark.parametrize("kind", PATHS)
def test_masks_in_answers(door: Door, kind: str):
    door.house.with_system(inspection=Inspection(answer={"email": "mask"}))
    door.refresh()
    found, _ = stream(door, kind, "#say ask ann(at)quay.example today")
    joined = b"".join(piece for _, piece in found)
    assert b"ann@quay.example" not in joined
    assert said(kind, joined) == "ask [EMAIL_1] today"


def test_masks_in_whole_answers(door: Door):
    door.house.with_system(inspection=Inspection(prompt={"email": "mask"}, answer={"email": "mask"}))
    door.refresh()
    answer = door.chat("#say To ann@quay.example and bob(at)quay.example")
    assert b"ann@quay.example" not in door.provider.requests[0][2]
    assert answer.json()["choices"][0]["message"]["content"].startswith("To ann@quay.example and [EMAIL")


def test_masks_in_streams_both_ways(door: Door):
    door.house.with_system(inspection=Inspection(prompt={"email": "mask"}, answer={"email": "mask"}))
    door.refresh()
    found, _ = stream(door, "chat", "#say To ann@quay.example and bob(at)quay.example")
    text = said("chat", b"".join(piece for _, piece in found))
    assert text.startswith("To ann@quay.example and [EMAIL")
    assert "bob" not in text


def test_a_prompt_that_may_not_pass(door: Door):
    door.house.with_system(inspection=Inspection(prompt={"email": "block"}))
    door.refresh()
    answer = door.chat("Write to ann@quay.example")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "blocked")
    assert not door.provider.requests
    assert door.house.events(Refusal)[0].findings == {"email": 1}


@pytest.mark.parametrize("streamed", [False, True])
def test_a_mask_of_an_answer_is_never_taken_for_one_of_the_prompt(door: Door, streamed: bool):
    door.house.with_system(inspection=Inspection(prompt={"email": "mask"}, answer={"email": "mask"}))
    door.refresh()
    text = "I am ann@quay.example #say Ask bob(at)quay.example"
    if streamed:
        answer = said("chat", b"".join(piece for _, piece in stream(door, "chat", text)[0]))
    else:
        answer = door.chat(text).json()["choices"][0]["message"]["content"]
    assert answer == "Ask [EMAIL_2]"
