"""Appending to the warehouse. A batch is a file: its id is the file's name, so writing it twice changes nothing.

    <folder>/<table>/<organisation>/<year-month>/<batch>.parquet

A file appears whole or not at all: written under another name, flushed to the disk, renamed.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pilothouse.kernel.warehouse.tables import TABLES, Row

if TYPE_CHECKING:
    import pyarrow

SUFFIX = ".parquet"
REPLACES = ".replaces"  # the names of files that a larger one stands for


def arrow_schema(table: str) -> pyarrow.Schema:
    """The Arrow schema of a table."""
    import pyarrow

    types = {
        "string": pyarrow.string(),
        "int64": pyarrow.int64(),
        "boolean": pyarrow.bool_(),
        "timestamp": pyarrow.timestamp("us"),
    }
    return pyarrow.schema([(name, types[kind]) for name, kind in TABLES[table].items()])


def append(folder: Path, batch: str, rows: Iterable[tuple[str, Row]]) -> int:
    """Write (table, row) pairs as one batch, and return how many rows are new.

    Rows of one batch with the same id are one row. `batch` is letters, digits, dots and dashes. Raises ValueError for
    another name.
    """
    if not batch or not batch.replace("-", "").replace(".", "").replace("_", "").isalnum() or batch.startswith("."):
        raise ValueError(f"{batch!r} is no name of a batch")
    parts: dict[Path, dict[str, Row]] = {}
    for table, row in rows:
        parts.setdefault(partition(folder, table, row), {})[row["id"]] = row
    return sum(write(place / f"{batch}{SUFFIX}", list(found.values())) for place, found in parts.items())


def partition(folder: Path, table: str, row: Row) -> Path:
    """The folder that a row belongs in. Raises ValueError for an organisation that is no plain id."""
    organisation: str = row["organisation"]
    if not organisation.replace("-", "").isalnum():
        raise ValueError(f"{organisation!r} is no id of an organisation")
    return folder / table / organisation / f"{row['at'].astimezone(UTC):%Y-%m}"


def write(path: Path, rows: list[Row]) -> int:
    """Write rows as one file, unless it is there already; returns how many were written."""
    import pyarrow

    if path.exists():
        return 0
    table = path.parent.parent.parent.name
    replace(path, pyarrow.Table.from_pylist(sorted(rows, key=lambda row: row["at"]), schema=arrow_schema(table)))
    return len(rows)


def replace(path: Path, rows: Any) -> None:
    """Put an Arrow table in a file's place in one step."""
    import pyarrow.parquet

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        pyarrow.parquet.write_table(rows, draft, compression="zstd")
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    flush(path.parent)


def flush(folder: Path) -> None:
    """Let the disk know of the names in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process at a time brings in, compacts or erases."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def files_of(place: Path) -> list[Path]:
    """The files that make up a partition: without drafts, and without what a larger file already stands for."""
    names = {file.name for file in place.glob("*") if not file.name.startswith(".")} if place.is_dir() else set()
    replaced: set[str] = set()
    for note in (name for name in names if name.endswith(REPLACES)):
        if note.removesuffix(REPLACES) + SUFFIX in names:
            try:
                replaced |= set((place / note).read_text().split("\n"))
            except FileNotFoundError:
                continue  # it was cleared away since, and so was what it names
    return sorted(place / name for name in names - replaced if name.endswith(SUFFIX))
