"""Getting the answer: which provider is asked, and how its bytes reach the caller."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec

from pilothouse.contracts.policy.request import Route
from pilothouse.contracts.policy.snapshot import Upstream
from pilothouse.gateway import wire
from pilothouse.gateway.answers import Inspection, JSONError, Passing, Whole
from pilothouse.gateway.call import Call
from pilothouse.gateway.counters import Charge
from pilothouse.gateway.credentials import NoSecret
from pilothouse.gateway.dialects.base import Step
from pilothouse.gateway.holding import hold, keep, must_wait, refuse_scored_stream, whole
from pilothouse.gateway.refusal import Refused
from pilothouse.gateway.routing import RETRYABLE, order
from pilothouse.gateway.sse import Splitter, TooLong, data_of
from pilothouse.gateway.upstream import Answer, BrokenOff, Unreachable

DRAIN_SECONDS = 20.0  # how long the end of an answer is awaited after its caller has gone, to learn what it used
FIRST_PAUSE = 0.2  # seconds before the same target is asked again; doubles
PASSED_BACK = (b"request-id", b"x-request-id", b"retry-after", b"openai-processing-ms", b"openai-version")


async def exchange(call: Call) -> None:
    """Ask a provider and relay its answer, settled. Raises Refused when no answer may or can be given."""
    deadline = (call.verdict.alias.deadline_ms if call.verdict.alias else 120_000) / 1000
    try:
        async with asyncio.timeout(deadline) as call.clock:
            answer, upstream, taken = await _ask(call)
            try:
                call.clock.reschedule(asyncio.get_running_loop().time() + upstream.total_ms / 1000)
                await _relay(call, answer)
            finally:
                answer.close()
                if taken:
                    await call.gateway.counters.settle([taken], [0], None)
    except TimeoutError as error:
        if call.cut_by is not None:
            raise call.cut_by from error
        raise Refused("upstream_timeout", "The provider did not answer in time.", "Try again.") from error


# Asking ---------------------------------------------------------------------------------------------------------


async def _ask(call: Call) -> tuple[Answer, Upstream, Charge | None]:
    """The first answer that is worth passing on, with the place that was taken at its upstream."""
    why = "every provider of this model failed of late and is left alone for a moment"
    plan = list(_plan(call))
    for number, (route, pause) in enumerate(plan):
        upstream = call.policy.upstreams[route.target.upstream]
        name = f"{call.policy.slug}/{upstream.name}/{route.target.model}"
        if not call.gateway.breaker.lets_through(name, time.monotonic()):
            continue
        if pause:
            await asyncio.sleep(pause)
        taken = _place(call, upstream)
        if taken and await call.gateway.counters.reserve([taken]):
            why = "the provider has as many calls as it may have at the same time"
            continue
        kept = False
        try:
            call.route, call.attempts = route, call.attempts + 1
            answer = await _send(call, upstream, route)
            _note_outcome(call, name, answer.status)
            if answer.status in RETRYABLE and number + 1 < len(plan):
                why = f"the provider answered {answer.status}"
                answer.close()
                continue
            kept = True
            return answer, upstream, taken
        except Unreachable as error:
            why = error.reason
            call.gateway.breaker.failed(name, time.monotonic())
            call.gateway.metrics.count("upstream_attempts_total", upstream=upstream.name, outcome="unreachable")
        except NoSecret as error:
            why = "the gateway has no credentials for it"
            call.gateway.log.error("no secret for an upstream", extra={"upstream": upstream.name, "why": str(error)})
        finally:
            if taken and not kept:
                await call.gateway.counters.settle([taken], [0], None)
    raise Refused("upstream_failed", f"No provider of this model can be reached: {why}.", "Try again in a moment.")


def _plan(call: Call) -> Iterator[tuple[Route, float]]:
    """Targets in the order in which they are tried, each with the pause before it."""
    alias = call.verdict.alias
    sticky = (call.conversation or call.request.person) if alias and alias.sticky else ""
    ordered = order(call.verdict.routes, sticky)
    for route in ordered:
        yield route, 0.0
    retries = alias.retries if alias else 0
    for again in range(retries - len(ordered) + 1 if ordered else 0):
        yield ordered[0], FIRST_PAUSE * 2**again


def _place(call: Call, upstream: Upstream) -> Charge | None:
    """A place among the calls that an upstream takes at the same time."""
    if upstream.concurrent is None:
        return None
    return Charge(
        f"concurrent:upstream:{call.policy.organisation}:{upstream.name}", 0, 1, upstream.concurrent, "nothing"
    )


async def _send(call: Call, upstream: Upstream, route: Route) -> Answer:
    headers = {
        "Content-Type": "application/json",
        "Accept": "text/event-stream" if call.asked.stream else "application/json",
        "Accept-Encoding": "identity",  # what it used must be read on the way
        "User-Agent": "pilothouse-gateway",
        **upstream.headers,
        **call.gateway.credentials.headers(upstream, call.policy.slug),
    }
    for name in call.dialect.passed_on:
        if value := call.headers.get(name):
            headers[name.decode()] = wire.text(value, 2048)
    if call.dialect.speaks == "anthropic":
        headers.setdefault("anthropic-version", "2023-06-01")
    # A maximum is put in only where a worst case must be known; otherwise the request stays as it came.
    bounded = bool(call.verdict.budgets) and call.asked.most_output is None
    body = call.dialect.prepare(call.asked, route.target.model, call.bill.most_output if bounded else None)
    url = upstream.base_url + call.dialect.upstream_path + (f"?{upstream.query}" if upstream.query else "")
    begun = time.perf_counter()
    try:
        return await call.gateway.providers.send(
            "POST", url, headers, body, connect=upstream.connect_ms / 1000, silence=upstream.first_byte_ms / 1000
        )
    finally:
        call.waited += time.perf_counter() - begun


def _note_outcome(call: Call, name: str, status: int) -> None:
    upstream = name.split("/")[1]
    call.gateway.metrics.count("upstream_attempts_total", upstream=upstream, outcome=f"{status // 100}xx")
    # Too many calls is no illness: leaving the provider alone for that would stop calls that it would take.
    if status in RETRYABLE and status != 429:
        call.gateway.breaker.failed(name, time.monotonic())
    else:
        call.gateway.breaker.succeeded(name)


# Relaying -------------------------------------------------------------------------------------------------------


async def _relay(call: Call, answer: Answer) -> None:
    if answer.status in (401, 403) or 300 <= answer.status < 400:
        # Its text may quote the key that we sent, and nothing in it is for the caller to mend.
        call.gateway.log.error(
            "a provider refuses the gateway", extra={"upstream": call.route.target.upstream, "status": answer.status}
        )
        raise Refused("upstream_failed", "The provider does not accept the gateway's credentials.", "They are mended.")
    call.answered = answer.status < 400
    kind = answer.headers.get("content-type", "application/json")
    if answer.status == 200 and kind.startswith("text/event-stream"):
        await _stream(call, answer)
    else:
        await _whole(call, answer, kind)


def _headers(call: Call, answer: Answer, kind: str) -> wire.Headers:
    headers = [(b"content-type", kind.encode("latin-1", "replace")), *call.marks()]
    for name in PASSED_BACK:
        if value := answer.headers.get(name.decode()):
            headers.append((name, value.encode("latin-1", "replace")))
    return headers


async def _whole(call: Call, answer: Answer, kind: str) -> None:
    """An answer in one piece."""
    begun = time.perf_counter()
    try:
        body = await answer.read()
    except BrokenOff as error:
        raise Refused("upstream_failed", "The provider broke off in the middle of its answer.", "Try again.") from error
    finally:
        call.waited += time.perf_counter() - begun
    call.first_byte = time.perf_counter()
    if answer.status >= 400:
        await call.settle(answer.status, "error", nothing=True)
    else:
        call.used = call.dialect.used(body)
        inspection, told = Inspection(call), body
        body = await inspection.whole(body)
        await keep(call, whole(inspection.spoken, body))
        if must_wait(call, answer.headers, told):
            await hold(call, body, kind)
            return
        await call.settle(answer.status)
    call.begun = True
    await wire.respond(call.send, answer.status, body, _headers(call, answer, kind))


async def _stream(call: Call, answer: Answer) -> None:
    """An answer in events, each passed on as soon as it is complete, and the last one once the call is settled."""
    inspection = Inspection(call)
    refuse_scored_stream(call, answer.headers)
    reader = call.dialect.stream(call.asked, inspection.listens or call.stores)
    call.used = reader.used
    hung_up = asyncio.ensure_future(call.receive())  # returns when the caller goes; nothing else can come
    sink: Passing | Whole = inspection.sink()
    splitter = Splitter()
    parts = _timed(call, answer)
    try:
        if not sink.buffers:
            await _begin(call, answer)
        async for part in parts:
            out: list[bytes] = []
            for event in splitter.feed(part):
                data = data_of(event)
                step = reader.read(data) if data else Step.PASS
                call.used = reader.used
                if step is Step.LAST:
                    out += await _last(inspection, sink, reader.said, event)
                    await keep(call, inspection.heard(reader.said))
                    await _finish(call, answer, out)
                    await _empty(parts)
                    return
                if step is Step.PASS:
                    out += sink.take(event, data)
            inspection.measure(reader.used.seen)
            if hung_up.done():
                await _drain(call, answer, reader, splitter, parts)
                return
            if out:
                await wire.more(call.send, b"".join(out))
        rest = splitter.rest()
        if rest.strip():
            reader.read(data_of(rest))
        out = [*([rest] if rest.strip() else []), *await _last(inspection, sink, reader.said, b"")]
        await keep(call, inspection.heard(reader.said))
        await _finish(call, answer, out)
    except (BrokenOff, TooLong, JSONError) as error:
        raise Refused("upstream_failed", "The provider broke off in the middle of its answer.", "Try again.") from error
    finally:
        hung_up.cancel()


async def _last(inspection: Inspection, sink: Passing | Whole, said: list[str], event: bytes) -> list[bytes]:
    """What goes out at a stream's end. Raises Refused when it may not."""
    if inspection.reads:
        await inspection.read(sink.texts(said))
    return sink.finish(said, event)


