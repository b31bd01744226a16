"""Exactly the filtered systems as CSV or XLSX, written row by row so that the size of the list does not matter."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import IO, Any

import xlsxwriter
from django.db.models import QuerySet

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.inventory.selectors import systems_matching
from pilothouse.web.inventory.columns import Column, export_columns

CHUNK = 500
FORMULA = ("=", "+", "-", "@", "\t", "\r")
CELL_LIMIT = 32_767  # what a spreadsheet holds in one cell


def neutral(text: str) -> str:
    """`text` such that no spreadsheet takes it for a formula (OWASP, CSV injection): an apostrophe goes before it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def rows(actor: Actor, query: SystemQuery) -> tuple[list[Column], Iterator[list[Any]]]:
    """The columns, and a row of values for each system of the query, read in chunks."""
    columns = export_columns(actor)
    return columns, _values(systems_matching(actor, query), columns)


def _values(found: QuerySet[System], columns: Sequence[Column]) -> Iterator[list[Any]]:
    wanted = sorted({column.prefetch for column in columns if column.prefetch})
    for system in found.prefetch_related(*wanted).iterator(chunk_size=CHUNK):
        yield [column.value(system) for column in columns]


def as_csv(actor: Actor, query: SystemQuery) -> Iterator[str]:
    """The export as CSV text, piece by piece; the byte order mark makes spreadsheets read it as UTF-8."""
    columns, values = rows(actor, query)
    out = StringIO()
    writer = csv.writer(out)
    yield "\ufeff"
    writer.writerow([column.title for column in columns])
    for number, row in enumerate(values):
        writer.writerow([neutral(_text(value)) for value in row])
        if number % CHUNK == CHUNK - 1:
            yield _drain(out)
    yield _drain(out)


def as_xlsx(actor: Actor, query: SystemQuery) -> IO[bytes]:
    """The export as an XLSX file, ready to read from its beginning. Rows are kept on disk while it is written."""
    columns, values = rows(actor, query)
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it when it is sent
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("Systems")
    head = book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 2)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, 40 if column.key == "name" else 18)
        sheet.write_string(0, at, column.title, head)
    last = 0
    for last, row in enumerate(values, start=1):
        for at, value in enumerate(row):
            if value not in (None, ""):
                # write_string never makes a formula or a link of what it is given.
                sheet.write_string(last, at, neutral(_text(value))[:CELL_LIMIT])
    sheet.autofilter(0, 0, last, len(columns) - 1)
    book.close()
    file.seek(0)
    return file


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date | Decimal):
        return str(value)
    return str(value)


def _drain(out: StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
