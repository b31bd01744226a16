"""The spool and what is mended after a kill."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.policy.budgets import Tokens
from pilothouse.contracts.policy.events import Intent, Reservation, Settlement, decode
from pilothouse.gateway.counters import Charge, FileCounters
from pilothouse.gateway.recovery import cut_torn_line, mend, mend_others
from pilothouse.gateway.spool import Guess, Slot, Spool, SpoolFull, head_of, read

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SLOT = "b-1@1764000000"


def intent(call: str) -> Intent:
    reserved = (Reservation(SLOT, "b-1", 500),)
    return Intent(id=f"i-{call}", call=call, at=NOW, organisation="o", revision=1, reserved=reserved)


def settlement(call: str, cost: int = 40) -> Settlement:
    reserved = (Reservation(SLOT, "b-1", 500),)
    return Settlement(
        id=f"s-{call}",
        call=call,
        at=NOW,
        organisation="o",
        revision=1,
        reserved=reserved,
        cost=cost,
        tokens=Tokens(1, 2),
    )


def taken(tmp_path: Path, number: int = 0) -> Slot:
    slot = Slot.take(tmp_path / "spool", number)
    assert slot is not None
    return slot


def events(slot: Slot) -> list[object]:
    return [decode(line) for path in [*slot.closed(), *slot.live()] for line in read(path)]


def test_it_works(tmp_path: Path):
    slot = taken(tmp_path)
    spool = Spool(slot)
    first = spool.append(intent("c1"), opens="c1", guess=Guess(1, 2, 3))
    assert spool.append(settlement("c1"), closes="c1") == first + 1
    assert events(slot) == [intent("c1"), settlement("c1")]
    assert head_of(next(read(slot.live()[0]))).guess == Guess(1, 2, 3)
    spool.close()
    assert (slot.live(), len(slot.closed())) == ([], 1)


def test_a_slot_has_one_holder(tmp_path: Path):
    slot = taken(tmp_path)
    assert Slot.take(tmp_path / "spool", 0) is None
    assert Slot.first_free(tmp_path / "spool").number == 1
    slot.release()
    assert Slot.take(tmp_path / "spool", 0) is not None


def test_open_calls_move_on_when_a_file_is_closed(tmp_path: Path):
    slot = taken(tmp_path)
    order: list[str] = []
    spool = Spool(slot, before_close=lambda: order.append(f"{len(slot.closed())} closed"))
    spool.append(intent("c1"), opens="c1")
    spool.append(intent("c2"), opens="c2")
    spool.append(settlement("c1"), closes="c1")
    spool.finish(spool.rotate())
    assert [event.call for event in map(decode, read(slot.live()[0]))] == ["c2"]
    assert order == ["0 closed"]  # the counters are safe before the records may go away


def test_a_file_is_closed_when_it_is_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    slot = taken(tmp_path)
    spool = Spool(slot)
    monkeypatch.setattr("pilothouse.gateway.spool.SEGMENT_SECONDS", 0)
    assert spool.rotate_if_due() is None  # nothing is in it
    spool.append(settlement("c1"))
    old = spool.rotate_if_due()
    assert old is not None
    spool.finish(old)
    assert len(slot.closed()) == 1


def test_a_disk_that_is_full_is_said(tmp_path: Path):
    spool = Spool(taken(tmp_path))
    os.close(spool._file)
    spool._file = os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(SpoolFull):
        spool.append(settlement("c1"))


def test_power_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    flushed: list[int] = []
    monkeypatch.setattr(os, "fdatasync", flushed.append)

    async def many() -> None:
        spool = Spool(taken(tmp_path), power=True)

        async def one(number: int) -> None:
            spool.append(settlement(f"c{number}"))
            await spool.settled()

        await asyncio.gather(*(one(number) for number in range(50)))

    asyncio.run(many())
    assert 1 <= len(flushed) <= 4  # in groups


def test_a_killed_worker_s_calls_are_settled(tmp_path: Path):
    counters = FileCounters(tmp_path / "counters", 0)
    slot = taken(tmp_path)
    spool = Spool(slot)
    charge = Charge("budget:b-1", 1764000000, 500, None)
    for call in ("c1", "c2", "c3"):
        asyncio.run(counters.reserve([charge]))
        spool.append(intent(call), opens=call, guess=Guess(10, 20, 333))
    asyncio.run(counters.settle([charge], [40], spool.append(settlement("c1"), closes="c1")))
    spool.append(settlement("c2"), closes="c2")  # killed before the counters learn of it
    with slot.live()[0].open("ab") as file:
        file.write(b'{"seq":99,"type":"settle')
    slot.release()
    for _ in range(2):  # once more changes nothing
        again = taken(tmp_path)
        mend(again, counters).close()
        assert asyncio.run(counters.read("budget:b-1", 1764000000)) == (40 + 40 + 333, 0)
        again.release()
    found = [event for event in events(again) if isinstance(event, Settlement)]
    assert [event.call for event in found] == ["c1", "c2", "c3"]
    assert (found[2].estimated, found[2].cost, found[2].tokens) == (True, 333, Tokens(10, 20))
    assert not again.live()


def test_counters_that_are_gone_are_rebuilt(tmp_path: Path):
    slot = taken(tmp_path, 4)
    spool = Spool(slot)
    for number in range(10):
        spool.append(intent(f"c{number}"), opens=f"c{number}")
        spool.append(settlement(f"c{number}"), closes=f"c{number}")
        if number == 5:
            spool.finish(spool.rotate())
    spool.close()
    slot.release()
    counters = FileCounters(tmp_path / "counters", 0)
    mend_others(tmp_path / "spool", counters, own=0)
    assert asyncio.run(counters.read("budget:b-1", 1764000000)) == (400, 0)


@given(st.lists(st.binary(max_size=20).map(lambda data: data.replace(b"\n", b""))), st.binary(max_size=20))
def test_half_a_line_is_cut(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], torn: bytes):
    path = tmp_path_factory.mktemp("torn") / "file"
    whole = b"".join(line + b"\n" for line in lines)
    path.write_bytes(whole + torn.replace(b"\n", b""))
    cut_torn_line(path)
    assert path.read_bytes() == whole


def test_zeros_after_a_power_cut_do_not_stop_the_start(tmp_path: Path):
    slot = taken(tmp_path)
    spool = Spool(slot)
    spool.append(settlement("c1"))
    os.write(spool._file, b"\0" * 100 + b"\n")
    spool.append(settlement("c2"))
    counters = FileCounters(tmp_path / "counters", 0)
    mend(slot, counters)
    assert asyncio.run(counters.read("budget:b-1", 1764000000)) == (80, 0)
