"""The calls of a spool as OTLP/HTTP tells them: traces with the GenAI conventions, in protobuf.

The counterpart of `otlp.py`, by the same tables of fields, so that what is written here is read there again.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pilothouse.contracts.policy.events import Settlement
from pilothouse.kernel.traffic.observed.otlp import REQUEST, SYSTEM, Shape

OPERATIONS = {"chat": "chat", "responses": "chat", "messages": "chat", "embeddings": "embeddings"}
CLIENT, FAILED = 3, 2


def request(events: Iterable[Settlement]) -> bytes:
    """An export request with a span for each call. Nobody's name is in it, and no text."""
    by_organisation: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        by_organisation.setdefault(event.organisation, []).append(_span(event))
    spans = [
        {
            "resource": {"attributes": _pairs({"service.name": "pilothouse", "pilothouse.organisation": name})},
            "scopeSpans": [{"spans": found}],
        }
        for name, found in by_organisation.items()
    ]
    return _message({"resourceSpans": spans}, REQUEST)


def _span(event: Settlement) -> dict[str, Any]:
    digest = hashlib.sha256(event.call.encode()).digest()
    began = _nanoseconds(event.at)
    failed = event.status >= 400
    operation = OPERATIONS.get(event.endpoint, event.endpoint)
    return {
        "traceId": digest[:16],
        "spanId": digest[16:24],
        "name": f"{operation} {event.target or event.model}",
        "kind": CLIENT,
        "startTimeUnixNano": began,
        "endTimeUnixNano": began + event.latency_ms * 1_000_000,
        "attributes": _pairs(_told(event, operation, failed)),
        "status": {"code": FAILED} if failed else {},
    }


def _told(event: Settlement, operation: str, failed: bool) -> dict[str, Any]:
    tokens = event.tokens
    usage = {
        # The conventions count cached tokens among the input and reasoning among the output; we count each once.
        "input_tokens": tokens.input + tokens.cache_read + tokens.cache_write,
        "output_tokens": tokens.output + tokens.reasoning,
        "cache_read.input_tokens": tokens.cache_read,
        "cache_creation.input_tokens": tokens.cache_write,
        "reasoning.output_tokens": tokens.reasoning,
    }
    return {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": event.upstream,
        "gen_ai.request.model": event.target or event.model,
        "gen_ai.response.model": event.model_reported,
        "gen_ai.conversation.id": event.conversation,
        "gen_ai.agent.name": event.agent,
        **{f"gen_ai.usage.{name}": number for name, number in usage.items()},
        "error.type": str(event.status) if failed else "",
        SYSTEM: event.system,
        "pilothouse.call": event.call,
        "pilothouse.cost_micro": event.cost,
        "pilothouse.currency": event.currency,
        "pilothouse.finish": event.finish,
        "pilothouse.estimated": event.estimated,
    }


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000_000 + at.microsecond * 1000


def _pairs(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Attributes; what is empty is left out, zero is not."""
    return [{"key": key, "value": _value(value)} for key, value in told.items() if value != ""]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"intValue": value} if isinstance(value, int) else {"stringValue": str(value)}


def _message(value: Mapping[str, Any], shape: Shape) -> bytes:
    parts = []
    for number, (name, kind, repeats) in shape.items():
        if name in value:
            said: Sequence[Any] = value[name] if repeats else (value[name],)
            parts += [_field(number, one, kind) for one in said]
    return b"".join(parts)


def _field(number: int, value: Any, kind: Any) -> bytes:
    if kind == "fixed":
        return _varint(number << 3 | 1) + struct.pack("<Q", value)
    if kind is float:
        return _varint(number << 3 | 1) + struct.pack("<d", value)
    if kind in (int, bool):
        return _varint(number << 3) + _varint(int(value) & (1 << 64) - 1)
    data = _message(value, kind) if isinstance(kind, dict) else value.encode() if kind is str else bytes(value)
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes((*found, value))