async def _begin(call: Call, answer: Answer) -> None:
    call.begun = True
    headers = _headers(call, answer, "text/event-stream; charset=utf-8")
    await wire.begin(
        call.send, answer.status, [*headers, (b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no")]
    )


async def _finish(call: Call, answer: Answer, out: list[bytes]) -> None:
    await call.settle(answer.status)
    if not call.begun:
        await _begin(call, answer)
    await wire.end(call.send, b"".join(out))


async def _timed(call: Call, answer: Answer) -> AsyncIterator[bytes]:
    """The body's parts, with the time that was spent waiting for them."""
    begun = time.perf_counter()
    async for part in answer.chunks():
        now = time.perf_counter()
        call.waited += now - begun
        call.first_byte = call.first_byte or now
        yield part
        begun = time.perf_counter()


async def _empty(parts: AsyncIterator[bytes]) -> None:
    """Read what comes after the last event, which is nothing, so that the connection can be used again."""
    with contextlib.suppress(TimeoutError, BrokenOff):
        async with asyncio.timeout(1.0):
            async for _ in parts:
                pass


async def _drain(call: Call, answer: Answer, reader: Any, splitter: Splitter, parts: AsyncIterator[bytes]) -> None:
    """The caller has gone. Read on for a while to learn what the answer used, then settle."""
    with contextlib.suppress(TimeoutError, BrokenOff, TooLong, msgspec.DecodeError):
        async with asyncio.timeout(DRAIN_SECONDS):
            async for part in parts:
                if any(reader.read(data_of(event)) is Step.LAST for event in splitter.feed(part)):
                    break
    call.used = reader.used
    await call.settle(499, "aborted")
