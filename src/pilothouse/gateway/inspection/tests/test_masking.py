"""Masks: what leaves holds no value, what comes back is what was there, however the stream is cut."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.contracts.policy.snapshot import Inspection
from pilothouse.gateway.inspection import Inspector, Restorer, StreamRestorer, restored
from pilothouse.gateway.inspection.tests.labelled import VALUES, labelled_set

ALL = Inspection(prompt=dict.fromkeys((*VALUES, "secret"), "mask"))
TEXTS = [row.text for row in labelled_set(rounds=1)]


def chat(*texts: str) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": text} for text in texts]}


@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4), st.text(max_size=30))
@settings(max_examples=80, deadline=None)
def test_masking_and_restoring_is_the_identity(texts: list[str], noise: str) -> None:
    body = chat(*texts, noise, f"[EMAIL_1] {noise} [PHONE_2]")
    before = json.dumps(body)
    seen = Inspector(ALL).prompt(body)
    assert json.dumps(body) == before, "the request itself is never touched"
    assert restored(seen.body, seen.restorer) == body
    if seen.changed:
        inner = Inspector(ALL).prompt(seen.body)
        assert not inner.changed, f"something was left: {inner.counts}"


@given(st.sampled_from([text for text in TEXTS if Inspector(ALL).prompt(chat(text)).changed]), st.data())
@settings(max_examples=60, deadline=None)
def test_a_stream_restores_whatever_way_it_is_cut(text: str, data: st.DataObject) -> None:
    seen = Inspector(ALL).prompt(chat(text))
    assert seen.restorer is not None
    masked = seen.body["messages"][0]["content"] + " [EMAI"
    cuts = data.draw(st.lists(st.integers(0, len(masked)), max_size=len(masked)).map(sorted))
    pieces = [masked[a:b] for a, b in zip([0, *cuts], [*cuts, len(masked)], strict=True)]
    said = "".join(seen.restorer.feed("c", piece) for piece in pieces) + seen.restorer.flush("c")
    assert said == text + " [EMAI"


def test_a_stream_cut_at_every_place_holds_back_no_more_than_a_mask() -> None:
    seen = Inspector(ALL).prompt(chat("Write to jane@example.com or call +49 30 123 4567."))
    assert seen.restorer is not None
    masked = seen.body["messages"][0]["content"]
    assert masked == "Write to [EMAIL_1] or call [PHONE_1]."
    for cut in range(len(masked) + 1):
        said = seen.restorer.feed("c", masked[:cut])
        so_far = seen.restorer.whole(masked[:cut])
        assert so_far.startswith(said)
        assert len(so_far) - len(said) < len("[EMAIL_1]")
        said += seen.restorer.feed("c", masked[cut:]) + seen.restorer.flush("c")
        assert said == "Write to jane@example.com or call +49 30 123 4567."


def test_the_same_value_has_the_same_mask_and_a_taken_mask_is_left_alone() -> None:
    seen = Inspector(ALL).prompt(chat("jane@example.com", "again jane@example.com", "I saw [EMAIL_1] in a log"))
    contents = [message["content"] for message in seen.body["messages"]]
    assert contents == ["[EMAIL_2]", "again [EMAIL_2]", "I saw [EMAIL_1] in a log"]
    assert seen.counts["email"] == 2


def test_values_in_arguments_of_tools_stay_valid_json() -> None:
    arguments = json.dumps({"note": 'password: pa"ss\\w0rd99x'})
    body = {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": arguments}}]}]}
    seen = Inspector(ALL).prompt(body)
    restorer = Restorer()
    token = restorer.mask("secret", 'pa"ss\nw0rd')
    assert json.loads(restorer.whole('{"p": "' + token + '"}', True)) == {"p": 'pa"ss\nw0rd'}
    assert json.loads(restored(seen.body, seen.restorer)["messages"][0]["tool_calls"][0]["function"]["arguments"])


def pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


@pytest.fixture
def restorer() -> Restorer:
    made = Restorer()
    made.mask("email", "jane@example.com")
    return made


@pytest.mark.parametrize("size", [1, 2, 3, 5, 50])
def test_chat_streams(restorer: Restorer, size: int) -> None:
    stream = StreamRestorer(restorer)
    events = [
        {"choices": [{"index": 0, "delta": {"content": p}, "finish_reason": None}]}
        for p in pieces("Hi [EMAIL_1]! [EM", size)
    ]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    sent = [new for event in events for new in stream.feed(event)] + stream.end()
    assert "".join(e["choices"][0]["delta"].get("content", "") for e in sent) == "Hi jane@example.com! [EM"
    assert sent[-1]["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("size", [1, 3, 50])
def test_chat_streams_of_tool_calls(restorer: Restorer, size: int) -> None:
    stream = StreamRestorer(restorer)
    bare = {"index": 0, "finish_reason": None}
    calls = [
        {"tool_calls": [{"index": 1, "function": {"arguments": p}}]} for p in pieces('{"to": "[EMAIL_1]"} [E', size)
    ]
    events = [{"choices": [{**bare, "delta": call}]} for call in calls]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    sent = [new for event in events for new in stream.feed(event)]
    said = "".join(c["function"]["arguments"] for e in sent for c in e["choices"][0]["delta"].get("tool_calls", ()))
    assert said == '{"to": "jane@example.com"} [E'


def test_a_chat_stream_that_breaks_off_still_says_what_was_held_back(restorer: Restorer) -> None:
    stream = StreamRestorer(restorer)
    stream.feed({"id": "x", "choices": [{"index": 0, "delta": {"content": "see [EMA"}, "finish_reason": None}]})
    assert [event["choices"][0]["delta"] for event in stream.end()] == [{"content": "[EMA"}]
    assert stream.end() == []


@pytest.mark.parametrize("size", [1, 4, 50])
def test_anthropic_streams(restorer: Restorer, size: int) -> None:
    stream = StreamRestorer(restorer)
    events: list[Any] = [{"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}]
    events += [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": p}}
        for p in pieces("To [EMAIL_1] [EMAIL", size)
    ]
    events.append({"type": "content_block_stop", "index": 0})
    events += [
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": p}}
        for p in pieces('{"a":"[EMAIL_1]"}', size)
    ]
    events.append({"type": "content_block_stop", "index": 1})
    sent = [new for event in events for new in stream.feed(event)]
    assert sent[-1] == {"type": "content_block_stop", "index": 1}
    assert "".join(e["delta"].get("text", "") for e in sent if "delta" in e) == "To jane@example.com [EMAIL"
    assert "".join(e["delta"].get("partial_json", "") for e in sent if "delta" in e) == '{"a":"jane@example.com"}'


@pytest.mark.parametrize("size", [1, 4, 50])
def test_responses_streams(restorer: Restorer, size: int) -> None:
    stream = StreamRestorer(restorer)
    about = {"item_id": "i", "output_index": 0, "content_index": 0}
    events: list[Any] = [
        {"type": "response.output_text.delta", **about, "delta": p} for p in pieces("To [EMAIL_1] [EM", size)
    ]
    events.append({"type": "response.output_text.done", **about, "text": "To [EMAIL_1] [EM"})
    sent = [new for event in events for new in stream.feed(event)]
    assert "".join(e["delta"] for e in sent if e["type"].endswith("delta")) == "To jane@example.com [EM"
    assert sent[-1]["text"] == "To jane@example.com [EM"
