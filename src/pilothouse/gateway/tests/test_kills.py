"""Workers killed at random moments under load: no answer without a record, no budget overrun, nothing held for ever."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from pilothouse.contracts.policy.events import Intent, Settlement
from pilothouse.gateway.counters import FileCounters
from pilothouse.gateway.gateway import Settings
from pilothouse.gateway.run import Workers, claim
from pilothouse.gateway.tests.house import KEY, House
from pilothouse.gateway.tests.provider import Provider, served

COST = 9  # of one call: one token in, four out, at 1 and 2 a token
WORST = 20 + 110  # a bound of it: ten tokens out, and no body has more bytes


@contextmanager
def gateway(house: House, number: int = 2) -> Iterator[tuple[str, Workers]]:
    listener = claim("127.0.0.1", 0)
    workers = Workers(listener, Settings(home=house.home), number, pauses=(0.0,))
    workers.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1/chat/completions", workers
    finally:
        workers.stop()
        listener.close()


class Load:
    """Callers that never tire: whole answers, streams, and some who hang up."""

    def __init__(self, url: str, callers: int) -> None:
        self.url, self.callers = url, callers
        self.stop = threading.Event()
        self.whole: list[str] = []
        self.codes: dict[int, int] = {}

    def run(self) -> None:
        asyncio.run(self._all())

    async def _all(self) -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*(self._one(session) for _ in range(self.callers)))

    async def _one(self, session: aiohttp.ClientSession) -> None:
        while not self.stop.is_set():
            kind = random.choice(("json", "stream", "hang up"))  # noqa: S311
            try:
                await self._call(session, kind)
            except (aiohttp.ClientError, OSError):
                await asyncio.sleep(0.01)  # its worker was killed; the next call finds another

    async def _call(self, session: aiohttp.ClientSession, kind: str) -> None:
        body = {"model": "chat", "max_tokens": 10, "messages": [{"role": "user", "content": "Hi"}]}
        headers = {"Authorization": f"Bearer {KEY}"}
        async with session.post(self.url, json=body | {"stream": kind != "json"}, headers=headers) as answer:
            self.codes[answer.status] = self.codes.get(answer.status, 0) + 1
            if answer.status != 200:
                await asyncio.sleep(0.01)
                return
            call = answer.headers["x-pilothouse-call"]
            if kind == "hang up":
                await answer.content.readany()
                answer.close()
                return
            data = await answer.read()
            if kind == "json" or data.endswith(b"data: [DONE]\n\n"):
                self.whole.append(call)


@contextmanager
def loading(url: str, callers: int) -> Iterator[Load]:
    load = Load(url, callers)
    thread = threading.Thread(target=load.run)
    thread.start()
    try:
        yield load
    finally:
        load.stop.set()
        thread.join(60)


def kill_one(workers: Workers) -> None:
    time.sleep(random.uniform(0.1, 0.5))  # noqa: S311
    pids = workers.pids()
    if pids:
        os.kill(random.choice(pids), signal.SIGKILL)  # noqa: S311


def check(house: House, load: Load) -> list[Settlement]:
    """Every answer has its record, every intent its end, and nothing is held."""
    settlements = house.events(Settlement)
    recorded = {event.call for event in settlements}
    assert len(recorded) == len(settlements), "a call was settled twice"
    assert not [call for call in load.whole if call not in recorded], "an answer without a record"
    assert {event.call for event in house.events(Intent)} == recorded, "an intent without an end"
    return settlements


def spent(house: House, settlements: list[Settlement]) -> tuple[int, int]:
    counters = FileCounters(house.home / "gateway" / "counters", 15)
    start = int(settlements[0].reserved[0].slot.split("@")[1])
    return asyncio.run(counters.read("budget:b-1", start))


@pytest.mark.parametrize("kills", [4, pytest.param(200, marks=pytest.mark.full)])
def test_kills(tmp_path: Path, kills: int):
    provider = Provider()
    provider.keep = False
    with served(provider) as behind:
        house = House(tmp_path, behind.url)
        house.budget(10**12)
        with gateway(house) as (url, workers), loading(url, 24) as load:
            until_made(load, 100)
            for _ in range(kills):
                kill_one(workers)
            time.sleep(1)
    # A last start mends what the last kill left.
    with gateway(house, 1) as (url, _):
        wait_for(url)
    settlements = check(house, load)
    assert load.whole
    assert spent(house, settlements) == (sum(event.cost for event in settlements), 0)


@pytest.mark.parametrize("calls", [1_000, pytest.param(100_000, marks=pytest.mark.full)])
def test_nothing_is_held_after_many_calls(tmp_path: Path, calls: int):
    """Whole answers, streams and callers who hang up, so many of them, with a kill in the middle: no phantom hold."""
    provider = Provider()
    provider.keep = False
    with served(provider) as behind:
        house = House(tmp_path, behind.url)
        house.budget(10**12)
        with gateway(house) as (url, workers), loading(url, 32) as load:
            until_made(load, calls // 2)
            kill_one(workers)
            until_made(load, calls)
    with gateway(house, 1) as (url, _):
        wait_for(url)
    settlements = check(house, load)
    assert len(settlements) >= calls
    assert spent(house, settlements) == (sum(event.cost for event in settlements), 0)


def until_made(load: Load, calls: int) -> None:
    """Until so many calls were answered; as long as any are."""
    faulthandler.cancel_dump_traceback_later()  # it may take longer than other tests, and watches itself
    before, looked = -1, time.monotonic()
    while load.codes.get(200, 0) < calls:
        time.sleep(0.1)
        if time.monotonic() - looked > 60:
            assert load.codes.get(200, 0) > before, "nothing is answered any more"
            before, looked = load.codes.get(200, 0), time.monotonic()


def until_nothing_gets_through(load: Load) -> None:
    before, deadline = -1, time.monotonic() + 40
    while load.codes.get(200, 0) != before and time.monotonic() < deadline:
        before = load.codes.get(200, 0)
        time.sleep(1.5)


def wait_for(url: str) -> None:
    async def ask() -> None:
        async with aiohttp.ClientSession() as session, session.post(url, json={}) as answer:
            await answer.read()

    asyncio.run(ask())


@pytest.mark.parametrize("kills", [0, 3, pytest.param(40, marks=pytest.mark.full)])
def test_a_budget_is_never_overrun(tmp_path: Path, kills: int):
    """256 callers, two workers, a cap that is used up on the way: by what the provider worked, and by our books."""
    cap = COST * 400
    provider = Provider()
    provider.keep = False
    with served(provider) as behind:
        house = House(tmp_path, behind.url)
        house.budget(cap)
        with gateway(house) as (url, workers), loading(url, 256) as load:
            time.sleep(2)
            for _ in range(kills):
                kill_one(workers)
            until_nothing_gets_through(load)
    with gateway(house, 1) as (url, _):
        wait_for(url)
    settlements = check(house, load)
    booked, held = spent(house, settlements)
    assert held == 0
    assert booked == sum(event.cost for event in settlements) <= cap
    assert provider.billed * COST <= cap + WORST
    assert load.codes[429] > 0
    if not kills:
        assert booked > cap - WORST - 256
