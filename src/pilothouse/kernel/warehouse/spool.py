"""Bringing in what gateways wrote. Each closed file of a spool becomes one batch, exactly once.

A gateway's worker writes `<spool>/<slot>/<number>.live`, one event a line, and renames it to `.jsonl` when it is whole
(see `gateway/spool.py`). Here it is read, written as Parquet under its own name, and only then removed. A crash in
between finds the same names again and writes nothing twice.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from pilothouse.contracts.policy.events import Event, Intent, decode
from pilothouse.kernel.warehouse.tables import Row, rows_of
from pilothouse.kernel.warehouse.writer import alone, append

TAIL_BYTES = 2 * 1024 * 1024  # of each file that may be read for what happens just now


def project(spool: Path, folder: Path, outbox: Path | None = None) -> dict[str, int]:
    """Bring in every closed file. Returns how many files and rows came in, and how many lines could not be read.

    With an `outbox` each file is laid there too, under its batch's name. A line that is no event is counted and put
    aside in `<folder>/unread/`, never dropped in silence.
    """
    done = {"files": 0, "rows": 0, "unread": 0}
    if not any(spool.glob("*/*.jsonl")):
        return done
    with alone(folder):
        for path in sorted(spool.glob("*/*.jsonl")):
            rows, unread = _rows(path)
            batch = f"{path.parent.name}-{path.stem}"
            done["rows"] += append(folder, batch, rows)
            if unread:
                _put_aside(folder / "unread" / f"{batch}.jsonl", unread)
            if outbox is not None:
                _lay_aside(path, outbox / f"{batch}.jsonl")
            path.unlink()
            done["files"] += 1
            done["unread"] += len(unread)
    return done


def _rows(path: Path) -> tuple[list[tuple[str, Row]], list[bytes]]:
    rows: list[tuple[str, Row]] = []
    unread: list[bytes] = []
    for line in path.read_bytes().splitlines(keepends=True):
        event = _event(line)
        if event is None:
            unread.append(line)
        else:
            rows += rows_of(event)
    return rows, unread


def events_of(path: Path) -> Iterator[Event]:
    """The events of a closed file, without the lines that are none."""
    with path.open("rb") as file:
        yield from (event for line in file if (event := _event(line)) is not None)


def _lay_aside(path: Path, place: Path) -> None:
    """The same file under another name: nothing is copied, and a crash in between lays it there once more."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        os.link(path, place)


def _put_aside(path: Path, lines: list[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_bytes(b"".join(lines))
    path.chmod(0o600)


def _event(line: bytes) -> Event | None:
    try:
        return decode(line)
    except (msgspec.DecodeError, ValueError):
        return None


def recent(spool: Path, organisation: str, since: datetime) -> list[Event]:
    """What workers wrote since then and nobody has brought in yet, calls still under way included, oldest first.

    Only the end of each file is read, so a busy gateway costs no more than a quiet one.
    """
    found: dict[str, Event] = {}
    settled: set[str] = set()
    for path in (*spool.glob("*/*.jsonl"), *spool.glob("*/*.live")):
        for line in _tail(path):
            if organisation.encode() not in line:
                continue
            event = _event(line)
            if event is None or event.organisation != organisation:
                continue
            if not isinstance(event, Intent):
                settled.add(event.call)
            if event.at >= since:
                found[event.id] = event
    return sorted(
        (event for event in found.values() if not (isinstance(event, Intent) and event.call in settled)),
        key=lambda event: event.at,
    )


def _tail(path: Path) -> Iterator[bytes]:
    """The last whole lines of a file that may vanish or grow meanwhile."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - TAIL_BYTES))
            lines = file.read(TAIL_BYTES).split(b"\n")
    except FileNotFoundError:
        return
    yield from lines[1 if size > TAIL_BYTES else 0 : -1]
