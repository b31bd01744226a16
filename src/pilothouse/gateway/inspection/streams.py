"""Putting masked values back into answers as they stream, event by event, in each provider's dialect.

A mask can arrive in pieces: `[EM`, `AIL_1]`. Only what may be the beginning of a mask waits for the next event.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pilothouse.gateway.inspection.masking import Restorer
from pilothouse.gateway.inspection.texts import changed

# Anthropic: the type of a delta and the field in it that carries text.
_ANTHROPIC = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}
# Responses API: the end of the type of an event whose `delta` is text, and whether that text is JSON.
_RESPONSES_JSON = ("function_call_arguments.delta", "mcp_call_arguments.delta", "custom_tool_call_input.delta")


def restored(answer: Any, restorer: Restorer | None) -> Any:
    """A whole answer with the values of its prompt back in place."""
    return changed(answer, restorer.whole) if restorer else answer


class StreamRestorer:
    """The state of one stream. Feed it every decoded event in order; send on what it returns, encoded again."""

    def __init__(self, restorer: Restorer) -> None:
        self._restorer = restorer
        # By channel: an event without text in which what was held back can still be sent.
        self._carriers: dict[str, dict[str, Any]] = {}

    def feed(self, event: Any) -> list[Any]:
        """The events to send in place of `event`: itself restored, before it what had to be said first."""
        if not isinstance(event, dict):
            return [event]
        if "choices" in event:
            return [self._chat(event)]
        kind = str(event.get("type", ""))
        if kind.startswith("content_block_"):
            return self._anthropic(kind, event)
        if kind.startswith("response."):
            return self._responses(kind, event)
        return [restored(event, self._restorer)]

    def end(self) -> list[Any]:
        """Events with what is still held back when a stream ends without saying so."""
        return [event for channel in self._restorer.held() for event in self._rest(channel)]

    def _chat(self, event: dict[str, Any]) -> dict[str, Any]:
        """Chat and legacy completions: pieces are in `choices[].delta` or `choices[].text`."""
        choices = []
        for choice in event["choices"]:
            index, ends = choice.get("index", 0), bool(choice.get("finish_reason"))
            choice = dict(choice)
            if isinstance(choice.get("text"), str):
                choice["text"] = self._piece(f"{index}/text", choice["text"], ends=ends)
            if isinstance(choice.get("delta"), dict):
                choice["delta"] = self._delta(index, choice["delta"], ends)
                bare = {**event, "choices": [{"index": index, "delta": {}, "finish_reason": None}], "usage": None}
                self._carriers[f"{index}/content"] = bare
            choices.append(choice)
        return {**event, "choices": choices}

    def _delta(self, index: int, delta: dict[str, Any], ends: bool) -> dict[str, Any]:
        new = dict(delta)
        for name in ("content", "refusal", "reasoning", "reasoning_content"):
            if isinstance(delta.get(name), str) or (ends and f"{index}/{name}" in self._restorer.held()):
                new[name] = self._piece(f"{index}/{name}", delta.get(name) or "", ends=ends)
        calls = []
        for call in delta.get("tool_calls") or ():
            function = call.get("function")
            if isinstance(function, dict) and isinstance(function.get("arguments"), str):
                channel = f"{index}/tool/{call.get('index', 0)}"
                said = self._piece(channel, function["arguments"], json_text=True)
                call = {**call, "function": {**function, "arguments": said}}
            calls.append(call)
        if ends:
            for channel in self._restorer.held():
                if channel.startswith(f"{index}/tool/"):
                    number = int(channel.rsplit("/", 1)[1])
                    calls.append({"index": number, "function": {"arguments": self._restorer.flush(channel)}})
        if calls:
            new["tool_calls"] = calls
        return new

    def _piece(self, channel: str, text: str, json_text: bool = False, ends: bool = False) -> str:
        said = self._restorer.feed(channel, text, json_text)
        return said + self._restorer.flush(channel) if ends else said

    def _anthropic(self, kind: str, event: dict[str, Any]) -> list[Any]:
        index = event.get("index", 0)
        if kind == "content_block_stop":
            return [*(rest for channel in self._of(f"block/{index}/") for rest in self._rest(channel)), event]
        delta = event.get("delta")
        name = _ANTHROPIC.get(delta.get("type", "")) if isinstance(delta, dict) else None
        if kind != "content_block_delta" or name is None or not isinstance(delta, dict):
            return [restored(event, self._restorer)]
        channel = f"block/{index}/{name}"
        self._carriers[channel] = event
        said = self._restorer.feed(channel, str(delta.get(name, "")), name == "partial_json")
        return [{**event, "delta": {**delta, name: said}}]

    def _responses(self, kind: str, event: dict[str, Any]) -> list[Any]:
        if not kind.endswith(".delta") or not isinstance(event.get("delta"), str):
            # Before the end of an item is told, everything of it must have been said.
            ends = kind.endswith(".done") or kind in ("response.completed", "response.incomplete", "response.failed")
            item = event.get("item_id") or (event.get("item") or {}).get("id") or ""
            rests = [rest for channel in self._of(f"item/{item}") for rest in self._rest(channel)] if ends else []
            return [*rests, restored(event, self._restorer)]
        part = event.get("content_index", event.get("summary_index", 0))
        channel = f"item/{event.get('item_id', '')}/{part}/{kind}"
        self._carriers[channel] = event
        return [{**event, "delta": self._restorer.feed(channel, event["delta"], kind.endswith(_RESPONSES_JSON))}]

    def _of(self, prefix: str) -> list[str]:
        return [channel for channel in self._restorer.held() if channel.startswith(prefix)]

    def _rest(self, channel: str) -> Iterator[Any]:
        carrier, rest = self._carriers.get(channel), self._restorer.flush(channel)
        if carrier is None:
            return
        if "choices" in carrier:
            choice = {**carrier["choices"][0], "delta": {"content": rest}}
            yield {**carrier, "choices": [choice]}
        elif channel.startswith("block/"):
            yield {**carrier, "delta": {**carrier["delta"], channel.rsplit("/", 1)[1]: rest}}
        else:
            yield {**carrier, "delta": rest}
