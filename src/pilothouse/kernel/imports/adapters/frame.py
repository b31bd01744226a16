"""What inventories have in common: a layout that says which column tells what, and the reading of a row by it. Pure.

An adapter is a layout plus its own traps; see uk_atrs.py for the shortest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pilothouse.kernel.imports.answers import NOT_ANSWERED, PracticeColumn, practice_answer
from pilothouse.kernel.imports.dates import as_value, imported_date
from pilothouse.kernel.imports.draft import Draft, Reading, Refusal
from pilothouse.kernel.imports.identity import identify
from pilothouse.kernel.imports.reading import Column, Table
from pilothouse.kernel.imports.stages import StageWords, short
from pilothouse.kernel.imports.words import (
    NOT_REQUIRED,
    answer,
    fold,
    is_redacted,
    key_of,
    missing_kind,
    tidy,
    without_letter,
)

# How long a field of a system may be; longer text is cut, flagged, and whole in the raw row.
LIMITS: Mapping[str, int] = MappingProxyType(
    {"name": 500, "technique": 300, "topic": 200, "vendor": 300, "contact": 300, "outcome_metric": 300}
)
UNIT_LIMIT = 300
NOTHING: frozenset[str] = frozenset()

# Reads one row's cells (by column key) into more values; may add flags.
More = Callable[[Mapping[str, str], Draft], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """A column of choices: `field` gets the value of the first listed beginning that the cell starts with."""

    field: str
    column: str
    words: tuple[tuple[str, str], ...]
    otherwise: str = "unknown"


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column tells what. Columns are named by their keys; `units` go from the root down.

    `not_asked(row, stage)` names the columns whose answer the source does not require in such a row.
    """

    name: str
    units: tuple[str, ...] = ()
    code: str = ""
    row_id: str = ""
    stage: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    dates: Mapping[str, str] = field(default_factory=dict)
    practices: tuple[PracticeColumn, ...] = ()
    external: str = ""
    day_first: bool | None = False
    fiscal_start: int = 1
    not_asked: Callable[[Mapping[str, str], str], frozenset[str]] = lambda row, stage: NOTHING
    more: More | None = None


def read_rows(
    table: Table,
    columns: tuple[Column, ...],
    layout: Layout,
    words: StageWords,
    *,
    adapter: str,
    source: str,
    version: str,
) -> Reading:
    """Read every row of `table`, its cells taken by position under `columns`."""
    keys = [column.key for column in columns]
    drafts = []
    for row in table.rows:
        draft = Draft(row.line, dict(zip(keys, row.cells, strict=True)))
        if row.remark:
            draft.flags.append(row.remark)
        read_row(draft, layout, words, source)
        drafts.append(draft)
    identify([draft for draft in drafts if draft.refusal is None])
    return Reading(adapter, source, f"{version}+stages:{words.version}", columns, drafts, table.remarks)


def read_row(draft: Draft, layout: Layout, words: StageWords, source: str) -> None:
    """Fill `draft` from its raw cells; sets its refusal when the row cannot be a system."""
    row = draft.raw
    name = fold(row.get(layout.name, ""))
    if missing_kind(name) is not None and name.casefold() not in ("unknown",):
        said = f"says only “{name}”" if name else "is blank"
        draft.refusal = Refusal(layout.name, f"The name {said}; a system needs a name.")
        return
    _set_text(draft, "name", name)
    _read_units(draft, layout)
    draft.row_id = fold(row.get(layout.row_id, "")) if layout.row_id else ""
    stage = words.read(row.get(layout.stage, ""))
    # What a file has no column for, it says nothing of, so it must not empty what another file told.
    if layout.stage in row:
        draft.values["stage"] = stage.stage
    if stage.remark:
        draft.flags.append(stage.remark)
    not_asked = layout.not_asked(row, stage.stage)
    for target, column in layout.texts.items():
        if column in row:
            _read_text(draft, target, row[column], column in not_asked)
    for choice in layout.choices:
        if choice.column in row:
            _read_choice(draft, choice, row[choice.column], choice.column in not_asked)
    for kind, column in layout.dates.items():
        if column in row:
            _read_date(draft, layout, kind, row[column], column in not_asked)
    for rule in layout.practices:
        if rule.column in row:
            _read_practice(draft, rule, row[rule.column], rule.column in not_asked)
    if layout.external in row:
        told = row[layout.external]
        draft.values[f"external.{source}"] = None if missing_kind(told) else fold(told)[:300]
    if layout.more:
        layout.more(row, draft)


