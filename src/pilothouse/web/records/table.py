"""Documents of one kind as a table, out and in: one row a system, one column a field."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from django.db import transaction
from pydantic import BaseModel

from pilothouse.contracts.canonical import plain
from pilothouse.contracts.errors import Invalid, PilothouseError
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.domain import RecordKind
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.actions import record_draft
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import Shape, problems, shapes
from pilothouse.web.inventory.export import neutral
from pilothouse.web.records.forms import read, written

SYSTEM = "system"
TOLD = (SYSTEM, "name", "version", "state", "sealed_at", "hash")
MOST_ROWS = 5000


@dataclass(slots=True)
class Row:
    """What one line of a file would do. `outcome`: draft, unchanged or refused."""

    line: int
    system: System | None = None
    body: dict[str, Any] = field(default_factory=dict)
    outcome: str = "draft"
    refused: str = ""
    missing: int = 0


def columns(schema: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Shape]]:
    """The columns of a schema by path; a list of nested rows is one column of JSON."""
    for shape in shapes(schema):
        if shape.kind == "model" and shape.schema:
            yield from columns(shape.schema, f"{prefix}{shape.name}.")
        else:
            yield f"{prefix}{shape.name}", shape


def as_csv(kind: RecordKind, rows: Iterable[Record]) -> Iterator[str]:
    """The current versions as CSV; no cell is a formula to a spreadsheet."""
    out = StringIO()
    writer = csv.writer(out)
    fields = list(columns(kind.schema))
    yield "\ufeff"
    writer.writerow([*TOLD, *(path for path, _ in fields)])
    for row in rows:
        told = [
            row.system.ref if row.system else "",
            row.system.name if row.system else "",
            row.version,
            row.state,
            plain(row.sealed_at) or "",
            row.hash,
        ]
        cells = [*told, *(_cell(shape, _at(row.body, path)) for path, shape in fields)]
        writer.writerow([neutral(str(cell)) for cell in cells])
        yield _drained(out)
    yield _drained(out)


def plan(actor: Actor, kind: RecordKind, text: str) -> list[Row]:
    """What a file would do, row by row, without doing it. Raises Invalid when it is no such file."""
    reader = csv.DictReader(StringIO(text.lstrip("\ufeff")))
    heads = [head.strip() for head in reader.fieldnames or []]
    fields = dict(columns(kind.schema))
    unknown = [head for head in heads if head and head not in fields and head not in TOLD]
    if SYSTEM not in heads:
        raise Invalid(
            "The file has no column “system”.", fields={"file": "Export the table, fill it in, and send it back."}
        )
    if unknown:
        names = ", ".join(unknown[:5])
        raise Invalid(f"These columns are not of “{kind.title}”: {names}.", fields={"file": "Rename or remove them."})
    lines = [{(key or "").strip(): value for key, value in row.items()} for row in reader]
    if len(lines) > MOST_ROWS:
        raise Invalid(f"More than {MOST_ROWS} rows.", fields={"file": "Split the file."})
    known = {system.number: system for system in systems(actor).select_related("unit")}
    drafts = {
        row.system_id: row.body
        for row in Record.objects.of(actor).filter(kind=kind.id, state__in=("draft", "sealed")).order_by("version")
    }
    seen: set[int] = set()
    return [_planned(actor, kind, fields, number, line, known, drafts, seen) for number, line in enumerate(lines, 2)]


@transaction.atomic
def carry_out(actor: Actor, kind: RecordKind, rows: Iterable[Row]) -> list[Row]:
    """Save the planned drafts, all or none. Returns the rows with what became of them."""
    done = []
    for row in rows:
        if row.outcome == "draft" and row.system is not None:
            try:
                record_draft(actor=actor, system=row.system, kind=kind.id, body=row.body)
            except PilothouseError as error:
                row.outcome, row.refused = "refused", error.detail
        done.append(row)
    return done


def _planned(
    actor: Actor,
    kind: RecordKind,
    fields: Mapping[str, Shape],
    number: int,
    line: Mapping[str, Any],
    known: Mapping[int, System],
    drafts: Mapping[Any, Any],
    seen: set[int],
) -> Row:
    told = str(line.get(SYSTEM) or "").strip().upper().removeprefix("S-")
    system = known.get(int(told)) if told.isdecimal() else None
    row = Row(number, system)
    if system is None:
        row.outcome, row.refused = "refused", f"There is no system “{line.get(SYSTEM) or ''}” that you may see."
    elif not actor.may("record.write", system):
        row.outcome, row.refused = "refused", f"You may not write about {system.ref}."
    elif system.number in seen:
        row.outcome, row.refused = "refused", f"{system.ref} stands in the file twice."
    else:
        seen.add(system.number)
        try:
            row.body = _body(fields, line)
        except ValueError as error:
            row.outcome, row.refused = "refused", str(error)
            return row
        row.missing = len(problems(kind.schema, row.body))
        row.outcome = "unchanged" if drafts.get(system.pk) == row.body else "draft"
    return row


def _body(fields: Mapping[str, Shape], line: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for path, shape in fields.items():
        text = _unquoted(str(line.get(path) or ""))
        if not text.strip():
            continue
        value: Any
        if shape.kind == "models":
            try:
                value = json.loads(text)
            except ValueError:
                raise ValueError(f"Column {path} is not JSON.") from None
        else:
            value = read(shape, text)
        *parents, last = path.split(".")
        place = body
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return body


def _unquoted(text: str) -> str:
    """Take back the apostrophe that the export put before what looks like a formula."""
    return text[1:] if text.startswith("'") and neutral(text[1:]) == text else text


def _cell(shape: Shape, value: Any) -> str:
    if shape.kind == "models":
        return json.dumps(value, ensure_ascii=False) if value else ""
    return written(shape, value)


def _at(body: Mapping[str, Any], path: str) -> Any:
    value: Any = body
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _drained(out: StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
