"""Asking the warehouse: Ibis expressions over its tables, answered by DuckDB inside this process.

    with opened(folder, organisation, since, until) as warehouse:
        usage = warehouse.table("usage")
        rows = warehouse.rows(usage.group_by("system").agg(cost=usage.cost.sum()))

A table holds one organisation's rows of one stretch of time and nothing else, so no query can reach beyond.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pilothouse.kernel.warehouse.tables import TABLES, Row
from pilothouse.kernel.warehouse.writer import files_of

MEMORY = "512MB"
THREADS = 2
_lock = threading.Lock()


@cache
def _engine() -> Any:
    """One DuckDB in memory a process; each asker gets a cursor of its own."""
    import duckdb

    engine = duckdb.connect(":memory:", config={"memory_limit": MEMORY, "threads": THREADS})
    # Nothing but the files that we name may be read, and nothing written or fetched.
    engine.execute("SET autoinstall_known_extensions = false")
    engine.execute("SET autoload_known_extensions = false")
    return engine


def months(since: datetime, until: datetime) -> list[str]:
    """The months that a stretch of time touches, as partitions are called."""
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    first, last = since.year * 12 + since.month - 1, until.year * 12 + until.month - 1
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, last + 1)]


class Warehouse:
    """The tables of one organisation in one stretch of time, `since` included, `until` not."""

    def __init__(self, folder: Path, organisation: str, since: datetime, until: datetime, cursor: Any) -> None:
        self._folder, self._organisation, self._cursor = folder, organisation, cursor
        self._since, self._until = since, until
        self._seen: set[str] = set()

    def table(self, name: str) -> Any:
        """The Ibis expression of a table."""
        import ibis

        if name not in self._seen:
            self._cursor.execute(self._view(name))
            self._seen.add(name)
        return ibis.table(ibis.schema(dict(TABLES[name])), name=name)

    def rows(self, expression: Any) -> list[Row]:
        """The answer to an expression, as dictionaries; times are aware and in UTC."""
        import duckdb
        import ibis

        sql = str(ibis.to_sql(expression, dialect="duckdb"))
        try:
            self._cursor.execute(sql)
        except duckdb.IOException:
            # A file was replaced by a larger one since it was listed: list again.
            for name in self._seen:
                self._cursor.execute(self._view(name))
            self._cursor.execute(sql)
        names = [column[0] for column in self._cursor.description]
        return [dict(zip(names, map(_plain, row), strict=True)) for row in self._cursor.fetchall()]

    def _view(self, name: str) -> str:
        files = self._files(name)
        if not files:
            columns = ", ".join(f'CAST(NULL AS {_SQL[kind]}) AS "{column}"' for column, kind in TABLES[name].items())
            return f'CREATE OR REPLACE TEMP VIEW "{name}" AS SELECT {columns} WHERE false'
        columns = ", ".join(f'CAST("{column}" AS {_SQL[kind]}) AS "{column}"' for column, kind in TABLES[name].items())
        listed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
        return (
            f'CREATE OR REPLACE TEMP VIEW "{name}" AS SELECT {columns} '  # noqa: S608 - our own names and times
            f"FROM read_parquet([{listed}], union_by_name = true) "
            f"WHERE \"at\" >= TIMESTAMP '{_told(self._since)}' AND \"at\" < TIMESTAMP '{_told(self._until)}'"
        )

    def _files(self, name: str) -> list[Path]:
        place = self._folder / name / self._organisation
        last = self._until - timedelta(microseconds=1)
        return [file for month in months(self._since, last) for file in files_of(place / month)]


_SQL = {"string": "VARCHAR", "int64": "BIGINT", "boolean": "BOOLEAN", "timestamp": "TIMESTAMP"}


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def _plain(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


@contextmanager
def opened(folder: Path, organisation: str, since: datetime, until: datetime) -> Iterator[Warehouse]:
    """Open what one organisation's rows of `since` ≤ at < `until` are asked through. Both times are aware."""
    with _lock:
        cursor = _engine().cursor()
    try:
        yield Warehouse(folder, organisation, since, until, cursor)
    finally:
        cursor.close()
