"""The spool: what happened, on disk before anybody else learns of it.

Each worker appends to files of its own, one JSON record a line, so no worker waits for another. A record handed to
the operating system survives the death of the process; with `power` it is also flushed to the disk, in groups.

`<folder>/<slot>/<first number>.live` is being written; `….jsonl` is closed, complete and for others to read. When a
file is closed, the intents that are still open are written again at the head of the next one, so that whoever mends
what a killed worker left behind reads the live files alone. A record's number (`seq`) rises for ever within a slot.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from pilothouse.contracts.policy.events import Event, encode

SEGMENT_BYTES = 64 * 1024 * 1024
SEGMENT_SECONDS = 15  # how long a finished call may wait before others can read it
SLOTS = 16  # workers on one host


class Guess(NamedTuple):
    """Tokens in, tokens out, micro-units of currency."""

    input: int
    output: int
    cost: int


class Head(msgspec.Struct):
    """What the spool adds to a record."""

    seq: int
    guess: Guess | None = None


class Closed(NamedTuple):
    """A file to which nothing is written any more."""

    file: int
    path: Path


head_of = msgspec.json.Decoder(Head).decode


class SpoolFull(Exception):
    """The disk took no more; a call that cannot be accounted for is not made."""


class Slot:
    """One worker's folder, held by a lock that the operating system lets go when the worker dies."""

    def __init__(self, folder: Path, number: int, lock: int) -> None:
        self.folder, self.number, self._lock = folder, number, lock

    @classmethod
    def take(cls, spool: Path, number: int) -> Slot | None:
        """Slot `number`, or None while somebody else holds it."""
        folder = spool / f"{number:02d}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return cls(folder, number, lock)

    @classmethod
    def first_free(cls, spool: Path) -> Slot:
        """The first slot that nobody holds. Raises RuntimeError when all are held."""
        for number in range(SLOTS):
            if slot := cls.take(spool, number):
                return slot
        raise RuntimeError(f"{SLOTS} gateway workers already run on {spool}")

    def live(self) -> list[Path]:
        """Files that a worker had not closed, the oldest first."""
        return sorted(self.folder.glob("*.live"))

    def closed(self) -> list[Path]:
        return sorted(self.folder.glob("*.jsonl"))

    def release(self) -> None:
        os.close(self._lock)


class Spool:
    """One worker's log. `before_close` runs before a file is handed to others; `clock` gives nanoseconds."""

    def __init__(
        self,
        slot: Slot,
        *,
        after: int = 0,
        power: bool = False,
        before_close: Callable[[], None] = lambda: None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.slot = slot
        self.power = power
        self._before_close = before_close
        # The time as a start keeps the numbers rising even when every older file has been taken away.
        self._seq = max(clock(), after + 1)
        self._open: dict[str, bytes] = {}  # the lines of intents without a settlement
        self._group: asyncio.Task[None] | None = None
        self._next_group: asyncio.Future[None] | None = None
        self._begin()

    def append(self, record: Event, *, opens: str = "", closes: str = "", guess: Guess | None = None) -> int:
        """Write one record and return its number. `opens` or `closes` is the id of the call. Raises SpoolFull.

        `guess` is what to settle with when the worker dies before it knows better.
        """
        self._seq += 1
        head = b'{"seq":%d,' % self._seq
        if guess is not None:
            head += b'"guess":[%d,%d,%d],' % guess
        line = head + encode(record)[1:] + b"\n"
        self._write(line)
        if opens:
            self._open[opens] = line
        elif closes:
            self._open.pop(closes, None)
        return self._seq

    @property
    def open_calls(self) -> int:
        return len(self._open)

    async def settled(self) -> None:
        """Wait until what was appended so far is as durable as was asked for."""
        if not self.power:
            return
        # A flush that already runs may have begun before our record was written: wait for the next one.
        if self._next_group is None:
            self._next_group = asyncio.get_running_loop().create_future()
        if self._group is None:
            self._group = asyncio.create_task(self._flush())
        await asyncio.shield(self._next_group)

    async def _flush(self) -> None:
        while (waiting := self._next_group) is not None:
            self._next_group = None
            try:
                await asyncio.to_thread(os.fdatasync, self._file)
            except OSError as error:
                waiting.set_exception(SpoolFull(str(error)))
            else:
                waiting.set_result(None)
        self._group = None

    def rotate_if_due(self) -> Closed | None:
        """`rotate` when the file is large or old and holds anything."""
        if self._size and (self._size >= SEGMENT_BYTES or time.monotonic() - self._since >= SEGMENT_SECONDS):
            return self.rotate()
        return None

    def rotate(self) -> Closed:
        """Begin the next file. The old one is complete; `finish` hands it to its readers."""
        old = Closed(self._file, self._path)
        self._begin()
        for line in list(self._open.values()):
            self._write(line)
        return old

    def finish(self, old: Closed) -> None:
        """Hand a closed file to its readers. It waits for the disk, so it is for a thread beside the event loop."""
        self._before_close()
        if self.power:
            os.fdatasync(old.file)
        os.close(old.file)
        hand_over(old.path)

    def close(self) -> None:
        """Hand the last file over. Intents still open are resolved at the next start."""
        if self._open:
            os.close(self._file)
        else:
            self.finish(Closed(self._file, self._path))

    def _begin(self) -> None:
        self._seq += 1
        self._path = self.slot.folder / f"{self._seq:020d}.live"
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._size = 0
        self._since = time.monotonic()

    def _write(self, line: bytes) -> None:
        try:
            written = os.write(self._file, line)
        except OSError as error:
            raise SpoolFull(str(error)) from error
        if written != len(line):
            # Half a record would run into the next one: take it back.
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise SpoolFull("only part of a record could be written")
        self._size += written


def hand_over(path: Path) -> None:
    """Give a closed file its final name; an empty one goes away."""
    if path.stat().st_size:
        path.rename(path.with_suffix(".jsonl"))
    else:
        path.unlink()


def read(path: Path) -> Iterator[bytes]:
    """The whole records of a file. What a dying process left of a last line is passed over."""
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line
