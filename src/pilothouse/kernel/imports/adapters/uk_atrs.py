"""United Kingdom: records of the Algorithmic Transparency Recording Standard, as CSV or JSON.

A record is known by its address, so the two forms of one record are one system. The standard tells no stage: it stays
unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.imports.adapters.frame import Layout, read_rows
from pilothouse.kernel.imports.draft import Adapter, Reading
from pilothouse.kernel.imports.reading import Column, Table
from pilothouse.kernel.imports.stages import StageWords

KEY = "uk-atrs"
VERSION = f"{KEY}/1"
NEEDED = ("publishing_body", "tool_name", "published", "url")

LAYOUT = Layout(
    name="tool_name",
    units=("publishing_body",),
    row_id="url",
    texts={"purpose": "description"},
    dates={"published": "published"},
    external="url",
    day_first=True,
)


def fits(columns: Sequence[Column]) -> float:
    keys = {column.key for column in columns}
    return sum(key in keys for key in NEEDED) / len(NEEDED)


def read(table: Table, words: StageWords, options: Mapping[str, Any]) -> Reading:
    """Read CSV or JSON. Raises Invalid when it is of another kind."""
    if fits(table.columns) < 1:
        raise Invalid(
            f"These are not transparency records: they need {', '.join(NEEDED)}.",
            fields={"file": "Choose another kind of file, or map its columns by hand."},
        )
    return read_rows(table, table.columns, LAYOUT, words, adapter=KEY, source=KEY, version=VERSION)


ADAPTER = Adapter(
    KEY,
    "UK algorithmic transparency records",
    "Records of the Algorithmic Transparency Recording Standard, CSV or JSON.",
    fits,
    read,
)
