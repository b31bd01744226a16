"""The edge of ASGI: read a request, write an answer. No framework: it would cost more than everything else here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import msgspec

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

READ_SECONDS = 60.0  # for the body of a request
JSON: Headers = [(b"content-type", b"application/json")]
_encoder = msgspec.json.Encoder()


class Gone(Exception):
    """The caller hung up, or fell silent, before the request was complete."""


class TooLarge(Exception):
    """The body is larger than anything that is taken."""


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """The request's headers by their name in small letters; the last of a repeated one."""
    return dict(scope["headers"])


def text(value: bytes | None, most: int = 512) -> str:
    """A header's value as text, cut to `most` characters; whatever is not UTF-8 is replaced. Empty when absent."""
    if not value:
        return ""
    return value.decode("utf-8", "replace").strip()[:most]


async def read_body(receive: Receive, most: int) -> bytes:
    """The whole body, of at most `most` bytes. Raises Gone, TooLarge."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        first: bytes = message.get("body", b"")
        if len(first) > most:
            raise TooLarge
        return first
    parts: list[bytes] = []
    size = 0
    try:
        # Who sends a byte now and then would hold a connection for ever.
        async with asyncio.timeout(READ_SECONDS):
            while message["type"] == "http.request":
                part = message.get("body", b"")
                size += len(part)
                if size > most:
                    raise TooLarge
                parts.append(part)
                if not message.get("more_body"):
                    return b"".join(parts)
                message = await receive()
    except TimeoutError as error:
        raise Gone from error
    raise Gone


async def respond(send: Send, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]] = JSON) -> None:
    """A whole answer."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def respond_json(send: Send, status: int, value: object, headers: Headers | None = None) -> None:
    await respond(send, status, _encoder.encode(value), [*JSON, *(headers or [])])


async def begin(send: Send, status: int, headers: Headers) -> None:
    """The head of an answer that comes in pieces."""
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def more(send: Send, part: bytes) -> None:
    await send({"type": "http.response.body", "body": part, "more_body": True})


async def end(send: Send, part: bytes = b"") -> None:
    await send({"type": "http.response.body", "body": part})
