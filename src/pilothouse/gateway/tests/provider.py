"""A provider on this machine, in both dialects, that does what the last message tells it.

`#status 500` answers so; `#wait 0.5` waits first; `#pieces 5 0.1` streams five pieces with a pause between them; `#cut`
breaks off in the middle; `#score 0.9` gives the answer that score; `#say …` says that, with `@` for `(at)`; `#tool`
calls a tool; `#quiet` never says what it used. It counts what it was asked, so that tests can compare that with what
the gateway wrote down.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import uvicorn


class Provider:
    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.model = ""
        self.billed = 0
        self.sent_at: list[float] = []
        self.keep = True

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        if self.keep:
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            self.requests.append((scope["path"], headers, body))
        asked = json.loads(body)
        said = Said(_last(asked))
        await asyncio.sleep(said.wait)
        if said.status != 200:
            error = {"error": {"message": "as told", "type": "test", "code": "told", "param": None}}
            await _whole(send, said.status, error)
            return
        self.billed += 1
        kind = scope["path"].rsplit("/", 1)[-1]
        shape = {"completions": chat, "responses": responses, "embeddings": embeddings, "messages": messages}[kind]
        whole, events = shape(asked, said, self.model or asked["model"])
        if asked.get("stream"):
            await self._stream(send, said, events)
        else:
            await _whole(send, 200, whole, said.score)

    async def _stream(self, send: Any, said: Said, events: list[bytes]) -> None:
        headers = [(b"content-type", b"text/event-stream"), *_scored(said.score)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number, event in enumerate(events):
            if said.cut and number == len(events) // 2:
                raise ConnectionError("as told")
            if said.pause and number:
                await asyncio.sleep(said.pause)
            self.sent_at.append(time.monotonic())
            await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


class Said:
    def __init__(self, text: str) -> None:
        words = text.split()
        self.text = text
        self.status = int(words[words.index("#status") + 1]) if "#status" in words else 200
        self.wait = float(words[words.index("#wait") + 1]) if "#wait" in words else 0.0
        self.score = words[words.index("#score") + 1] if "#score" in words else ""
        self.cut, self.tool, self.quiet = "#cut" in words, "#tool" in words, "#quiet" in words
        self.pause = 0.0
        self.pieces = ["Hello", " from", " the", " quay"]
        if "#say" in words:
            said = text.split("#say ", 1)[1].replace("(at)", "@")
            self.pieces = [said[start : start + 3] for start in range(0, len(said), 3)]
        if "#pieces" in words:
            at = words.index("#pieces")
            self.pieces = [f"piece{number} " for number in range(int(words[at + 1]))]
            self.pause = float(words[at + 2])

    @property
    def answer(self) -> str:
        return "".join(self.pieces)

    @property
    def tokens(self) -> tuple[int, int]:
        return max(1, len(self.text) // 4), len(self.pieces)


def _last(asked: dict[str, Any]) -> str:
    found = asked.get("messages") or asked.get("input") or ""
    while not isinstance(found, str):
        last = found[-1] if isinstance(found, list) and found else found
        found = last.get("content") or last.get("text") or "" if isinstance(last, dict) else str(last)
    return found


def _scored(score: str) -> list[tuple[bytes, bytes]]:
    return [(b"x-pilothouse-score", score.encode())] if score else []


async def _whole(send: Any, status: int, value: Any, score: str = "") -> None:
    body = json.dumps(value).encode()
    headers = [(b"content-type", b"application/json"), (b"x-request-id", b"req-1"), *_scored(score)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def sse(value: Any, name: str = "") -> bytes:
    return (f"event: {name}\n" if name else "").encode() + b"data: " + json.dumps(value).encode() + b"\n\n"


def chat(asked: dict[str, Any], said: Said, model: str) -> tuple[Any, list[bytes]]:
    before, after = said.tokens
    used = {"prompt_tokens": before, "completion_tokens": after, "total_tokens": before + after}
    call = {"id": "call_1", "type": "function", "function": {"name": "tide", "arguments": '{"port":"Kiel"}'}}
    finish = "tool_calls" if said.tool else "stop"
    base = {"id": "chatcmpl-1", "created": 1, "model": model, "system_fingerprint": "fp_1"}
    message = {"role": "assistant", "content": None if said.tool else said.answer}
    if said.tool:
        message["tool_calls"] = [call]
    whole = base | {
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
    }
    chunk = base | {"object": "chat.completion.chunk"}
    deltas: list[Any] = [{"tool_calls": [call | {"index": 0}]}] if said.tool else [{"content": p} for p in said.pieces]
    events = [chunk | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    events.append(chunk | {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if not said.quiet:
        whole["usage"] = used
        if (asked.get("stream_options") or {}).get("include_usage"):
            events.append(chunk | {"choices": [], "usage": used})
    return whole, [*(sse(event) for event in events), b"data: [DONE]\n\n"]


def responses(asked: dict[str, Any], said: Said, model: str) -> tuple[Any, list[bytes]]:
    before, after = said.tokens
    text = {"type": "output_text", "text": said.answer, "annotations": []}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]}
    whole = {
        "id": "resp_1", "object": "response", "created_at": 1, "model": model, "status": "completed", "output": [item],
        "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
        "usage": {
            "input_tokens": before, "output_tokens": after, "total_tokens": before + after,
            "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0},
        },
    }  # fmt: skip
    events = [{"type": "response.created", "response": whole | {"status": "in_progress", "usage": None, "output": []}}]
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "logprobs": []}
    events += [{"type": "response.output_text.delta", "delta": piece, **place} for piece in said.pieces]
    events.append({"type": "response.completed", "response": whole})
    return whole, [sse(event | {"sequence_number": number}, str(event["type"])) for number, event in enumerate(events)]


def embeddings(asked: dict[str, Any], said: Said, model: str) -> tuple[Any, list[bytes]]:
    given = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    data = [{"object": "embedding", "index": index, "embedding": [0.5, 0.25]} for index in range(len(given))]
    usage = {"prompt_tokens": said.tokens[0], "total_tokens": said.tokens[0]}
    return {"object": "list", "data": data, "model": model, "usage": usage}, []


def messages(asked: dict[str, Any], said: Said, model: str) -> tuple[Any, list[bytes]]:
    before, after = said.tokens
    used = {"input_tokens": before, "output_tokens": after, "cache_read_input_tokens": 8}
    block = {"type": "text", "text": said.answer}
    tool = {"type": "tool_use", "id": "toolu_1", "name": "tide", "input": {"port": "Kiel"}}
    reason = "tool_use" if said.tool else "end_turn"
    base = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "stop_sequence": None}
    whole = base | {"content": [tool if said.tool else block], "stop_reason": reason, "usage": used}
    start = base | {"content": [], "stop_reason": None, "usage": used | {"output_tokens": 1}}
    events: list[Any] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
            for piece in said.pieces
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None},
         "usage": {"output_tokens": after}},
        {"type": "message_stop"},
    ]  # fmt: skip
    return whole, [sse(event, event["type"]) for event in events]


class Served:
    """An ASGI application on a port of its own, in a thread."""

    def __init__(self, app: Any, *, lifespan: str = "off") -> None:
        self.app = app
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port = int(self.socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            app, loop="uvloop", http="httptools", ws="none", lifespan=lifespan, log_config=None, access_log=False,
            timeout_graceful_shutdown=3,
        )  # fmt: skip
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)


@contextlib.contextmanager
def served(app: Any, *, lifespan: str = "off") -> Iterator[Served]:
    here = Served(app, lifespan=lifespan)
    here.thread.start()
    deadline = time.monotonic() + 20
    while not here.server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    assert here.server.started
    try:
        yield here
    finally:
        here.server.should_exit = True
        here.thread.join(30)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8190)
    provider = Provider()
    provider.keep = False
    uvicorn.run(
        provider, port=parser.parse_args().port, loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
