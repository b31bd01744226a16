"""What an adapter makes of a file: one draft for each row, in values that JSON can hold. Pure.

A draft's `values` map a field to what the row says of it. Keys: a field of a system (`name`, `purpose`, `stage`, …);
`unit`, the path of names from the root; `owner`, an e-mail address; `date.<kind>`, `practice.<key>`,
`external.<source>` and `custom.<key>`. A key that is absent is not read from this kind of file; one that is None or
empty was not answered, and `missing` says why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pilothouse.kernel.imports.reading import Column, Table
from pilothouse.kernel.imports.stages import StageWords

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row cannot be imported, and which column to mend."""

    column: str
    reason: str


@dataclass(slots=True)
class Draft:
    """One row as an adapter understood it. `raw` keeps every cell as it stood, by column key."""

    line: int
    raw: dict[str, str]
    values: Values = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    agency: str = ""
    code: str = ""
    row_id: str = ""
    identity: str = ""
    fingerprint: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A file read through an adapter. `source` is the register whose rows these are, such as us-federal-2024."""

    adapter: str
    source: str
    mapping_version: str
    columns: tuple[Column, ...]
    drafts: Sequence[Draft]
    remarks: tuple[str, ...] = ()

    def counts_of(self, key: str) -> dict[str, int]:
        """How often each value of `key` stands in the file, refused rows aside."""
        counts = Counter(draft.values.get(key, "unknown") for draft in self.drafts if draft.refusal is None)
        return dict(sorted(counts.items()))

    def agencies(self) -> dict[str, int]:
        """Rows for each top-level unit, by the name in the file."""
        counts = Counter(draft.agency or "(none)" for draft in self.drafts if draft.refusal is None)
        return dict(sorted(counts.items()))


@dataclass(frozen=True, slots=True)
class Adapter:
    """A way to read one kind of inventory.

    `fits(columns)` is how sure it is that a file is of its kind, from 0 to 1; `read(table, stage words, options)` makes
    the drafts and raises Invalid when the file is of another kind.
    """

    key: str
    title: str
    note: str
    fits: Callable[[Sequence[Column]], float]
    read: Callable[[Table, StageWords, Mapping[str, Any]], Reading]
