"""What other tools tell: OTLP in JSON and protobuf, CSV and JSON logs, and what is none of these."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.contracts.errors import Invalid
from pilothouse.contracts.policy.budgets import Tokens
from pilothouse.kernel.traffic.observed import logs, otlp

BEGAN = 1_795_000_000_000_000_000


def span(**attributes: Any) -> dict[str, Any]:
    told = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-x",
        "gen_ai.provider.name": "openai",
    } | attributes
    return {
        "traceId": "0af7651916cd43dd8448eb211c80319c",
        "spanId": "b7ad6b7169203331",
        "startTimeUnixNano": str(BEGAN),
        "endTimeUnixNano": str(BEGAN + 250_000_000),
        "attributes": [
            {"key": k, "value": {"intValue": str(v)} if isinstance(v, int) else {"stringValue": v}}
            for k, v in told.items()
        ],
    }


def export(*spans: Any, **resource: str) -> bytes:
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in resource.items()]
    body = {"resourceSpans": [{"resource": {"attributes": attributes}, "scopeSpans": [{"spans": list(spans)}]}]}
    return json.dumps(body).encode()


USAGE = {
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 30,
    "gen_ai.usage.cache_read.input_tokens": 60,
    "gen_ai.usage.reasoning.output_tokens": 10,
    "gen_ai.response.model": "gpt-x-2026",
    "gen_ai.conversation.id": "k1",
}


def test_a_span_of_a_model_call_is_read() -> None:
    [seen] = otlp.read(export(span(**USAGE), **{"pilothouse.system": "S-4"}), protobuf=False)
    assert seen.tokens == Tokens(40, 20, 60, 0, 10)
    assert (seen.model, seen.model_reported, seen.provider, seen.system) == ("gpt-x", "gpt-x-2026", "openai", "S-4")
    assert (seen.latency_ms, seen.status, seen.conversation) == (250, 200, "k1")
    assert seen.id == "otlp:0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331"
    assert seen.at == datetime.fromtimestamp(BEGAN / 1e9, UTC)


def test_older_names_are_read_and_failures_too() -> None:
    old = span(**{"gen_ai.usage.prompt_tokens": 5, "gen_ai.usage.completion_tokens": 7, "gen_ai.system": "mistral"})
    old["attributes"] = [
        a for a in old["attributes"] if a["key"] not in ("gen_ai.operation.name", "gen_ai.provider.name")
    ]
    old["status"] = {"code": 2}
    [seen] = otlp.read(export(old), protobuf=False)
    assert (seen.tokens, seen.provider, seen.status) == (Tokens(5, 7), "mistral", 500)


def test_spans_of_agents_and_tools_do_not_count_twice() -> None:
    agent, tool = span(**{"gen_ai.operation.name": "invoke_agent"}), span(**{"gen_ai.operation.name": "execute_tool"})
    plain = {"traceId": "1" * 32, "spanId": "2" * 16, "attributes": []}
    assert otlp.read(export(agent, tool, plain), protobuf=False) == []


def field(number: int, value: Any) -> bytes:
    """A protobuf field, written by hand."""

    def varint(n: int) -> bytes:
        out = b""
        while n > 127:
            out += bytes([n & 127 | 128])
            n >>= 7
        return out + bytes([n])

    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, tuple):
        return varint(number << 3 | 1) + struct.pack("<Q", value[0])
    return varint(number << 3 | 2) + varint(len(value)) + value


def as_protobuf(body: bytes) -> bytes:
    def pair(a: Any) -> bytes:
        value = a["value"]
        inner = field(3, int(value["intValue"])) if "intValue" in value else field(1, value["stringValue"].encode())
        return field(1, a["key"].encode()) + field(2, inner)

    out = b""
    for rs in json.loads(body)["resourceSpans"]:
        spans = b""
        for s in rs["scopeSpans"][0]["spans"]:
            ids = field(1, bytes.fromhex(s["traceId"])) + field(2, bytes.fromhex(s["spanId"])) + field(5, b"chat")
            times = field(7, (int(s["startTimeUnixNano"]),)) + field(8, (int(s["endTimeUnixNano"]),))
            spans += field(2, ids + times + b"".join(field(9, pair(a)) for a in s["attributes"]))
        resource = b"".join(field(1, pair(a)) for a in rs["resource"]["attributes"])
        out += field(1, field(1, resource) + field(2, field(1, b"\x0a\x01x") + spans))
    return out


def test_protobuf_says_the_same_as_json() -> None:
    body = export(span(**USAGE), span(**{"gen_ai.usage.input_tokens": 3}), **{"pilothouse.system": "S-4"})
    assert otlp.read(as_protobuf(body), protobuf=True) == otlp.read(body, protobuf=False)


@given(st.binary(max_size=200), st.booleans())
@settings(max_examples=200, deadline=None)
def test_whatever_comes_is_read_or_refused(body: bytes, protobuf: bool) -> None:
    with suppress(Invalid):
        otlp.read(body, protobuf)


KEYS = st.sampled_from(["resourceSpans", "scopeSpans", "spans", "attributes", "key", "value", "resource"])
LEAVES = st.none() | st.integers() | st.text(max_size=9)


@given(st.recursive(LEAVES, lambda x: st.lists(x, max_size=3) | st.dictionaries(KEYS, x, max_size=4)))
@settings(max_examples=200, deadline=None)
def test_whatever_json_comes_is_read_or_refused(body: Any) -> None:
    with suppress(Invalid):
        otlp.read(json.dumps(body).encode(), protobuf=False)


LITELLM = (
    "request_id,call_type,spend,total_tokens,prompt_tokens,completion_tokens,startTime,endTime,model,"
    "custom_llm_provider,user,end_user,status\n"
    "chatcmpl-1,acompletion,0.00123,150,100,50,2026-11-20T10:00:00+00:00,2026-11-20T10:00:01.5+00:00,"
    "gpt-x,openai,u1,,success\n"
    "chatcmpl-2,acompletion,0,20,20,0,2026-11-20T10:00:02+00:00,2026-11-20T10:00:03+00:00,"
    "gpt-x,openai,u1,jane@example.com,failure\n"
)


def test_litellms_spend_log_is_read() -> None:
    one, two = logs.read(LITELLM.encode())
    assert (one.id, one.cost, one.tokens, one.latency_ms, one.person) == (
        "log:chatcmpl-1",
        1230,
        Tokens(100, 50),
        1500,
        "u1",
    )
    assert (two.status, two.person, two.line) == (500, "jane@example.com", 3)


def test_a_plain_table_with_other_words_is_read() -> None:
    text = "Time;Model;Input tokens;Output tokens;Cost;System\n20.11.2026 10:00;m;1200;30;0,25;S-4\n"
    [seen] = logs.read(text.encode("utf-8-sig"))
    assert (seen.tokens, seen.cost, seen.system) == (Tokens(1200, 30), 250_000, "S-4")
    assert seen.id.startswith("row:")


def test_json_in_a_list_or_by_line_is_read() -> None:
    row = {"request_id": "r", "startTime": 1_795_000_000, "model": "m", "prompt_tokens": 3, "metadata": {"a": 1}}
    by_line = (json.dumps(row) + "\n") * 2
    assert [s.id for s in logs.read(by_line.encode())] == ["log:r", "log:r"]
    assert logs.read(json.dumps([row]).encode())[0].tokens == Tokens(3)
    assert logs.read(json.dumps({"data": [row]}).encode())[0].model == "m"


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "[1, 2]", '{"x": 1}\nnot json', "time,model\n"])
def test_what_is_no_log_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(Invalid):
        logs.read(text.encode())


def test_unreadable_amounts_and_times_are_kept_to_be_refused_by_line() -> None:
    [seen] = logs.read(b"time,model,cost\nsometime,m,cheap\n")
    assert (seen.at, seen.cost) == (None, -1)


@given(st.text(max_size=120))
@settings(max_examples=150, deadline=None)
def test_whatever_text_comes_is_read_or_refused(text: str) -> None:
    for body in (text, f"time,model,cost,prompt_tokens,latency\n{text}"):
        with suppress(Invalid):
            logs.read(body.encode("utf-8", "surrogatepass"))
