"""Documents or entries of one kind as CSV or XLSX: one row each, one column a field; it can be imported again."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import IO, Any

import xlsxwriter

from pilothouse.contracts.canonical import plain
from pilothouse.kernel.domain import RecordKind
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import Shape
from pilothouse.web.inventory.export import CELL_LIMIT, neutral
from pilothouse.web.records.forms import written
from pilothouse.web.records.listing import at, columns

CHUNK = 500
ABOUT = ("system", "system_name")
ENTRY = "entry"
TOLD = ("version", "state", "sealed_at", "hash")


def heads(kind: RecordKind) -> dict[str, str]:
    """What a table tells beside the fields: name → the head of its column. A field of that name keeps the plain one."""
    fields = {one.path for one in columns(kind.schema)}
    names = (
        *(ABOUT if kind.of_system else ()),
        *((ENTRY,) if kind.many and not kind.key else ()),
        *TOLD,
    )
    return {name: f"record.{name}" if name in fields else name for name in names}


def table(kind: RecordKind, rows: Iterable[Record]) -> Iterator[list[str]]:
    """The head, then a row for each document; no cell is a formula to a spreadsheet."""
    told, fields = heads(kind), list(columns(kind.schema))
    yield [*told.values(), *(one.path for one in fields)]
    for row in rows:
        about: dict[str, Any] = {
            "system": row.system.ref if row.system else "",
            "system_name": row.system.name if row.system else "",
            ENTRY: row.key,
            "version": row.version,
            "state": row.state,
            "sealed_at": plain(row.sealed_at) or "",
            "hash": row.hash,
        }
        cells = [*(about[name] for name in told), *(cell(one.shape, at(row.body, one.path)) for one in fields)]
        yield [neutral(str(text)) for text in cells]


def as_csv(kind: RecordKind, rows: Iterable[Record]) -> Iterator[str]:
    """The table as CSV text, piece by piece; the byte order mark makes spreadsheets read it as UTF-8."""
    out = StringIO()
    writer = csv.writer(out)
    yield "\ufeff"
    for number, row in enumerate(table(kind, rows)):
        writer.writerow(row)
        if number % CHUNK == CHUNK - 1:
            yield _drained(out)
    yield _drained(out)


def as_xlsx(kind: RecordKind, rows: Iterable[Record]) -> IO[bytes]:
    """The table as an XLSX file, ready to read from its beginning."""
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it when it is sent
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet("Documents")
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 1)
    last = width = 0
    for last, row in enumerate(table(kind, rows)):
        width = len(row)
        for place, text in enumerate(row):
            if text:
                # write_string never makes a formula or a link of what it is given.
                sheet.write_string(last, place, text[:CELL_LIMIT], bold if last == 0 else None)
    sheet.set_column(0, max(width - 1, 0), 22)
    sheet.autofilter(0, 0, last, max(width - 1, 0))
    book.close()
    file.seek(0)
    return file


def cell(shape: Shape, value: Any) -> str:
    """A value as a cell shows it; a list of nested rows is JSON."""
    if shape.kind == "models":
        return json.dumps(value, ensure_ascii=False) if value else ""
    return written(shape, value)


def uncell(shape: Shape, text: str) -> Any:
    """The other way for nested rows. Raises ValueError."""
    value = json.loads(text)
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise ValueError
    return value


def _drained(out: StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
