"""What a killed worker left behind: calls without an end, amounts held for ever, a half-written line. All is mended
before the next call, by whoever takes the worker's slot."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from pilothouse.contracts.policy.budgets import Tokens
from pilothouse.contracts.policy.events import Intent, Settlement, decode
from pilothouse.gateway.counters import FileCounters
from pilothouse.gateway.limits import account
from pilothouse.gateway.spool import SLOTS, Guess, Slot, Spool, hand_over, head_of, read

log = logging.getLogger("pilothouse.gateway")
LONGEST_WINDOW = 32 * 86_400.0  # seconds: no budget looks further back than a month
Entry = tuple[str, int, int, int]


def mend(slot: Slot, counters: FileCounters, *, power: bool = False) -> Spool:
    """Settle what the slot's last holder left open, and return the slot's new spool.

    An open call is settled with its worst case: what it really cost nobody can know any more, and a budget must not be
    overrun. When the counters are new, they are rebuilt from all that is still in the slot.
    """
    left = slot.live()
    for path in left:
        cut_torn_line(path)
    still_open: dict[str, tuple[Intent, Guess]] = {}
    entries: list[Entry] = []
    last = 0
    for path in [*(_recent(slot.closed()) if counters.is_new else ()), *left]:
        for seq, guess, event in _events(path):
            last = max(last, seq)
            if isinstance(event, Intent):
                still_open[event.call] = event, guess or Guess(0, 0, 0)
            elif isinstance(event, Settlement):
                still_open.pop(event.call, None)
                entries += _entries(event, seq)
    spool = Spool(slot, after=last, power=power, before_close=counters.flush)
    for intent, guess in still_open.values():
        settlement = lost(intent, guess)
        entries += _entries(settlement, spool.append(settlement))
    counters.replay(slot.number, entries)
    counters.flush()
    for path in left:
        hand_over(path)
    if still_open:
        log.warning("calls of a killed worker settled", extra={"slot": slot.number, "calls": len(still_open)})
    return spool


def mend_others(spool: Path, counters: FileCounters, own: int, *, power: bool = False) -> None:
    """The same for slots that nobody holds any more, as when fewer workers were started than before."""
    for number in range(SLOTS):
        if number == own or not (spool / f"{number:02d}").exists():
            continue
        slot = Slot.take(spool, number)
        if slot is None:
            continue
        try:
            if counters.is_new or slot.live():
                mend(slot, counters, power=power).close()
        finally:
            slot.release()


def lost(intent: Intent, guess: Guess) -> Settlement:
    """The settlement of a call whose worker died."""
    known = {name: getattr(intent, name) for name in intent.__struct_fields__ if name in _SHARED}
    return Settlement(
        **known | {"id": f"{intent.call}/settlement", "at": datetime.now(UTC)},
        tokens=Tokens(input=guess.input, output=guess.output),
        cost=guess.cost,
        status=0,
        finish="error",
        estimated=True,
    )


_SHARED = frozenset(Intent.__struct_fields__) & frozenset(Settlement.__struct_fields__)


def cut_torn_line(path: Path) -> None:
    """Take away what a dying process wrote of a last line."""
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole != len(data):
        os.truncate(path, whole)


def _events(path: Path) -> Iterator[tuple[int, Guess | None, object]]:
    for line in read(path):
        try:
            head, event = head_of(line), decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            # A power cut can leave zeros in the middle of a file; the records around them still count.
            log.error("a record of the spool is not readable", extra={"file": path.name})
            continue
        yield head.seq, head.guess, event


def _entries(settlement: Settlement, seq: int) -> Iterator[Entry]:
    for reservation in settlement.reserved:
        charge = account(reservation.slot, 0, None)
        yield charge.account, charge.window, settlement.cost, seq


def _recent(paths: Iterable[Path]) -> Iterator[Path]:
    horizon = time.time() - LONGEST_WINDOW
    return (path for path in paths if path.stat().st_mtime >= horizon)
