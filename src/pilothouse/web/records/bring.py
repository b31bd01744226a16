"""Documents or entries of one kind out of a CSV file: first what each row would do, then all of it in one go."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.domain import RecordKind
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.actions import records_draft, records_seal
from pilothouse.kernel.records.kinds import KEY, check_place, may_write, schema_for
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.references import STANDS, unresolved_of
from pilothouse.kernel.records.schema import Shape, problems, same
from pilothouse.web.inventory.export import neutral
from pilothouse.web.records.export import ENTRY, heads, uncell
from pilothouse.web.records.forms import read
from pilothouse.web.records.listing import Column, columns

MOST_ROWS = 5000
OUTCOMES = ("create", "version", "unchanged", "refused")


@dataclass(slots=True)
class Row:
    """What one line of a file would do. `outcome`: create, version (the next one, or a new text of the draft),
    unchanged or refused; `missing` counts the answers that a draft still lacks."""

    line: int
    system: System | None = None
    key: str | None = None
    body: dict[str, Any] = field(default_factory=dict)
    outcome: str = "create"
    refused: str = ""
    missing: int = 0

    @property
    def done(self) -> bool:
        return self.outcome in ("create", "version")


def plan(actor: Actor, kind: RecordKind, text: str, *, seal: bool = False) -> list[Row]:
    """What a file would do, row by row, without doing it. Raises Invalid when it is no such file, Forbidden when the
    kind is the organisation's own and not the actor's to write."""
    if not kind.of_system:
        check_place(actor, kind, None)
    lines, named = _read(kind, text)
    planner = _Planner(actor, kind, named, seal)
    rows = [planner.row(number, line) for number, line in lines]
    if seal:
        _refuse_dangling(actor, kind, rows)
    return rows


def carry_out(actor: Actor, kind: RecordKind, rows: Sequence[Row], *, seal: bool = False) -> list[Record]:
    """Save what was planned as drafts, or seal it. Sealing is all or none: Invalid while a row is refused."""
    if seal and (refused := [row for row in rows if row.outcome == "refused"]):
        raise Invalid(
            f"{len(refused)} of {len(rows)} rows cannot be sealed, so none is.",
            fields={str(row.line): row.refused for row in refused},
        )
    chosen = [row for row in rows if row.done]
    bodies, keys = [(row.system, row.body) for row in chosen], [row.key for row in chosen]
    write = records_seal if seal else records_draft
    return write(actor=actor, kind=kind.id, bodies=bodies, keys=keys) if chosen else []


def counts(rows: Sequence[Row]) -> dict[str, int]:
    """How many rows come to what."""
    return {outcome: sum(row.outcome == outcome for row in rows) for outcome in OUTCOMES}


class _Planner:
    """Judges the lines of one file against what there is; a constant number of queries."""

    def __init__(self, actor: Actor, kind: RecordKind, named: Mapping[str, Column | str], seal: bool) -> None:
        self._actor, self._kind, self._named, self._seal = actor, kind, named, seal
        self._systems = {one.number: one for one in systems(actor).select_related("unit")} if kind.of_system else {}
        self._held: dict[tuple[Any, str], dict[str, Record]] = {}
        for row in Record.objects.of(actor).filter(kind=kind.id, state__in=STANDS):
            self._held.setdefault((row.system_id, row.key), {})[row.state] = row
        self._seen: set[tuple[Any, str]] = set()

    def row(self, number: int, line: Mapping[str, str]) -> Row:
        """What one line would do."""
        row = Row(number)
        try:
            self._place(row, line)
            row.body = self._body(line)
            self._name(row, line)
            self._judge(row)
        except _Refused as why:
            row.outcome, row.refused = "refused", str(why)
        return row

    def _place(self, row: Row, line: Mapping[str, str]) -> None:
        if not self._kind.of_system:
            return
        told = self._told(line, "system")
        number = told.upper().removeprefix("S-")
        row.system = self._systems.get(int(number)) if number.isdecimal() and len(number) < 10 else None
        if row.system is None:
            raise _Refused(f"There is no system “{told}” that you may see.")
        if not may_write(self._actor, self._kind, row.system):
            raise _Refused(f"You may not write about {row.system.ref}.")

    def _name(self, row: Row, line: Mapping[str, str]) -> None:
        """Which document or entry it is; a line about one that an earlier line is about is refused."""
        if self._kind.many and not self._kind.key:
            row.key = self._told(line, ENTRY) or None
            if row.key is None:
                return
            if (row.system.pk if row.system else None, row.key) not in self._held:
                raise _Refused(f"There is no entry {row.key}; leave the column empty for a new one.")
        elif self._kind.many:
            row.key = str(row.body.get(self._kind.key) or "").strip()
            if not row.key or len(row.key) > KEY:
                raise _Refused(f"Column {self._kind.key} is empty or too long: entries are told apart by it.")
        place = (row.system.pk if row.system else None, row.key or "")
        if place in self._seen:
            about = " of ".join(part for part in (row.key, row.system.ref if row.system else "") if part)
            raise _Refused(f"{about or 'It'} stands in the file twice.")
        self._seen.add(place)

    def _judge(self, row: Row) -> None:
        numbered = self._kind.many and not self._kind.key and row.key is None
        place = (row.system.pk if row.system else None, row.key or "")
        held = {} if numbered else self._held.get(place, {})
        stands = held.get("sealed") if self._seal else held.get("draft") or held.get("sealed")
        wrong = problems(schema_for(self._kind, row.system), row.body)
        row.missing = len(wrong)
        if stands is not None and same(stands.body, row.body):
            row.outcome = "unchanged"
        elif self._seal and "draft" in held:
            raise _Refused("A draft of it is open: seal or drop that first.")
        elif self._seal and wrong:
            raise _Refused("; ".join(f"{path}: {words}" for path, words in list(wrong.items())[:4]))
        elif held:
            row.outcome = "version"

    def _told(self, line: Mapping[str, str], name: str) -> str:
        head = next((head for head, what in self._named.items() if what == name), "")
        return _unquoted(line.get(head) or "").strip()

    def _body(self, line: Mapping[str, str]) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for head, column in self._named.items():
            text = _unquoted(line.get(head) or "")
            if not isinstance(column, Column) or not text.strip():
                continue
            *parents, last = column.path.split(".")
            place = body
            for parent in parents:
                place = place.setdefault(parent, {})
            place[last] = _value(head, column.shape, text)
        return body


class _Refused(Exception):
    """Why a line is refused, in words."""


def _value(head: str, shape: Shape, text: str) -> Any:
    if shape.kind != "models":
        return read(shape, text)
    try:
        return uncell(shape, text)
    except ValueError:
        raise _Refused(f"Column {head} is not JSON: a list of objects.") from None


def _refuse_dangling(actor: Actor, kind: RecordKind, rows: Sequence[Row]) -> None:
    """Of rows that are to be sealed, those that refer to what there is not. Rows may refer to each other."""
    done = [row for row in rows if row.done]
    wrong = unresolved_of(actor, kind, [(row.system, row.body) for row in done], [row.key or "" for row in done])
    for path, words in wrong.items():
        place, _, column = path.partition(".")
        row = done[int(place)]
        row.outcome, row.refused = "refused", f"{column}: {words}"


def _read(kind: RecordKind, text: str) -> tuple[list[tuple[int, dict[str, str]]], dict[str, Column | str]]:
    """The lines of a file with their numbers, by head; and what each head means: a field, or what is told beside them.

    Heads are taken by path or by title, whatever their case; files with semicolons as some spreadsheets write them.
    """
    text = text.lstrip("\ufeff")
    if "\x00" in text:
        raise Invalid("This file holds a NUL character, which no text has.", fields={"file": "Save it as CSV UTF-8."})
    first = text.partition("\n")[0]
    try:
        table = list(csv.reader(StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ","))
    except csv.Error as error:
        raise Invalid(f"This is no CSV file: {error}.", fields={"file": "Save it as CSV."}) from None
    given = [head.strip() for head in table[0]] if table else []
    known = _heads(kind)
    named = {head: known[head.casefold()] for head in given if head.casefold() in known}
    if kind.of_system and "system" not in named.values():
        raise Invalid(
            "The file has no column “system”.", fields={"file": "Export the table, fill it in, and send it back."}
        )
    if unknown := [head for head in given if head and head not in named]:
        names = ", ".join(unknown[:5])
        raise Invalid(f"These columns are not of “{kind.title}”: {names}.", fields={"file": "Rename or remove them."})
    lines = [
        (number, dict(zip(given, row, strict=False)))
        for number, row in enumerate(table[1:], 2)
        if any(text.strip() for text in row)
    ]
    if len(lines) > MOST_ROWS:
        raise Invalid(f"More than {MOST_ROWS} rows.", fields={"file": "Split the file."})
    if not lines:
        raise Invalid("The file has no rows.", fields={"file": "Fill in a row for each."})
    return lines, named


def _heads(kind: RecordKind) -> dict[str, Column | str]:
    titles: dict[str, Column | str] = {one.title.casefold(): one for one in columns(kind.schema) if "." not in one.path}
    told: dict[str, Column | str] = {head.casefold(): name for name, head in heads(kind).items()}
    return titles | told | {one.path.casefold(): one for one in columns(kind.schema)}


def _unquoted(text: str) -> str:
    """Take back the apostrophe that the export put before what looks like a formula."""
    return text[1:] if text.startswith("'") and neutral(text[1:]) == text else text
