"""The tables of the warehouse, and how an event becomes a row of them. Times are kept in UTC, without their zone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pilothouse.contracts.policy.events import Call, Check, Event, Feedback, ModelChange, Refusal, Reviewed, Settlement

Type = Literal["string", "int64", "boolean", "timestamp"]
Row = dict[str, Any]

_CALL: dict[str, Type] = {
    "id": "string",
    "call": "string",
    "at": "timestamp",
    "organisation": "string",
    "revision": "int64",
    "key": "string",
    "system": "string",
    "unit": "string",
    "person": "string",
    "agent": "string",
    "source": "string",
    "endpoint": "string",
    "stream": "boolean",
    "model": "string",
    "alias": "string",
    "upstream": "string",
    "target": "string",
    "purpose": "string",
    "data_classes": "string",
    "conversation": "string",
    "marks": "string",
}
_WHO = ("id", "call", "at", "organisation", "key", "system", "unit", "person", "source", "model")

_VERSIONS = ("before", "after", "fingerprint_before", "fingerprint_after")

TABLES: dict[str, dict[str, Type]] = {
    "usage": _CALL
    | {
        "input": "int64",
        "output": "int64",
        "cache_read": "int64",
        "cache_write": "int64",
        "reasoning": "int64",
        "cost": "int64",
        "currency": "string",
        "price": "string",
        "latency_ms": "int64",
        "ttft_ms": "int64",
        "overhead_us": "int64",
        "status": "int64",
        "finish": "string",
        "estimated": "boolean",
        "attempts": "int64",
        "model_reported": "string",
    },
    "refusals": _CALL | {"code": "string", "reason": "string", "status": "int64"},
    "checks": _CALL,
    "findings": {name: _CALL[name] for name in _WHO} | {"kind": "string", "count": "int64", "refused": "boolean"},
    "feedback": {name: _CALL[name] for name in _WHO}
    | {"rating": "int64", "edit_distance": "int64", "accepted": "boolean", "comment": "string"},
    "reviews": {name: _CALL[name] for name in _WHO}
    | {
        "verdict": "string",
        "why": "string",
        "seconds": "int64",
        "waited_seconds": "int64",
        "edit_distance": "int64",
    },
    "model_changes": {name: _CALL[name] for name in (*_WHO, "upstream", "target")} | dict.fromkeys(_VERSIONS, "string"),
}


def rows_of(event: Event) -> Iterator[tuple[str, Row]]:
    """(table, row) for everything that is kept of an event. An intent leaves nothing: its settlement says all."""
    if isinstance(event, Settlement):
        tokens = event.tokens
        yield (
            "usage",
            _call(event)
            | {
                "input": tokens.input,
                "output": tokens.output,
                "cache_read": tokens.cache_read,
                "cache_write": tokens.cache_write,
                "reasoning": tokens.reasoning,
            }
            | {name: getattr(event, name) for name in TABLES["usage"] if name not in _CALL and hasattr(event, name)},
        )
        yield from _findings(event, event.findings, refused=False)
    elif isinstance(event, Refusal):
        yield "refusals", _call(event) | {"code": event.code, "reason": event.reason, "status": event.status}
        yield from _findings(event, event.findings, refused=True)
    elif isinstance(event, Check):
        yield "checks", _call(event)
    elif isinstance(event, Feedback):
        said = {name: getattr(event, name) for name in ("rating", "edit_distance", "accepted", "comment")}
        yield "feedback", _who(event) | said
    elif isinstance(event, Reviewed):
        told = {name: getattr(event, name) for name in TABLES["reviews"] if name not in _WHO}
        yield "reviews", _who(event) | told
    elif isinstance(event, ModelChange):
        yield "model_changes", {name: getattr(event, name) for name in TABLES["model_changes"]}


def _call(event: Call) -> Row:
    row = {name: getattr(event, name) for name in _CALL}
    return row | {"data_classes": " ".join(event.data_classes), "marks": " ".join(event.marks)}


def _who(event: Call) -> Row:
    return {name: getattr(event, name) for name in _WHO}


def _findings(event: Call, findings: dict[str, int], refused: bool) -> Iterator[tuple[str, Row]]:
    for kind, count in findings.items():
        yield "findings", _who(event) | {"id": f"{event.id}/{kind}", "kind": kind, "count": count, "refused": refused}
