"""OpenTelemetry traces with the GenAI conventions, as OTLP/HTTP sends them: JSON, or protobuf read by hand.

The conventions are still in development: today's names are read, and the ones before them. Only spans of model calls
count; spans of agents and tools that contain them would count the same tokens twice.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pilothouse.contracts.errors import Invalid
from pilothouse.contracts.policy.budgets import Tokens
from pilothouse.kernel.traffic.observed.seen import Seen

CALLS = {"chat", "text_completion", "generate_content", "embeddings", "completion"}
SYSTEM = "pilothouse.system"  # a resource's or span's attribute that names the system
Fields = Mapping[str, Any]


def read(body: bytes, protobuf: bool) -> list[Seen]:
    """The model calls in an export request. Raises Invalid when it is not one."""
    try:
        request = _message(body, REQUEST) if protobuf else json.loads(body)
        return list(_calls(request))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError, OverflowError) as error:
        raise Invalid("That is no OTLP export of traces.") from error


def _calls(request: Fields) -> Iterator[Seen]:
    line = 0
    for resource_spans in request.get("resourceSpans") or ():
        resource = _attributes(resource_spans.get("resource") or {})
        for scope in resource_spans.get("scopeSpans") or ():
            for span in scope.get("spans") or ():
                line += 1
                told = resource | _attributes(span)
                if _is_call(told):
                    yield _seen(line, span, told)


def _is_call(told: Fields) -> bool:
    operation = told.get("gen_ai.operation.name")
    if operation is not None:
        return operation in CALLS
    return bool(told.get("gen_ai.request.model") and (told.get("gen_ai.system") or told.get("gen_ai.provider.name")))


def _seen(line: int, span: Fields, told: Fields) -> Seen:
    began, ended = int(span.get("startTimeUnixNano") or 0), int(span.get("endTimeUnixNano") or 0)
    failed = str((span.get("status") or {}).get("code", "")) in ("2", "STATUS_CODE_ERROR") or "error.type" in told
    cached = _count(told, "cache_read.input_tokens")
    written = _count(told, "cache_creation.input_tokens")
    reasoned = _count(told, "reasoning.output_tokens")
    # The conventions count cached tokens among the input and reasoning among the output; we count each once.
    fresh = max(0, _count(told, "input_tokens", "prompt_tokens") - cached - written)
    answered = max(0, _count(told, "output_tokens", "completion_tokens") - reasoned)
    return Seen(
        line=line,
        id=f"otlp:{_hex(span.get('traceId'))}:{_hex(span.get('spanId'))}",
        at=datetime.fromtimestamp(began / 1e9, UTC) if began else None,
        model=_text(told, "gen_ai.request.model") or _text(told, "gen_ai.response.model"),
        model_reported=_text(told, "gen_ai.response.model"),
        provider=_text(told, "gen_ai.provider.name") or _text(told, "gen_ai.system"),
        operation=_text(told, "gen_ai.operation.name"),
        system=_text(told, SYSTEM),
        person=_text(told, "enduser.id") or _text(told, "user.id"),
        agent=_text(told, "gen_ai.agent.name") or _text(told, "gen_ai.agent.id"),
        conversation=_text(told, "gen_ai.conversation.id"),
        tokens=Tokens(fresh, answered, cached, written, reasoned),
        latency_ms=max(0, (ended - began) // 1_000_000) if began and ended else 0,
        status=500 if failed else 200,
    )


def _text(told: Fields, key: str) -> str:
    value = told.get(key)
    return value if isinstance(value, str) else ""


def _count(told: Fields, *names: str) -> int:
    for name in names:
        value = told.get(f"gen_ai.usage.{name}")
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            return max(0, int(value))
    return 0


def _attributes(holder: Fields) -> dict[str, Any]:
    return {pair["key"]: _value(pair.get("value") or {}) for pair in holder.get("attributes") or ()}


def _value(value: Fields) -> Any:
    for kind in ("stringValue", "intValue", "doubleValue", "boolValue"):
        if kind in value:
            return int(value[kind]) if kind == "intValue" else value[kind]
    return None


def _hex(value: Any) -> str:
    """An id as hex: OTLP's JSON says hex, some senders say base64."""
    text = value.hex() if isinstance(value, bytes) else str(value or "")
    if len(text) in (16, 32):
        return text.lower()
    try:
        return base64.b64decode(text, validate=True).hex()
    except (binascii.Error, ValueError):
        return text[:64]


# Protobuf: number of a field -> (its name in JSON, what it holds, whether it repeats). Everything else is passed over.
# From opentelemetry/proto/trace/v1/trace.proto and common/v1/common.proto.
Shape = dict[int, tuple[str, Any, bool]]
_ANY: Shape = {1: ("stringValue", str, False), 2: ("boolValue", bool, False), 3: ("intValue", int, False),
                4: ("doubleValue", float, False)}  # fmt: skip
_PAIR: Shape = {1: ("key", str, False), 2: ("value", _ANY, False)}
_STATUS: Shape = {3: ("code", int, False)}
_SPAN: Shape = {1: ("traceId", bytes, False), 2: ("spanId", bytes, False), 5: ("name", str, False),
                 6: ("kind", int, False), 7: ("startTimeUnixNano", "fixed", False),
                 8: ("endTimeUnixNano", "fixed", False), 9: ("attributes", _PAIR, True),
                 15: ("status", _STATUS, False)}  # fmt: skip
_SCOPE: Shape = {2: ("spans", _SPAN, True)}
_RESOURCE: Shape = {1: ("attributes", _PAIR, True)}
_RESOURCE_SPANS: Shape = {1: ("resource", _RESOURCE, False), 2: ("scopeSpans", _SCOPE, True)}
REQUEST: Shape = {1: ("resourceSpans", _RESOURCE_SPANS, True)}


def _message(data: bytes, shape: Shape) -> dict[str, Any]:
    """Read the known fields of a protobuf message. Raises ValueError for what is none."""
    found: dict[str, Any] = {}
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        raw, at = _raw(data, at, tag & 7)
        if tag >> 3 in shape:
            name, kind, repeats = shape[tag >> 3]
            value = _decoded(raw, kind)
            if repeats:
                found.setdefault(name, []).append(value)
            else:
                found[name] = value
    return found


def _raw(data: bytes, at: int, wire: int) -> tuple[Any, int]:
    if wire == 0:
        return _varint(data, at)
    length, at = (8, at) if wire == 1 else (4, at) if wire == 5 else _varint(data, at) if wire == 2 else (-1, at)
    if length < 0 or at + length > len(data):
        raise ValueError("a field goes on beyond the message")
    return data[at : at + length], at + length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("a number goes on beyond the message")
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _decoded(raw: Any, kind: Any) -> Any:
    if isinstance(kind, dict):
        return _message(_bytes(raw), kind)
    if kind is str:
        return _bytes(raw).decode()
    if kind is bytes:
        return _bytes(raw)
    if kind is float:
        return struct.unpack("<d", _bytes(raw))[0]
    if kind == "fixed":
        return int.from_bytes(_bytes(raw), "little")
    if not isinstance(raw, int):
        raise ValueError("a number was expected")
    if kind is bool:
        return bool(raw)
    return raw - (1 << 64) if raw >> 63 else raw


def _bytes(raw: Any) -> bytes:
    if not isinstance(raw, bytes):
        raise ValueError("bytes were expected")
    return raw
