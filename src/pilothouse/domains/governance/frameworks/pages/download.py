"""What people take away: a framework as YAML or OSCAL, its mapping, our controls, and gaps as a table."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator
from io import StringIO
from typing import Any

import xlsxwriter
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET

from pilothouse.contracts.errors import NotFound
from pilothouse.domains.governance.frameworks.exchange import controls_yaml, framework_yaml
from pilothouse.domains.governance.frameworks.gaplist import GapList
from pilothouse.domains.governance.frameworks.library_of import adopted, library
from pilothouse.domains.governance.frameworks.oscal.catalog import catalog_of
from pilothouse.domains.governance.frameworks.oscal.component import component_definition_of
from pilothouse.domains.governance.frameworks.oscal.mapping import mapping_of
from pilothouse.domains.governance.frameworks.pages.framework import framework_of_page, gap_filters, gap_list
from pilothouse.kernel import clock
from pilothouse.web.inventory.export import neutral
from pilothouse.web.page import Request, page
from pilothouse.web.streaming import stream

CHUNK = 500
HEADS = (
    "Framework", "Requirement", "Title", "Citation", "Applies from", "System", "Name", "Owner", "State", "Because",
    "Control",
)  # fmt: skip


@require_GET
@page("system.view")
def download(request: Request, key: str, kind: str) -> HttpResponse:
    """A framework in our YAML, as an OSCAL catalog, or its mapping to controls as an OSCAL mapping collection."""
    found = framework_of_page(request, key)
    if kind == "yaml":
        return _sent(framework_yaml(found.document), f"{key}.yaml", "application/yaml")
    if kind == "catalog":
        return _json(catalog_of(found.document, found.row.written_at), f"{key}.catalog.json")
    if kind == "mapping":
        return _json(mapping_of(found.document, found.row.written_at), f"{key}.mapping.json")
    raise NotFound


@require_GET
@page("system.view")
def components(request: Request, kind: str) -> HttpResponse:
    """All controls in our YAML, or as an OSCAL component definition with what they implement."""
    controls = list(library(request.actor.organisation_id).controls.values())
    if kind == "yaml":
        return _sent(controls_yaml(controls), "controls.yaml", "application/yaml")
    if kind == "oscal":
        having = adopted(request.actor.organisation_id)
        when = max((one.row.written_at for one in having), default=clock.now())
        document = component_definition_of(controls, [one.document for one in having], when)
        return _json(document, "controls.component-definition.json")
    raise NotFound


def _json(document: Any, filename: str) -> HttpResponse:
    return _sent(json.dumps(document, indent=2, ensure_ascii=False) + "\n", filename, "application/json")


def _sent(text: str, filename: str, media_type: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{media_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


@require_GET
@page("system.export")
def export(request: Request, key: str, ending: str) -> HttpResponseBase:
    """The gaps that the address narrows to, as CSV or XLSX."""
    found = framework_of_page(request, key)
    _, rows = gap_list(request, found, gap_filters(request))
    table = _table(found.document.title, rows)
    if ending == "csv":
        return stream(request, _csv(table), filename=f"{key}-gaps.csv", content_type="text/csv; charset=utf-8")
    if ending == "xlsx":
        return _xlsx(table, f"{key}-gaps.xlsx")
    raise NotFound


def _table(title: str, rows: GapList) -> Iterator[list[str]]:
    yield list(HEADS)
    for start in range(0, len(rows), CHUNK):
        for gap in rows[start : start + CHUNK]:
            asked = gap.requirement
            cells = (
                title,
                asked.name,
                asked.title,
                asked.cite,
                asked.from_.isoformat() if asked.from_ else "",
                gap.system.ref,
                gap.system.name,
                gap.owner.name if gap.owner else "",
                gap.state.value,
                gap.reason,
                gap.control,
            )
            yield [neutral(cell) for cell in cells]


def _csv(table: Iterator[list[str]]) -> Iterator[str]:
    out = StringIO()
    writer = csv.writer(out)
    yield "\ufeff"
    for row in table:
        writer.writerow(row)
        if out.tell() > 64_000:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _xlsx(table: Iterator[list[str]], filename: str) -> FileResponse:
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it when it is sent
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet("Gaps")
    bold = book.add_format({"bold": True, "bottom": 1})
    for number, row in enumerate(table):
        for place, text in enumerate(row):
            if text:
                # write_string never makes a formula or a link of what it is given.
                sheet.write_string(number, place, text, None if number else bold)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(HEADS) - 1, 22)
    book.close()
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename)
