"""From a file's bytes to a table of text: encodings, delimiters, spreadsheets, limits, plain errors. Pure.

Every cell is kept as text exactly as it stands in the file; every column gets a key of its own, so that eight columns
headed “If Other, please explain.” stay eight columns.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import openpyxl

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.imports.words import fold, key_of

MAX_BYTES = 50_000_000
MAX_UNPACKED = 500_000_000
MAX_ROWS = 20_000
SAMPLE = 200_000  # characters in which the delimiter is looked for
MAX_COLUMNS = 400
# The csv module's own limit: a longer cell means a quotation mark that was never closed.
MAX_CELL = 131_072
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `key` is unique in the file, `title` is what stands in its header."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the line it begins on in the file (header included), and a cell for each column."""

    line: int
    cells: tuple[str, ...]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds. `remarks` say what the reader had to do."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    format: str
    encoding: str = ""
    remarks: tuple[str, ...] = field(default=())

    @property
    def fingerprint(self) -> str:
        """The same for two files with the same headers in the same order."""
        return hashlib.sha256("\n".join(key_of(column.title) for column in self.columns).encode()).hexdigest()

    def sample(self, index: int, count: int = 3) -> list[str]:
        """The first different non-blank values of a column."""
        found = dict.fromkeys(fold(row.cells[index]) for row in self.rows[:200])
        return [value for value in found if value][:count]


def read_table(data: bytes, filename: str = "") -> Table:
    """Read CSV (any usual delimiter and encoding), XLSX or JSON. Raises Invalid with a sentence for a person."""
    if not data.strip(b"\x00 \r\n\t"):
        raise Invalid("The file is empty.", fields={"file": "Choose a file with a header row and at least one row."})
    if len(data) > MAX_BYTES:
        raise Invalid(
            f"The file has {len(data) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be imported at once.",
            fields={"file": "Split it into smaller files."},
        )
    if data[:4] == b"PK\x03\x04":
        return _read_xlsx(data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Invalid(
            "This is an old Excel file (.xls) or one protected by a password.",
            fields={"file": "Save it as .xlsx without a password, or as CSV."},
        )
    text, encoding, remarks = decode(data)
    if "\x00" in text:
        raise Invalid(
            "This is not a text file, a spreadsheet (.xlsx) or JSON.", fields={"file": "Choose another file."}
        )
    if text.lstrip()[:1] in ("{", "[") and not filename.lower().endswith((".csv", ".tsv")):
        return _read_json(text, encoding)
    return _read_csv(text, encoding, remarks)


def decode(data: bytes) -> tuple[str, str, tuple[str, ...]]:
    """The text, the encoding it was in, and remarks. UTF-8 (with or without mark), UTF-16 with mark, else cp1252."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace"), encoding, ()
    if b"\x00" in data:
        raise Invalid(
            "This is not a text file, a spreadsheet (.xlsx) or JSON.", fields={"file": "Choose another file."}
        )
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding), "utf-8" if encoding != "cp1252" else encoding, ()
        except UnicodeDecodeError:
            continue
    remark = "Some characters belong to no known encoding; they are shown as �."
    return data.decode("cp1252", "replace"), "cp1252", (remark,)


def _read_csv(text: str, encoding: str, remarks: tuple[str, ...]) -> Table:
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines: list[tuple[int, Sequence[str]]] = []
    begin = 1
    try:
        for cells in reader:
            lines.append((begin, [_unquoted(cell) for cell in cells]))
            begin = reader.line_num + 1
            _check_count(len(lines))
    except csv.Error as error:
        raise Invalid(
            f"The row that begins on line {begin} cannot be read: {_csv_reason(error)}", fields={"file": str(error)}
        ) from None
    return _table(lines, "csv", encoding, remarks)


def _unquoted(cell: str) -> str:
    """Take back the apostrophe that exports (ours too) put before what a spreadsheet would take for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA else cell


def _csv_reason(error: csv.Error) -> str:
    if "field larger" in str(error):
        return "a quotation mark is opened and never closed, or a cell is longer than 131,072 characters."
    return f"{error}."


def _delimiter(text: str) -> str:
    """The delimiter that splits the first rows into the most columns, the same number in each."""
    head = text[:SAMPLE]
    best, best_score = ",", 0.0
    for candidate in (",", ";", "\t", "|"):
        counts = _widths(head, candidate)
        if not counts or max(counts) < 2:
            continue
        usual = max(set(counts), key=lambda width: (counts.count(width), width))
        score = usual * counts.count(usual) / len(counts) if usual > 1 else 0.0
        if score > best_score:
            best, best_score = candidate, score
    return best


def _widths(head: str, delimiter: str) -> list[int]:
    counts = []
    try:
        for cells in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in cells):
                counts.append(len(cells))
            if len(counts) == 30:
                return counts
    except csv.Error:
        pass  # the reader proper says what is wrong, and on which line
    # The last row of a long file may be cut in two by the end of the sample.
    return counts[:-1] if len(head) >= SAMPLE and len(counts) > 1 else counts


