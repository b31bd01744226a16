"""OpenAI's endpoints: chat completions, responses and embeddings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from pilothouse.contracts.policy.budgets import Tokens
from pilothouse.contracts.policy.events import Finish
from pilothouse.gateway.dialects.base import (
    Asked,
    Dialect,
    Fields,
    Malformed,
    OpenAIError,
    Step,
    Stream,
    Used,
    count,
    get,
    maximum,
    model_of,
    put,
    split,
)

# Also inside a deployment's name, such as eu-gpt-5-mini.
NEWER = re.compile(r"(^|[-_/.])(o[1-9]|gpt-[5-9])([-_.]|$)")
FINISH: dict[str | None, Finish] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


class InputDetails(msgspec.Struct):
    cached_tokens: int | None = 0


class OutputDetails(msgspec.Struct):
    reasoning_tokens: int | None = 0


class Usage(msgspec.Struct):
    """Both spellings: completions count prompt and completion, responses count input and output."""

    prompt_tokens: int | None = 0
    completion_tokens: int | None = 0
    input_tokens: int | None = 0
    output_tokens: int | None = 0
    prompt_tokens_details: InputDetails | None = None
    completion_tokens_details: OutputDetails | None = None
    input_tokens_details: InputDetails | None = None
    output_tokens_details: OutputDetails | None = None

    def tokens(self) -> Tokens:
        """Kinds that do not overlap: OpenAI counts cached tokens as input too, and reasoning as output."""
        before, after = (
            count(self.prompt_tokens or self.input_tokens),
            count(self.completion_tokens or self.output_tokens),
        )
        into, out = (
            self.prompt_tokens_details or self.input_tokens_details,
            self.completion_tokens_details or self.output_tokens_details,
        )
        cached = min(count(into.cached_tokens) if into else 0, before)
        reasoning = min(count(out.reasoning_tokens) if out else 0, after)
        return Tokens(input=before - cached, output=after - reasoning, cache_read=cached, reasoning=reasoning)


class Function(msgspec.Struct):
    arguments: Any = None


class ToolCall(msgspec.Struct):
    function: Function | None = None


class Delta(msgspec.Struct):
    content: Any = None
    refusal: Any = None
    reasoning_content: Any = None
    tool_calls: list[ToolCall] | None = None


class Choice(msgspec.Struct):
    finish_reason: str | None = None
    delta: Delta | None = None


class Completion(msgspec.Struct):
    """A completion or one chunk of it; only what is read."""

    model: str | None = ""
    system_fingerprint: str | None = ""
    choices: list[Choice] | None = None
    usage: Usage | None = None


_completion = msgspec.json.Decoder(Completion)


class Chat(OpenAIError, Dialect):
    name = "chat"
    speaks = "openai"
    upstream_path = "/chat/completions"

    def read(self, body: bytes) -> Asked:
        fields = split(body)
        asked = Asked(fields, model_of(fields), most_output=None)
        if "messages" not in fields:
            raise Malformed("“messages” is missing: say what the model is to answer.")
        asked.stream = get(fields, "stream", bool, False)
        asked.most_output = maximum(fields, "max_completion_tokens", "max_tokens")
        asked.choices = max(1, get(fields, "n", int, 1))
        asked.user = get(fields, "user", str, "")
        asked.conversation = get(fields, "prompt_cache_key", str, "")
        if asked.stream:
            options = get(fields, "stream_options", dict[str, Any], {})
            asked.wants_usage = options.get("include_usage") is True
            if not asked.wants_usage:
                # Without it a stream does not say what it used. The event that it adds is kept from the caller.
                put(fields, "stream_options", {**options, "include_usage": True})
        return asked

    def cap(self, fields: Fields, model: str, most: int) -> None:
        # The older name is the one that every compatible server knows; OpenAI's newer models refuse it.
        put(fields, "max_completion_tokens" if NEWER.search(model) else "max_tokens", most)

    def used(self, body: bytes) -> Used:
        try:
            told = _completion.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Used(seen=len(body))
        finish: Finish = next((FINISH.get(choice.finish_reason, "stop") for choice in told.choices or []), "")
        tokens = told.usage.tokens() if told.usage else None
        return Used(tokens, None, told.model or "", told.system_fingerprint or "", finish, len(body))

    def stream(self, asked: Asked, listen: bool) -> Stream:
        return ChatStream(asked, listen)


@dataclass(slots=True)
class ChatStream(Stream):
    def read(self, data: bytes) -> Step:
        used = self.used
        if data == b"[DONE]":
            return Step.LAST
        try:
            told = _completion.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Step.PASS
        used.model = used.model or told.model or ""
        used.fingerprint = used.fingerprint or told.system_fingerprint or ""
        for choice in told.choices or []:
            if choice.finish_reason:
                used.finish = FINISH.get(choice.finish_reason, "stop")
            if choice.delta:
                self.hear(choice.delta.content or choice.delta.refusal or choice.delta.reasoning_content)
                for call in choice.delta.tool_calls or []:
                    self.hear(call.function.arguments if call.function else None)
        if told.usage is not None:
            used.tokens = told.usage.tokens()
            if not told.choices and not self.asked.wants_usage:
                return Step.DROP
        return Step.PASS


class Incomplete(msgspec.Struct):
    reason: str | None = ""


class Item(msgspec.Struct):
    type: str | None = ""


class Response(msgspec.Struct):
    model: str | None = ""
    status: str | None = ""
    incomplete_details: Incomplete | None = None
    output: list[Item] | None = None
    usage: Usage | None = None

    def used(self) -> Used:
        finish: Finish = "stop" if self.status == "completed" else ""
        if self.status == "incomplete":
            why = self.incomplete_details.reason if self.incomplete_details else ""
            finish = "content_filter" if why == "content_filter" else "length"
        elif self.status in ("failed", "cancelled"):
            finish = "error"
        elif any((item.type or "").endswith("_call") for item in self.output or []):
            finish = "tool_calls"
        return Used(self.usage.tokens() if self.usage else None, None, self.model or "", "", finish)


class ResponseEvent(msgspec.Struct):
    type: str | None = ""
    delta: Any = None
    response: Response | None = None


_response = msgspec.json.Decoder(Response)
_response_event = msgspec.json.Decoder(ResponseEvent)
RESPONSE_ENDS = ("response.completed", "response.incomplete", "response.failed")


class Responses(OpenAIError, Dialect):
    name = "responses"
    speaks = "openai"
    upstream_path = "/responses"

    def read(self, body: bytes) -> Asked:
        fields = split(body)
        asked = Asked(fields, model_of(fields))
        # A provider is never asked for it: its answer would come past the judgement and the account of this call. A
        # held answer has the status that such callers wait for; any other they get at once.
        asked.background = get(fields, "background", bool, False)
        asked.stream = get(fields, "stream", bool, False)
        asked.most_output = maximum(fields, "max_output_tokens")
        asked.user = get(fields, "user", str, "")
        asked.conversation = get(fields, "prompt_cache_key", str, "")
        return asked

    def cap(self, fields: Fields, model: str, most: int) -> None:
        put(fields, "max_output_tokens", most)

    def used(self, body: bytes) -> Used:
        try:
            used = _response.decode(body).used()
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            used = Used()
        used.seen = len(body)
        return used

    def stream(self, asked: Asked, listen: bool) -> Stream:
        return ResponsesStream(asked, listen)

    def stream_error(self, error: dict[str, Any]) -> bytes:
        told = error["error"]
        event = {"type": "error", "code": told["code"], "message": told["message"], "param": None}
        return b"event: error\ndata: " + msgspec.json.encode(event) + b"\n\n"


@dataclass(slots=True)
class ResponsesStream(Stream):
    def read(self, data: bytes) -> Step:
        try:
            event = _response_event.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Step.PASS
        self.hear(event.delta)
        if event.response is not None and event.type in RESPONSE_ENDS:
            seen = self.used.seen
            self.used = event.response.used()
            self.used.seen = seen
            return Step.LAST
        if event.response is not None:
            self.used.model = event.response.model or self.used.model
        return Step.PASS


class Embeddings(OpenAIError, Dialect):
    name = "embeddings"
    speaks = "openai"
    upstream_path = "/embeddings"

    def read(self, body: bytes) -> Asked:
        fields = split(body)
        if "input" not in fields:
            raise Malformed("“input” is missing: say what is to be embedded.")
        return Asked(fields, model_of(fields), user=get(fields, "user", str, ""))

    def used(self, body: bytes) -> Used:
        try:
            told = _completion.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Used()
        return Used(told.usage.tokens() if told.usage else None, None, told.model or "", "", "stop")

    def stream(self, asked: Asked, listen: bool) -> Stream:
        return ChatStream(asked, listen)