def _set_text(draft: Draft, target: str, text: str) -> None:
    limit = LIMITS.get(target)
    if limit and len(text) > limit:
        draft.flags.append(f"The {target} has {len(text)} characters and is cut at {limit}; the row keeps it whole.")
        text = short(text, limit)
    draft.values[target] = text


def _read_text(draft: Draft, target: str, cell: str, not_asked: bool) -> None:
    missing = missing_kind(cell)
    if missing:
        draft.missing[target] = NOT_REQUIRED if missing == "blank" and not_asked else missing
    _set_text(draft, target, (fold(cell) if target in LIMITS else tidy(cell)) if not missing else "")


def _read_units(draft: Draft, layout: Layout) -> None:
    """The path of units. A blank level is passed over, and so is one that repeats the level above or its code."""
    path: list[str] = []
    draft.code = fold(draft.raw.get(layout.code, ""))[:60] if layout.code else ""
    for column in layout.units:
        unit = answer(draft.raw.get(column, ""))
        unit = short(fold(unit), UNIT_LIMIT)
        above = {key_of(path[-1]), key_of(draft.code)} if len(path) == 1 else {key_of(p) for p in path[-1:]}
        if unit and key_of(unit) not in above:
            path.append(unit)
    draft.values["unit"] = path
    draft.agency = path[0] if path else ""
    if layout.units and not path:
        draft.missing["unit"] = "blank"


def _read_choice(draft: Draft, choice: Choice, cell: str, not_asked: bool) -> None:
    draft.values[choice.field] = choice.otherwise
    missing = missing_kind(cell)
    if missing:
        draft.missing[choice.field] = NOT_REQUIRED if missing == "blank" and not_asked else missing
        return
    words = without_letter(key_of(cell))
    for beginning, value in choice.words:
        if words.startswith(beginning):
            draft.values[choice.field] = value
            return
    if not is_redacted(cell):
        title = choice.field.replace("_", " ")
        draft.flags.append(f"“{short(cell)}” is not a known answer on {title}, so it stays {choice.otherwise}.")


def yes_no_choice(target: str, column: str, *, yes: str, no: str) -> Choice:
    """A choice from a yes-or-no column."""
    return Choice(target, column, (("yes", yes), ("true", yes), ("no", no), ("false", no)))


def _read_date(draft: Draft, layout: Layout, kind: str, cell: str, not_asked: bool) -> None:
    told = imported_date(cell, day_first=layout.day_first, fiscal_start=layout.fiscal_start)
    draft.values[f"date.{kind}"] = None
    if told is None:
        missing = missing_kind(cell) or "blank"
        draft.missing[f"date.{kind}"] = NOT_REQUIRED if missing == "blank" and not_asked else missing
        return
    draft.values[f"date.{kind}"] = as_value(told)
    if told.value is None:
        draft.flags.append(f"“{short(told.raw)}” is kept as words: it tells no date.")


def _read_practice(draft: Draft, rule: PracticeColumn, cell: str, not_asked: bool) -> None:
    """Keep the answer on a practice. A blank that nobody asked for is no answer at all, so nothing is kept."""
    draft.values[f"practice.{rule.practice}"] = None
    if not_asked and missing_kind(cell) == "blank":
        draft.missing[f"practice.{rule.practice}"] = NOT_REQUIRED
        return
    said = practice_answer(cell, rule)
    draft.values[f"practice.{rule.practice}"] = said.as_value()
    if said.status == NOT_ANSWERED:
        draft.missing[f"practice.{rule.practice}"] = "blank"
    if said.remark:
        draft.flags.append(said.remark)


def names_in(text: str) -> tuple[str, ...]:
    """The words of `text`, for long lists of column names."""
    return tuple(text.split())
