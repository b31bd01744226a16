"""A mock upstream in the OpenAI shape that costs next to nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httptools

UPSTREAM = 9400
PIECES = 20


class Mock(asyncio.Protocol):
    """Answers /d<ms>/v1/chat/completions in the OpenAI shape, whole or in pieces, after so many milliseconds."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)
        self.body, self.path = b"", b""

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.path, self.body = url, b""

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        streamed = b'"stream":true' in self.body.replace(b" ", b"")
        delay = 0.05 if self.path.startswith(b"/d50") else 0.0
        answer = STREAMED if streamed else WHOLE
        if delay:
            asyncio.get_running_loop().call_later(delay, self.say, answer)
        else:
            self.say(answer)

    def say(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)


def _answers() -> tuple[bytes, bytes]:
    base = {"id": "chatcmpl-1", "created": 1, "model": "mock"}
    usage = {"prompt_tokens": 200, "completion_tokens": PIECES, "total_tokens": 200 + PIECES}
    message = {"role": "assistant", "content": "word " * PIECES}
    whole = base | {"object": "chat.completion", "usage": usage,
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}  # fmt: skip
    body = json.dumps(whole).encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    chunk = base | {"object": "chat.completion.chunk"}
    deltas = [{"index": 0, "delta": {"content": "word "}, "finish_reason": None}] * PIECES
    events = [chunk | {"choices": [delta]} for delta in deltas]
    events.append(chunk | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    events.append(chunk | {"choices": [], "usage": usage})
    said = [f"data: {json.dumps(event)}\n\n".encode() for event in events] + [b"data: [DONE]\n\n"]
    stream = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    stream += b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in said) + b"0\r\n\r\n"
    return head + body, stream


WHOLE, STREAMED = _answers()


async def serve_mock() -> None:
    server = await asyncio.get_running_loop().create_server(Mock, "127.0.0.1", UPSTREAM)
    await server.serve_forever()
