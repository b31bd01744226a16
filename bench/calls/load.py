"""A client that is never the bottleneck: raw connections that call again as soon as they are answered."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

import httptools

# One e-mail address, so that inspection has something to find.
PROSE = (
    "Summarise the notes of the meeting on 12 March 2026 for the team in Rotterdam. The supplier delivered 1,240 "
    "of the 1,300 parts that were ordered; the rest is due next week. Quality asked for photographs of lot 20260311-77 "
    "and will answer by e-mail to quality@example.com. The line stood still for 45 minutes because a sensor failed. "
)


@dataclass(frozen=True)
class Cell:
    """One way to call: answers whole or streamed, calls at a time, the upstream's delay in ms, bytes of the prompt."""

    stream: bool
    at_once: int
    delay: int
    size: int

    @property
    def name(self) -> str:
        kind = "SSE" if self.stream else "JSON"
        return f"{kind}, c={self.at_once}, {self.delay} ms, {'100' if self.size > 2000 else '.9'} KB"


@dataclass
class Measured:
    """What one cell gave: calls, failures, seconds, the gateway's processor seconds, and each call's milliseconds."""

    calls: int = 0
    failed: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    times: list[float] = field(default_factory=list)

    @property
    def a_second(self) -> float:
        return self.calls / self.wall if self.wall else 0.0

    @property
    def a_core(self) -> float:
        """Calls for each second of the gateway's own processor time."""
        return self.calls / self.cpu if self.cpu > 0.02 else 0.0

    def at(self, percent: int) -> float:
        return quantiles(self.times, n=100)[percent - 1] if len(self.times) > 1 else 0.0


class Caller(asyncio.Protocol):
    """One connection that calls again as soon as it is answered, until the time is up."""

    def __init__(self, request: bytes, until: float, into: Measured, done: asyncio.Future[None]) -> None:
        self.request, self.until, self.into, self.done = request, until, into, done

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.call()

    def call(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.began = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        self.into.calls += 1
        self.into.failed += self.parser.get_status_code() != 200
        self.into.times.append((now - self.began) * 1000)
        if now < self.until:
            asyncio.get_running_loop().call_soon(self.call)
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if time.perf_counter() < self.until:
            self.into.failed += 1
        if not self.done.done():
            self.done.set_result(None)


async def load(port: int, request: bytes, cell: Cell, seconds: float) -> Measured:
    """Call for so long with so many connections."""
    loop = asyncio.get_running_loop()
    found, until = Measured(), time.perf_counter() + seconds
    began = time.perf_counter()
    ends = [loop.create_future() for _ in range(cell.at_once)]
    for end in ends:
        await loop.create_connection(lambda end=end: Caller(request, until, found, end), "127.0.0.1", port)
    await asyncio.wait_for(asyncio.gather(*ends), seconds + 60)
    found.wall = time.perf_counter() - began
    return found


def request_of(path: str, cell: Cell, model: str, headers: dict[str, str]) -> bytes:
    text = (PROSE * (cell.size // len(PROSE) + 1))[: cell.size - 150]
    body: dict[str, Any] = {"model": model, "max_tokens": 256, "messages": [{"role": "user", "content": text}]}
    if cell.stream:
        body |= {"stream": True}
    data = json.dumps(body, separators=(",", ":")).encode()
    lines = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(len(data))} | headers
    return (f"POST {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n").encode() + data
