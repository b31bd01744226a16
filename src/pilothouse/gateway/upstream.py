"""Calls to model providers over HTTP/1.1: one pool of connections for each worker.

A client of our own, because a general one costs twice as much on every call (ADR 6). It does what a gateway needs and
no more: whole bodies out; whole bodies or pieces in, no faster than they are taken; connections used again; no
redirects, which would carry the provider's key to another host; no cookies, which would travel between callers.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
import time
import zlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

import httptools

KEPT_SECONDS = 20.0  # idle connections; most providers close theirs later than this
LARGEST_ANSWER = 64 * 1024 * 1024
LARGEST_HEAD = 256 * 1024
HIGH_WATER = 512 * 1024  # bytes that wait to be taken before the provider is asked to pause
_TARGET = re.compile(r"[!-~]+")
_FIELD = re.compile(r"[!-~ \t\x80-\xff]*")


class Unreachable(Exception):
    """Nothing of an answer came: the call may be tried elsewhere."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BrokenOff(Exception):
    """The answer began and did not end."""


class Place(NamedTuple):
    """Where connections lead."""

    host: str
    port: int
    tls: bool


@lru_cache(maxsize=1024)
def parse(url: str) -> tuple[Place, str, str]:
    """(place, the Host header, path with query) of an address. Raises ValueError."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or not _TARGET.fullmatch(target):
        raise ValueError(url)
    tls = parts.scheme == "https"
    name = parts.hostname.encode("idna").decode() if not parts.hostname.isascii() else parts.hostname
    host = f"[{name}]" if ":" in name else name
    return Place(name, parts.port or (443 if tls else 80), tls), f"{host}:{parts.port}" if parts.port else host, target


class Connection(asyncio.Protocol):
    """One connection, with at most one exchange under way. httptools calls the methods named `on_…`."""

    transport: asyncio.Transport
    parser: httptools.HttpResponseParser

    def __init__(self, place: Place) -> None:
        self.place = place
        self.lost = False
        self.idle_since = 0.0
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    # An exchange -----------------------------------------------------------------------------------------------

    def ask(self, head: bytes, body: bytes, silence: float) -> None:
        """Send a request and be ready for its answer."""
        self.parser = httptools.HttpResponseParser(self)
        self.headers: dict[str, str] = {}
        self.status = 0
        self.begun = self.complete = self.keep = False
        self.failure = ""
        self._parts: deque[bytes] = deque()
        self._waiting = self._head_size = 0
        self._silence, self._heard = silence, time.monotonic()
        self._timer = asyncio.get_running_loop().call_later(silence, self._listen)
        self.transport.writelines((head, body))

    def _listen(self) -> None:
        """End an exchange in which nothing was heard for too long; else listen on. One timer does for all of it."""
        quiet = time.monotonic() - self._heard
        if self._paused():
            quiet = 0.0  # it is we who do not listen
        if quiet >= self._silence:
            self.fail("it did not answer in time")
        else:
            self._timer = asyncio.get_running_loop().call_later(self._silence - quiet, self._listen)

    def _paused(self) -> bool:
        return self._waiting > HIGH_WATER

    async def wait(self) -> None:
        """Until there is something new to look at."""
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def take(self) -> bytes:
        """What has come of the body since the last time; empty when nothing has."""
        if not self._parts:
            return b""
        was_paused = self._paused()
        part = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        self._waiting = 0
        if was_paused and not self.lost:
            self._heard = time.monotonic()
            self.transport.resume_reading()
        return part

    def fail(self, reason: str) -> None:
        """Give up on the exchange and the connection."""
        self.failure = self.failure or reason
        self.lost = True
        self.transport.abort()
        self._wake()

    def end(self) -> bool:
        """The exchange is over for us. True when the connection can be used again; else it is gone."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self.complete and self.keep and not self.lost and not self._parts:
            return True
        self.lost = True
        self.transport.abort()
        return False

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # What the event loop calls ------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        if self._timer is None or self.complete:
            self.fail("it spoke without being asked")  # on an idle connection, or beyond the end of an answer
            return
        self._heard = time.monotonic()
        self._head_size += 0 if self.begun else len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.fail("what it sends is not HTTP")
            return
        if not self.begun and self._head_size > LARGEST_HEAD:
            self.fail("the head of its answer is too large")
        elif self._paused() and not self.complete:
            self.transport.pause_reading()
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        if self._timer is not None and not self.complete:
            # Without a length, the end of the connection is the end of the body (RFC 9112, 6.3).
            lengthless = self.begun and not {"content-length", "transfer-encoding"} & self.headers.keys()
            if lengthless and error is None and not self.failure:
                self.complete = True
            else:
                self.failure = self.failure or "it broke the connection off"
        self._wake()

    # What the parser calls ----------------------------------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.complete:
            self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if self.complete:
            self.keep = False  # a second answer to one question: whoever sends that is not asked again here
            return
        self.status = self.parser.get_status_code()
        self.begun = self.status >= 200  # what comes before only announces the answer
        self.keep = self.parser.should_keep_alive()

    def on_body(self, data: bytes) -> None:
        if not self.complete:
            self._parts.append(data)
            self._waiting += len(data)

    def on_message_complete(self) -> None:
        if not self.begun:
            self.headers = {}
        self.complete = self.begun


