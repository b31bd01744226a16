"""Keeping the warehouse in order: many small files become one, old rows go, and a person's rows are made nobody's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pilothouse.kernel.warehouse.tables import TABLES
from pilothouse.kernel.warehouse.writer import REPLACES, SUFFIX, alone, arrow_schema, files_of, flush, replace

FEW = 4  # files in a partition that are not worth making one


def compact(folder: Path) -> dict[str, int]:
    """Make one file of each partition that has many. Rows with the same id become one.

    Only after every closed spool file was brought in (see `spool.project`): a batch whose file is gone is then known to
    be in. The new file is named after what went into it, so doing it again after a crash finds it there.
    """
    done = {"partitions": 0, "files": 0}
    with alone(folder):
        for place in _partitions(folder):
            _clear(place)
            files = files_of(place)
            if len(files) <= FEW:
                continue
            _merge(place, files)
            done["partitions"] += 1
            done["files"] += len(files)
    return done


def _merge(place: Path, files: list[Path]) -> None:
    import pyarrow
    import pyarrow.parquet

    schema = arrow_schema(place.parent.parent.name)
    whole = pyarrow.concat_tables([_fitting(pyarrow.parquet.read_table(file), schema) for file in files])
    first: dict[str, int] = {}
    for number, row_id in enumerate(whole.column("id").to_pylist()):
        first.setdefault(row_id, number)
    name = hashlib.sha256("\n".join(file.name for file in files).encode()).hexdigest()[:24]
    path = place / f"whole-{name}{SUFFIX}"
    # From the moment that `path` is there, readers pass over what it replaces: nothing is ever seen twice.
    path.with_suffix(REPLACES).write_text("\n".join(file.name for file in files))
    flush(place)
    replace(path, whole.take(list(first.values())).sort_by("at"))
    _clear(place)


def _clear(place: Path) -> None:
    """Remove what was replaced, and at last the note of it; also what a crash left of that."""
    for note in place.glob(f"*{REPLACES}"):
        if note.with_suffix(SUFFIX).exists():
            for name in note.read_text().split("\n"):
                (place / name).unlink(missing_ok=True)
        flush(place)
        note.unlink()


def _fitting(rows: Any, schema: Any) -> Any:
    """A table of an older version with the columns of today's."""
    import pyarrow

    columns = [
        rows[field.name].cast(field.type) if field.name in rows.column_names else pyarrow.nulls(len(rows), field.type)
        for field in schema
    ]
    return pyarrow.table(columns, schema=schema)


def forget(folder: Path, keep_days: Mapping[str, int], now: datetime, default: int) -> int:
    """Remove rows older than each organisation's days (`default` for the rest). Returns how many went."""
    gone = 0
    with alone(folder):
        for place in _partitions(folder):
            before = now - timedelta(days=keep_days.get(place.parent.name, default))
            if place.name > f"{before.astimezone(UTC):%Y-%m}":
                continue
            gone += _rewrite(place, _newer_than(before))
    return gone


def _newer_than(before: datetime) -> Callable[[Any], Any]:
    import pyarrow
    import pyarrow.compute as pc

    limit = pyarrow.scalar(before.astimezone(UTC).replace(tzinfo=None), type=pyarrow.timestamp("us"))
    return lambda rows: rows.filter(pc.greater_equal(rows["at"], limit))


def erase_person(folder: Path, organisation: str, person: str) -> int:
    """Make a person's rows nobody's: who, and what they wrote, goes; what it cost stays. Returns how many rows."""
    import pyarrow
    import pyarrow.compute as pc

    changed = 0

    def clean(rows: Any) -> Any:
        nonlocal changed
        theirs = pc.equal(rows["person"], person)
        count = pc.sum(theirs).as_py() or 0
        if not count:
            return rows
        changed += count
        for name in ("person", "conversation", "comment"):
            if name in rows.column_names:
                blank = pc.if_else(theirs, pyarrow.scalar(""), rows[name])
                rows = rows.set_column(rows.column_names.index(name), rows.schema.field(name), blank)
        return rows

    with alone(folder):
        for place in _partitions(folder):
            if place.parent.name == organisation:
                _rewrite(place, clean)
    return changed


def _rewrite(place: Path, change: Callable[[Any], Any]) -> int:
    """Apply `change` to every file of a partition; returns how many rows went."""
    import pyarrow.parquet

    gone = 0
    for file in files_of(place):
        rows = pyarrow.parquet.read_table(file)
        new = change(rows)
        if new is rows or new.equals(rows):
            continue
        gone += len(rows) - len(new)
        if len(new):
            replace(file, new)
        else:
            file.unlink()
    return gone


def _partitions(folder: Path) -> list[Path]:
    return [place for table in TABLES for place in sorted((folder / table).glob("*/*")) if place.is_dir()]
