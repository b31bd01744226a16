"""Anthropic's endpoint: messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec

from pilothouse.contracts.policy.budgets import Tokens
from pilothouse.contracts.policy.events import Finish
from pilothouse.gateway.dialects.base import (
    Asked,
    Dialect,
    Malformed,
    Step,
    Stream,
    Used,
    count,
    get,
    maximum,
    model_of,
    split,
)

FINISH: dict[str | None, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


class Usage(msgspec.Struct):
    """Kinds that do not overlap, as Anthropic tells them; in a stream the later event tells the sum so far."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None

    def tokens(self, before: Tokens | None = None) -> Tokens:
        """These over what an earlier event told."""
        known = before or Tokens()

        def newest(value: int | None, old: int) -> int:
            return old if value is None else count(value)

        return Tokens(
            input=newest(self.input_tokens, known.input),
            output=newest(self.output_tokens, known.output),
            cache_read=newest(self.cache_read_input_tokens, known.cache_read),
            cache_write=newest(self.cache_creation_input_tokens, known.cache_write),
        )


class Message(msgspec.Struct):
    model: str | None = ""
    stop_reason: str | None = None
    usage: Usage | None = None


class Delta(msgspec.Struct):
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None


class Event(msgspec.Struct):
    type: str | None = ""
    message: Message | None = None
    delta: Delta | None = None
    usage: Usage | None = None


_message = msgspec.json.Decoder(Message)
_event = msgspec.json.Decoder(Event)


class Messages(Dialect):
    name = "messages"
    speaks = "anthropic"
    upstream_path = "/messages"
    passed_on = (b"anthropic-version", b"anthropic-beta")

    KINDS: ClassVar[dict[int, str]] = {
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        413: "request_too_large",
        429: "rate_limit_error",
        503: "overloaded_error",
    }

    def read(self, body: bytes) -> Asked:
        fields = split(body)
        if "messages" not in fields:
            raise Malformed("“messages” is missing: say what the model is to answer.")
        asked = Asked(fields, model_of(fields))
        asked.stream = get(fields, "stream", bool, False)
        asked.most_output = maximum(fields, "max_tokens")
        if asked.most_output is None:
            raise Malformed("“max_tokens” is missing: say how long the answer may be.")
        user = get(fields, "metadata", dict[str, Any], {}).get("user_id")
        asked.user = user if isinstance(user, str) else ""
        return asked

    def used(self, body: bytes) -> Used:
        try:
            told = _message.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Used(seen=len(body))
        tokens = told.usage.tokens() if told.usage else None
        return Used(tokens, None, told.model or "", "", FINISH.get(told.stop_reason, "stop"), len(body))

    def stream(self, asked: Asked, listen: bool) -> Stream:
        return MessagesStream(asked, listen)

    def error(self, status: int, code: str, message: str, extra: dict[str, Any]) -> dict[str, Any]:
        kind = self.KINDS.get(status, "api_error" if status >= 500 else "invalid_request_error")
        return {"type": "error", "error": {"type": kind, "message": message, "code": code, **extra}}

    def stream_error(self, error: dict[str, Any]) -> bytes:
        return b"event: error\ndata: " + msgspec.json.encode(error) + b"\n\n"


@dataclass(slots=True)
class MessagesStream(Stream):
    def read(self, data: bytes) -> Step:
        used = self.used
        try:
            event = _event.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Step.PASS
        if event.type == "message_stop":
            return Step.LAST
        if event.message is not None:
            used.model = event.message.model or used.model
            if event.message.usage:
                used.begun = event.message.usage.tokens()
        if event.usage is not None:
            used.tokens = event.usage.tokens(used.begun)
        if event.delta is not None:
            if event.delta.stop_reason:
                used.finish = FINISH.get(event.delta.stop_reason, "stop")
            self.hear(event.delta.text or event.delta.thinking or event.delta.partial_json)
        return Step.PASS