class Answer:
    """A provider's answer, whose body is read once, in one of two ways. `headers` by their names in small letters."""

    __slots__ = ("_connection", "_keep", "headers", "status")

    def __init__(self, connection: Connection, keep: Callable[[Connection], None]) -> None:
        self._connection, self._keep = connection, keep
        self.status, self.headers = connection.status, connection.headers

    async def read(self) -> bytes:
        """The whole body. Raises BrokenOff."""
        parts: list[bytes] = []
        size = 0
        async for part in self.chunks():
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER:
                raise BrokenOff("the answer is too large")
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises BrokenOff."""
        connection, unpack = self._connection, _unpacker(self.headers.get("content-encoding", ""))
        while True:
            part = connection.take()
            if part:
                for piece in unpack(part):
                    yield piece
            elif connection.complete:
                return
            elif connection.failure:
                raise BrokenOff(connection.failure)
            else:
                await connection.wait()

    def close(self) -> None:
        """Give the connection back when the body was read to its end, else drop it, which stops the provider."""
        if self._connection.end():
            self._keep(self._connection)


class Providers:
    """The pool. Used inside one running loop, closed at its end."""

    def __init__(self) -> None:
        self._idle: dict[Place, list[Connection]] = {}
        self._tls = ssl.create_default_context()

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, connect: float, silence: float
    ) -> Answer:
        """Ask once. `connect` and `silence` are the seconds until there is a connection, and without a byte.

        Raises Unreachable.
        """
        try:
            place, host, target = parse(url)
            head = _head(method, target, host, headers, len(body))
        except ValueError as error:
            raise Unreachable("its address or a header of it is not one") from error
        while True:
            connection = self._take(place)
            fresh = connection is None
            connection = connection or await self._connect(place, connect)
            connection.ask(head, body, silence)
            try:
                while not connection.begun and not connection.failure:
                    await connection.wait()
            except BaseException:
                connection.end()
                raise
            if connection.begun:
                return Answer(connection, self._keep)
            connection.end()
            # One that lay idle may have been closed by the other side just then: that is no fault of a provider.
            if fresh or connection.status or connection.failure != "it broke the connection off":
                raise Unreachable(connection.failure)

    async def _connect(self, place: Place, seconds: float) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                _, connection = await loop.create_connection(
                    lambda: Connection(place), place.host, place.port, ssl=self._tls if place.tls else None
                )
        except (OSError, ValueError) as error:  # time-outs, unknown names and bad certificates are kinds of these
            raise Unreachable(_words(error)) from error
        return connection

    def _take(self, place: Place) -> Connection | None:
        """The connection that was used last, if it may still be good."""
        idle = self._idle.get(place)
        while idle:
            connection = idle.pop()
            if not connection.lost and time.monotonic() - connection.idle_since < KEPT_SECONDS:
                return connection
            connection.transport.abort()
        return None

    def _keep(self, connection: Connection) -> None:
        connection.idle_since = time.monotonic()
        self._idle.setdefault(connection.place, []).append(connection)

    def sweep(self) -> None:
        """Close what has been idle for too long; called now and then."""
        now = time.monotonic()
        for place, idle in list(self._idle.items()):
            good = [one for one in idle if not one.lost and now - one.idle_since < KEPT_SECONDS]
            for connection in idle:
                if connection not in good:
                    connection.transport.abort()
            if good:
                self._idle[place] = good
            else:
                del self._idle[place]

    async def close(self) -> None:
        for idle in self._idle.values():
            for connection in idle:
                connection.transport.abort()
        self._idle.clear()


def _head(method: str, target: str, host: str, headers: Mapping[str, str], size: int) -> bytes:
    """The request's head. Raises ValueError for a header that could end early and begin another."""
    if not _FIELD.fullmatch("".join([*headers, *headers.values()])):
        raise ValueError("a header that could end early")
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    return f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{lines}Content-Length: {size}\r\n\r\n".encode("latin-1")


def _unpacker(encoding: str) -> Callable[[bytes], list[bytes]]:
    """We ask for plain bodies; some send compressed ones all the same. Raises BrokenOff for what is not known."""
    if encoding in ("", "identity"):
        return lambda part: [part]
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise BrokenOff("its answer is compressed in a way that was not asked for")
    unpacker = zlib.decompressobj(47)  # either header

    def unpack(part: bytes) -> list[bytes]:
        pieces = []
        with contextlib.suppress(zlib.error):
            while part:  # a little at a time: a small piece may hold a very large one
                pieces.append(unpacker.decompress(part, HIGH_WATER))
                part = unpacker.unconsumed_tail
                if sum(map(len, pieces)) > LARGEST_ANSWER:
                    raise BrokenOff("the answer is too large")
            return [piece for piece in pieces if piece]
        raise BrokenOff("its answer is not compressed as it says")

    return unpack


def _words(error: Exception) -> str:
    """What went wrong without addresses or keys, for a log and for the caller."""
    if isinstance(error, TimeoutError):
        return "it takes no connection in time"
    if isinstance(error, ssl.SSLError):
        return "its certificate is not accepted"
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    return "it takes no connection"