def _read_xlsx(data: bytes) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            is_workbook = "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        raise Invalid("The spreadsheet is damaged and cannot be opened.", fields={"file": "Save it again."}) from None
    if not is_workbook:
        raise Invalid(
            "This is a ZIP file, not a spreadsheet.", fields={"file": "Unpack it and choose the file inside."}
        )
    if unpacked > MAX_UNPACKED or unpacked > 300 * len(data):
        raise Invalid(
            f"The spreadsheet would unpack to {unpacked / 1e6:.0f} MB, which looks like a mistake or an attack.",
            fields={"file": "Save the sheet as CSV."},
        )
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets:
            lines = list(_sheet_lines(sheet))
            if sum(1 for _, cells in lines if any(cells)) >= 2:
                remark = (f"Read from the sheet “{sheet.title}”.",) if len(sheets) > 1 else ()
                return _table(lines, "xlsx", "", remark)
    except Invalid:
        raise
    except Exception as error:  # openpyxl lets errors of zip, XML and its own through, whatever the damage
        raise Invalid(
            f"The spreadsheet cannot be read ({type(error).__name__}).", fields={"file": "Save it again, or as CSV."}
        ) from error
    raise Invalid("No sheet has a header row and at least one row.", fields={"file": "Choose another file."})


def _sheet_lines(sheet: Any) -> Iterator[tuple[int, Sequence[str]]]:
    # The size a sheet claims may be wrong by a million rows, so it is not believed and blank tails are not kept.
    sheet.reset_dimensions()
    blank = 0
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        texts = [_cell_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        blank = 0 if texts else blank + 1
        if blank > 10_000:
            return
        _check_count(number - blank)
        if texts:
            yield number, texts


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ", "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def _read_json(text: str, encoding: str) -> Table:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(
            f"The JSON cannot be read: {error}.", fields={"file": "Check it with the one who made it."}
        ) from None
    records = value
    if isinstance(value, dict):
        lists = [item for item in value.values() if isinstance(item, list) and item and isinstance(item[0], dict)]
        records = max(lists, key=len, default=[])
    if not isinstance(records, list) or not records or not all(isinstance(item, dict) for item in records):
        raise Invalid("The JSON holds no list of records.", fields={"file": "Expected a list of objects."})
    _check_count(len(records))
    keys = list(dict.fromkeys(key for record in records for key in record))
    lines: list[tuple[int, Sequence[str]]] = [(0, [_json_text(key) for key in keys])]
    lines += [(n, [_json_text(record.get(key)) for key in keys]) for n, record in enumerate(records, start=1)]
    return _table(lines, "json", encoding, ())


def _json_text(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # JSON can spell what no text may hold: a null character, half a surrogate pair.
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _table(lines: list[tuple[int, Sequence[str]]], kind: str, encoding: str, remarks: Iterable[str]) -> Table:
    """Find the header (the first line with two filled cells, or with any when the file has one column)."""
    filled = [(line, cells) for line, cells in lines if any(cell.strip() for cell in cells)]
    widest = max((len(cells) for _, cells in filled), default=0)
    start = next(
        (i for i, (_, cells) in enumerate(filled) if sum(map(bool, map(str.strip, cells))) >= min(2, widest)), 0
    )
    if len(filled) - start < 2:
        raise Invalid("The file has a header but no rows.", fields={"file": "Choose a file with at least one row."})
    if widest > MAX_COLUMNS:
        raise Invalid(
            f"The file has {widest} columns; at most {MAX_COLUMNS} can be read.", fields={"file": "Too wide."}
        )
    header = filled[start][1]
    rows = tuple(_row(line, cells, len(header), widest) for line, cells in filled[start + 1 :])
    notes = list(remarks)
    if start:
        notes.append(f"{start} line(s) above the header were passed over.")
    return Table(unique_columns([*header, *[""] * (widest - len(header))]), rows, kind, encoding, tuple(notes))


def _row(line: int, cells: Sequence[str], expected: int, width: int) -> Row:
    for cell in cells:
        if len(cell) > MAX_CELL:
            raise Invalid(
                f"A cell in row {line} is longer than {MAX_CELL:,} characters.", fields={"file": f"Row {line}"}
            )
    remark = "" if len(cells) <= expected else f"The row has {len(cells)} cells under {expected} headers."
    return Row(line, (*cells, *("",) * (width - len(cells))), remark)


def unique_columns(titles: Sequence[str]) -> tuple[Column, ...]:
    """A column for each title; a title that is blank or was used before gets its position added to its key."""
    seen: set[str] = set()
    columns = []
    for position, title in enumerate(titles, start=1):
        key = key_of(title) or f"column {position}"
        if key in seen:
            key = f"{key} [{position}]"
        seen.add(key)
        columns.append(Column(key, fold(title) or f"Column {position}"))
    return tuple(columns)


def _check_count(rows: int) -> None:
    if rows > MAX_ROWS + 1:
        raise Invalid(f"The file has more than {MAX_ROWS:,} rows.", fields={"file": "Split it into smaller files."})
