"""Limits and budgets that the workers of one host share: a file mapped into all of them, under one lock.

An *account* is a name with a window ("this system's money this day"). Each worker has a column of its own in every
account and writes nothing else, so a worker that is killed leaves a fault in its own columns at most:

    selector | window, spent, seq | window, spent, seq | held

`spent` is kept twice and the selector is turned last: a kill in the middle leaves the old value, never half of one.
`seq` is the number of the last record in the worker's spool that is in `spent`, so what a killed worker had written
to its spool but not added here is added exactly once at the next start. `held` belongs to calls in flight.

What is spent counts in the window in which the call ends; what is held counts always. So a cap is never overrun by
the calls in flight, whatever the clock does meanwhile.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from pilothouse.gateway.spool import SLOTS

MAGIC = 0x50494C4F54303031
CAPACITY = 1 << 15  # accounts in one file; it is sparse, so unused ones take no disk
HEADER = 512  # words of eight bytes, which is one page
HEAD = 8  # words before an account's columns: two for its name, the rest spare
COLUMN = 8
STRIDE = HEAD + COLUMN * SLOTS
HELD = 7


class Charge(NamedTuple):
    """What one call asks of one account: `amount` under `cap` (None: measured, not limited) in `window`.

    `keep` says what is left when the call ends: "actual" is spent, "at_once" is spent when it begins (calls a
    minute), "nothing" is only ever held (calls at the same time).
    """

    account: str
    window: int
    amount: int
    cap: int | None
    keep: str = "actual"


class Counters(Protocol):
    """What the gateway asks of shared counters, be they in a file or on another machine."""

    async def reserve(self, charges: Sequence[Charge]) -> Charge | None:
        """Hold all of `charges`, or none and return the first that does not fit."""

    async def settle(self, charges: Sequence[Charge], amounts: Sequence[int], seq: int | None) -> None:
        """Let go of what was held, and add its amount to each account that keeps the actual one.

        `seq` is the number of the settlement in the spool; None when nothing was spent and nothing written down.
        """

    async def read(self, account: str, window: int) -> tuple[int, int]:
        """(spent, held) of an account, over all workers."""


class CountersFull(Exception):
    """There is no room for another account."""


class FileCounters:
    """Counters in a file that the workers of one host share. Nothing here waits but for the lock."""

    def __init__(self, path: Path, slot: int) -> None:
        self._slot = slot
        self._places: dict[str, int] = {}  # account → its first word; accounts never move
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        size = (HEADER + CAPACITY * STRIDE) * 8
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            self.is_new = os.fstat(self._file).st_size != size
            if self.is_new:
                os.ftruncate(self._file, 0)
                os.ftruncate(self._file, size)
            self._map = mmap.mmap(self._file, size)
            self._words = memoryview(self._map).cast("q")
            if self._words[0] not in (0, MAGIC):
                raise RuntimeError(f"{path} is not a file of counters; move it away and it is rebuilt from the spool")
            self.is_new = self.is_new or self._words[0] == 0
            self._words[0] = MAGIC
            self._words[2] = max(self._words[2], slot + 1)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    async def reserve(self, charges: Sequence[Charge]) -> Charge | None:
        words = self._words
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            places = [self._place(charge.account) for charge in charges]
            for place, charge in zip(places, charges, strict=True):
                if charge.cap is not None and self._total(place, charge.window) + charge.amount > charge.cap:
                    return charge
            for place, charge in zip(places, charges, strict=True):
                column = place + HEAD + COLUMN * self._slot
                if charge.keep == "at_once":
                    self._spend(column, charge.window, charge.amount, None)
                else:
                    words[column + HELD] += charge.amount
            return None
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    async def settle(self, charges: Sequence[Charge], amounts: Sequence[int], seq: int | None) -> None:
        words = self._words
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            for charge, amount in zip(charges, amounts, strict=True):
                if charge.keep == "at_once":
                    continue
                column = self._place(charge.account) + HEAD + COLUMN * self._slot
                # Spend first: a kill between the two counts the call twice until the restart, and never not at all.
                if charge.keep == "actual":
                    self._spend(column, charge.window, amount, seq)
                words[column + HELD] -= charge.amount
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    async def read(self, account: str, window: int) -> tuple[int, int]:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            place = self._place(account)
            held = sum(self._words[place + HEAD + COLUMN * slot + HELD] for slot in range(SLOTS))
            return self._total(place, window) - held, held
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def replay(self, slot: int, entries: Iterable[tuple[str, int, int, int]]) -> None:
        """Add (account, window, amount, seq) from the spool of `slot` where it is missing; let go of all it held.

        Only whoever holds that slot may call this.
        """
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            self._words[2] = max(self._words[2], slot + 1)
            for account, window, amount, seq in entries:
                column = self._place(account) + HEAD + COLUMN * slot
                if seq > self._newest(column)[2]:
                    self._spend(column, window, amount, seq)
            for place in self._all_places():
                self._words[place + HEAD + COLUMN * slot + HELD] = 0
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def flush(self) -> None:
        """Write the counters to the disk, so that a power cut costs no more than the live spool files can restore."""
        os.fdatasync(self._file)  # pages changed through the map are the file's; unlike msync this frees other threads

    def close(self) -> None:
        self._words.release()
        self._map.close()
        os.close(self._file)

    def _newest(self, column: int) -> tuple[int, int, int]:
        """(window, spent, seq) of a column."""
        at = column + 1 + 3 * self._words[column]
        window, spent, seq = self._words[at : at + 3]
        return window, spent, seq

    def _spend(self, column: int, window: int, amount: int, seq: int | None) -> None:
        words = self._words
        current, spent, last = self._newest(column)
        if window <= current:  # a clock that was set back goes on in the newer window, so that no spend is lost
            window = current
        else:
            spent = 0
        other = 1 - words[column]
        at = column + 1 + 3 * other
        words[at], words[at + 1], words[at + 2] = window, spent + amount, last if seq is None else seq
        words[column] = other

    def _total(self, place: int, window: int) -> int:
        """Spent in `window` and held, by all workers."""
        total = 0
        start = place + HEAD
        words = self._words[start : start + COLUMN * self._words[2]].tolist()  # columns that were ever used
        for column in range(0, len(words), COLUMN):
            at = column + 1 + 3 * words[column]
            total += words[column + HELD]
            if words[at] >= window:
                total += words[at + 1]
        return total

    def _place(self, account: str) -> int:
        """The first word of an account, which is made when it is new. Under the lock. Raises CountersFull."""
        place = self._places.get(account)
        if place is not None:
            return place
        digest = hashlib.blake2b(account.encode(), digest_size=16).digest()
        # A name of zero means a free place, so no account may have it.
        first, second = int.from_bytes(digest[:8], "little", signed=True) or 1, int.from_bytes(digest[8:], signed=True)
        words = self._words
        for step in range(CAPACITY):
            place = HEADER + (first + step) % CAPACITY * STRIDE
            if words[place] == 0:
                if words[1] >= CAPACITY * 9 // 10:
                    break
                words[1] += 1
                words[place + 1] = second
                words[place] = first  # last, so that a kill before it leaves the place free
            if words[place] == first and words[place + 1] == second:
                self._places[account] = place
                return place
        raise CountersFull("the file of counters is full")

    def _all_places(self) -> list[int]:
        return [place for place in range(HEADER, HEADER + CAPACITY * STRIDE, STRIDE) if self._words[place]]
