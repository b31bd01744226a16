"""US federal AI use-case inventory 2023, consolidated: ten columns, three levels of units, an id for every row.

Source: github.com/ombegov/2024-Federal-AI-Use-Case-Inventory (the year before).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.imports.adapters.frame import Layout, names_in, read_rows
from pilothouse.kernel.imports.draft import Adapter, Reading
from pilothouse.kernel.imports.reading import Column, Table
from pilothouse.kernel.imports.stages import StageWords

KEY = "us-federal-2023"
VERSION = f"{KEY}/1"
KEYS = names_in(
    "use_case_id department_code agency office title summary development_stage techniques source_code department"
)

LAYOUT = Layout(
    name="title",
    units=("department", "agency", "office"),
    code="department_code",
    row_id="use_case_id",
    stage="development_stage",
    texts={"purpose": "summary", "technique": "techniques"},
    external="use_case_id",
)


def fits(columns: Sequence[Column]) -> float:
    keys = {column.key for column in columns}
    return sum(key in keys for key in KEYS) / len(KEYS)


def read(table: Table, words: StageWords, options: Mapping[str, Any]) -> Reading:
    """Read the file by its headers, in any order. Raises Invalid when it is of another kind."""
    if fits(table.columns) < 1:
        keys = {column.key for column in table.columns}
        missing = ", ".join(key for key in KEYS if key not in keys)
        raise Invalid(
            f"This is not the consolidated 2023 inventory: it lacks the columns {missing}.",
            fields={"file": "Choose another kind of file, or map its columns by hand."},
        )
    return read_rows(table, table.columns, LAYOUT, words, adapter=KEY, source=KEY, version=VERSION)


ADAPTER = Adapter(
    KEY,
    "US federal inventory 2023",
    "The consolidated file of the Office of Management and Budget (10 columns).",
    fits,
    read,
)
