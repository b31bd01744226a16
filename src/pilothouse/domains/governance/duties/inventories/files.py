"""Inventories as files: what a browser, the API and the command line hand out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

from pilothouse.contracts.errors import NotFound
from pilothouse.domains.governance.duties.inventories.atrs import as_json, as_markdown, as_rows
from pilothouse.domains.governance.duties.inventories.forms import atrs_form
from pilothouse.domains.governance.duties.inventories.omb import Sheet
from pilothouse.domains.governance.duties.inventories.reading import atrs_records, omb_sheet
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.web.inventory.export import neutral

MEDIA = {"csv": "text/csv; charset=utf-8", "json": "application/json", "md": "text/markdown; charset=utf-8"}


def omb_csv(sheet: Sheet) -> bytes:
    """The inventory as OMB asks for it: UTF-8 with its mark, the form's codes as the header."""
    rows = [[column.code for column in sheet.form.columns]]
    rows += [[line.cells[column.code] for column in sheet.form.columns] for line in sheet.lines]
    return _csv(rows)


def missing_csv(sheet: Sheet) -> bytes:
    """What keeps each row from being whole, and the systems that are left out."""
    titles = {column.code: column.title for column in sheet.form.columns}
    rows = [["system", "name", "column", "what", "why"]]
    for line in sheet.incomplete:
        rows += [[f"S-{line.number}", line.name, code, titles[code], "must be filled"] for code in line.missing]
        rows += [[f"S-{line.number}", line.name, code, titles[code], "none of the choices"] for code in line.strange]
    rows += [[f"S-{number}", name, "", "", why] for number, name, why in sheet.left_out]
    return _csv(rows)


def atrs_file(actor: Actor, query: SystemQuery, ending: str) -> bytes:
    """Transparency records as json, md or csv. Raises NotFound for another ending."""
    form, records = atrs_form(), atrs_records(actor, query)
    if ending == "json":
        return json.dumps(as_json(form, records), ensure_ascii=False, indent=2).encode()
    if ending == "md":
        return as_markdown(form, records).encode()
    if ending == "csv":
        return _csv(as_rows(form, records))
    raise NotFound


def omb_file(actor: Actor, query: SystemQuery) -> bytes:
    """The US inventory of a list of systems."""
    return omb_csv(omb_sheet(actor, query))


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
