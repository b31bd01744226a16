"""US federal inventory 2025, commercial products: agency × common task × product × band of licences.

A row in use becomes a running, bought system. A row that says “not in use” is refused with that as its reason, since it
names no system. This list is only for uses that are not high-impact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.imports.adapters.frame import Layout, read_rows
from pilothouse.kernel.imports.draft import Adapter, Draft, Reading, Refusal
from pilothouse.kernel.imports.reading import Column, Row, Table
from pilothouse.kernel.imports.stages import StageWords
from pilothouse.kernel.imports.words import fold, missing_kind, without_letter, yes_no

KEY = "us-federal-2025-cots"
VERSION = f"{KEY}/1"

# A phrase of each header and the key it gets; the first that stands in a header counts.
PHRASES: tuple[tuple[str, str], ...] = (
    ("agency use", "in_use"),
    ("agency_use", "in_use"),
    ("product", "product"),
    ("licen", "licences"),
    ("users", "licences"),
    ("use case", "task"),
    ("use_case", "task"),
    ("task", "task"),
    ("agency name", "agency_name"),
    ("agency_name", "agency_name"),
    ("bureau", "bureau"),
    ("abbreviation", "agency"),
    ("agency", "agency"),
)
NEEDED = ("task", "product", "licences")

LAYOUT = Layout(
    name="system name",
    units=("agency_name", "bureau"),
    code="agency",
    more=lambda row, draft: _as_bought(row, draft),
)


def _as_bought(row: Mapping[str, str], draft: Draft) -> None:
    draft.values |= {
        "stage": "production",
        "sourcing": "buy",
        "impact": "neither",
        "topic": fold(without_letter(row["task"]))[:200],
        "purpose": fold(without_letter(row["task"])),
        "notes": f"Licences or users: {fold(row['licences'])}" if not missing_kind(row["licences"]) else "",
    }
    if missing_kind(row["product"]):
        draft.flags.append("The row names no product, so the system bears the name of the task.")


def columns_of(table: Table) -> tuple[Column, ...]:
    """The file's columns under this adapter's keys; others keep their own."""
    taken: set[str] = set()
    columns = []
    for column in table.columns:
        found = next((key for phrase, key in PHRASES if phrase in column.key), None)
        key = column.key if found is None or found in taken else found
        taken.add(key)
        columns.append(Column(key, column.title))
    return tuple(columns)


def fits(columns: Sequence[Column]) -> float:
    """Sure only when task, product and licences are all there, and few other columns."""
    keys = {key for column in columns for phrase, key in PHRASES if phrase in column.key}
    return 0.9 if set(NEEDED) <= keys and len(columns) <= 12 else 0.0


def read(table: Table, words: StageWords, options: Mapping[str, Any]) -> Reading:
    """Read CSV or XLSX. Raises Invalid when task, product or licences are missing."""
    columns = columns_of(table)
    keys = [column.key for column in columns]
    missing = [key for key in NEEDED if key not in keys]
    if missing:
        raise Invalid(
            f"This is no list of commercial products: no column tells the {', the '.join(missing)}.",
            fields={"file": "Choose another kind of file, or map its columns by hand."},
        )
    rows = tuple(_named(row, keys) for row in table.rows)
    extra = [Column("system name", "Name (made of task and product)")]
    if "agency_name" not in keys:
        extra.append(Column("agency_name", "Agency (read from the file)"))
    named = Table(table.columns, rows, table.format, table.encoding, table.remarks)
    reading = read_rows(named, (*columns, *extra), LAYOUT, words, adapter=KEY, source=KEY, version=VERSION)
    for draft in reading.drafts:
        _refuse_unused(draft)
    return reading


def _named(row: Row, keys: Sequence[str]) -> Row:
    """The row with a name made of task and product, for a product serves many tasks and a task many products."""
    cell = dict(zip(keys, row.cells, strict=True))
    task = "" if missing_kind(cell["task"]) else fold(without_letter(cell["task"])).rstrip(".")
    product = "" if missing_kind(cell["product"]) else fold(cell["product"])
    made = [": ".join(part for part in (product, task) if part)]
    if "agency_name" not in keys:
        made.append(cell.get("agency", ""))
    return Row(row.line, (*row.cells, *made), row.remark)


def _refuse_unused(draft: Draft) -> None:
    said = draft.raw.get("in_use", "")
    if draft.refusal is not None:
        draft.refusal = Refusal("task", "The row names neither a task nor a product.")
    elif yes_no(said) is False:
        draft.refusal = Refusal(
            "in_use", f"The row says “{fold(said)}”: the product is not in use, so it is no system."
        )
    elif missing_kind(said) and missing_kind(draft.raw["product"]) and missing_kind(draft.raw["licences"]):
        draft.refusal = Refusal("in_use", "Use, product and licences are blank: nothing is in use.")


ADAPTER = Adapter(
    KEY,
    "US federal commercial products 2025",
    "The second file of 2025: which commercial product an agency uses for which common task, and its licences.",
    fits,
    read,
)
