"""The reader beside a worker: what it remembers, what is late, and what happens when its process dies."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.policy.snapshot import Inspection
from pilothouse.gateway.inspection import Inspector, restored
from pilothouse.gateway.inspection.deep import reader as deep
from pilothouse.gateway.inspection.deep.reader import PIECE, Reader, clean, installed, pieces
from pilothouse.gateway.inspection.deep.talk import Ask, Frames, frame
from pilothouse.gateway.inspection.kinds import Span, outside

needs_model = pytest.mark.skipif(not installed(), reason="the extra “deep” is not installed")
LETTER = "Please send the offer to Hannah Whitaker today."


@asynccontextmanager
async def running() -> AsyncIterator[Reader]:
    reader = Reader()
    reader.want(True)
    try:
        await until(lambda: reader.pid is not None)
        yield reader
    finally:
        await reader.close()
        assert reader.pid is None


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.02)


def run(work: Callable[[Reader], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with running() as reader:
            await work(reader)

    asyncio.run(whole())


@needs_model
def test_it_reads_and_remembers() -> None:
    async def work(reader: Reader) -> None:
        read = await reader.read([LETTER, "12 345"], 60)
        assert [LETTER[span.start : span.end] for span in read[LETTER]] == ["Hannah Whitaker"]
        assert read["12 345"] == ()  # nothing in it could be a name, so nobody was asked
        reader.want(False)
        await until(lambda: reader.pid is None)
        # The process is gone, and what was read before is still known.
        assert await reader.read([LETTER, "Ask Samuel Carter."], 0.1) == {LETTER: read[LETTER]}
        assert LETTER not in repr(reader.__dict__)

    run(work)


@needs_model
def test_a_late_answer_is_none_and_the_next_try_goes_on_where_it_stopped() -> None:
    async def work(reader: Reader) -> None:
        await reader.read([LETTER], 60)
        long = "\n".join(f"Line {number}: the pump of Samuel Carter was mended." for number in range(100))
        assert await reader.read([long], 0.0) == {}
        assert list(await reader.read([LETTER, long], 0.0)) == [LETTER]
        # However slow the machine is: each try reads at least one piece to its end, and none twice.
        for _ in range(len(list(pieces(long)))):
            if await reader.read([long], 20.0):
                break
        found = (await reader.read([long], 0.0))[long]
        assert len(found) > 70  # in so dull a text the model misses some
        data = long.encode()
        assert {data[span.start : span.end] for span in found} == {b"Samuel Carter"}

    run(work)


@needs_model
def test_a_process_that_dies_leaves_nobody_waiting_and_comes_back() -> None:
    async def work(reader: Reader) -> None:
        long = "The pump was mended. " * 3000
        asking = asyncio.ensure_future(reader.read([long], 60))
        await asyncio.sleep(0.1)
        before = reader.pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        assert await asking == {}
        await until(lambda: reader.pid not in (None, before))
        assert await reader.read([LETTER], 60)

    run(work)


@needs_model
def test_the_process_gets_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILOTHOUSE_UPSTREAM_MERIDIAN__KEY", "sk-canary")

    async def work(reader: Reader) -> None:
        await reader.read([LETTER], 60)
        with open(f"/proc/{reader.pid}/environ", "rb") as file:
            assert b"canary" not in file.read()

    run(work)


def test_without_the_extra_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deep, "NEEDED", ("no_such_package",))

    async def work() -> None:
        reader = Reader()
        reader.want(True)
        assert not reader.installed
        assert await reader.read([LETTER], 1) == {}
        await reader.close()

    asyncio.run(work())


# Inspection by what was read ------------------------------------------------------------------------------------

MASKING = Inspection(prompt={"name": "mask", "address": "mask"}, answer={"name": "mask"}, deep=True)
HANNAH = {LETTER: (Span("name", 25, 40),)}


def test_names_are_masked_and_put_back() -> None:
    inspector = Inspector(MASKING)
    assert inspector.reads_prompt
    assert inspector.buffers_answer
    found = inspector.prompt({"messages": [{"role": "user", "content": LETTER}]}, HANNAH)
    assert found.body["messages"][0]["content"] == "Please send the offer to [NAME_1] today."
    assert found.counts == {"name": 1}
    assert restored("Dear [NAME_1],", found.restorer) == "Dear Hannah Whitaker,"


def test_what_must_be_masked_and_was_not_read_is_refused() -> None:
    found = Inspector(MASKING).prompt([LETTER, "Hello."], {"Hello.": ()})
    assert found.unread
    assert found.counts == {"unknown": 1}
    assert Inspector(MASKING).answer("Hello.").unread


def test_what_is_only_counted_goes_on_as_unknown() -> None:
    found = Inspector(Inspection(deep=True)).prompt([LETTER], {})
    assert not found.unread
    assert not found.changed
    assert found.counts == {"unknown": 1}
    assert Inspector(Inspection(deep=True)).prompt([LETTER], HANNAH).counts == {"name": 1}


def test_a_name_can_block() -> None:
    rules = Inspection(prompt={"name": "block"}, deep=True)
    assert Inspector(rules).prompt([LETTER], HANNAH).blocked == ("name",)


def test_without_deep_rules_nobody_reads() -> None:
    inspector = Inspector(Inspection(prompt={"email": "mask"}))
    assert not inspector.reads_prompt
    assert not inspector.reads_answer
    assert inspector.prompt([LETTER]).counts == {}


def test_a_name_beside_an_address_that_is_found_inline_keeps_its_rest() -> None:
    text = "hannah@example.com Whitaker"
    rules = Inspection(prompt={"name": "mask", "email": "mask"}, deep=True)
    found = Inspector(rules).prompt([text], {text: (Span("name", 0, len(text)),)})
    assert found.body == ["[EMAIL_1][NAME_1]"]


# Rules ----------------------------------------------------------------------------------------------------------


@given(st.text(alphabet=st.sampled_from("ab \n🙂"), max_size=3 * PIECE))
def test_pieces_are_the_text(text: str) -> None:
    found = list(pieces(text))
    assert "".join(found) == text
    assert all(len(piece) <= PIECE for piece in found)


@given(st.text(alphabet=st.characters()))
def test_cleaning_keeps_the_number_of_bytes(text: str) -> None:
    assert len(clean(text).encode()) == len(text.encode("utf-8", "surrogatepass"))


@given(st.lists(st.text(), max_size=5), st.integers(1, 7))
def test_frames_arrive_whole_however_they_are_cut(texts: list[str], step: int) -> None:
    sent = [Ask(number, 1, 1.5, text) for number, text in enumerate(texts)]
    data = b"".join(frame(ask) for ask in sent)
    frames = Frames(Ask)
    got = [ask for start in range(0, len(data), step) for ask in frames.feed(data[start : start + step])]
    assert got == sent


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5)), max_size=6)


@given(SPANS, SPANS)
def test_outside_leaves_exactly_what_nobody_has_taken(
    wanted: list[tuple[int, int]], taken: list[tuple[int, int]]
) -> None:
    def spans(pairs: list[tuple[int, int]]) -> list[Span]:
        found, end = [], 0
        for gap, size in pairs:
            found.append(Span("name", end + gap, end + gap + size))
            end = found[-1].end
        return found

    def covered(found: list[Span]) -> set[int]:
        return {at for span in found for at in range(span.start, span.end)}

    assert covered(outside(spans(wanted), spans(taken))) == covered(spans(wanted)) - covered(spans(taken))
