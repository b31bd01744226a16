"""Three ways to see a field: what was last imported, what the register says now, what the file says now. Pure.

A field is overwritten only if its present value equals the last imported one. What a person corrected stays, and the
import says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pilothouse.kernel.imports.words import same

Kind = Literal["set", "kept", "file"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field or column that differs. `set`: it will be overwritten. `kept`: a person corrected it, so it stays
    although the file says `after`. `file`: only the source's own row changed, in a column that feeds no field."""

    kind: Kind
    key: str
    before: Any
    after: Any

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "key": self.key, "before": self.before, "after": self.after}


def merge(last: Mapping[str, Any], new: Mapping[str, Any], present: Callable[[str], Any]) -> list[Difference]:
    """The differences of a row's values, in order. A field that the mapping no longer reads is left alone; one that it
    reads and finds empty (None) is emptied."""
    found = []
    for key, after in new.items():
        before, now = last.get(key), present(key)
        if _alike(now, after):
            continue
        if not _alike(now, before):
            found.append(Difference("kept", key, now, after))
        elif not _alike(before, after):
            found.append(Difference("set", key, now, after))
    return found


def changed_cells(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """The columns whose cell differs once white space is folded. A column that the new file lacks says nothing."""
    return [
        Difference("file", key, before.get(key, ""), cell)
        for key, cell in after.items()
        if not same(before.get(key, ""), cell)
    ]


def _alike(left: Any, right: Any) -> bool:
    return same("" if left is None else left, "" if right is None else right)
