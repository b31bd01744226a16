"""The register in the forms of authorities: what is whole, what is missing, and the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pilothouse.contracts.errors import NotFound
from pilothouse.domains.governance.duties.inventories.files import MEDIA, atrs_file, missing_csv, omb_csv
from pilothouse.domains.governance.duties.inventories.forms import atrs_form
from pilothouse.domains.governance.duties.inventories.reading import atrs_records, omb_sheet
from pilothouse.domains.governance.duties.inventories.schemas import ENTRY, TRANSPARENCY
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.web.page import Request, page

PAGE = 50
Row = tuple[int, str, Sequence[str], Sequence[str]]
FORMS = {"omb": "US federal inventory 2025", "atrs": "UK transparency standard"}


@require_GET
@page("system.export")
def inventories(request: Request) -> HttpResponse:
    """Which systems are whole for the form, and what each of the others lacks."""
    chosen = request.GET.get("form", "omb")
    chosen = chosen if chosen in FORMS else "omb"
    context = {"tabs": [(key, label, f"?form={key}") for key, label in FORMS.items()], "chosen": chosen}
    found = _omb(request) if chosen == "omb" else _atrs(request)
    return render(request, "duties/inventories.html", context | found)


def _omb(request: Request) -> dict[str, object]:
    sheet = omb_sheet(request.actor, SystemQuery())
    titles = {column.code: column.title for column in sheet.form.columns}
    lacking = Counter(titles[code] for line in sheet.lines for code in line.missing)
    rows: list[Row] = [
        (line.number, line.name, [titles[code] for code in line.missing], [titles[code] for code in line.strange])
        for line in sheet.incomplete
    ]
    return {
        "form": sheet.form,
        "total": len(sheet.lines),
        "whole": len(sheet.lines) - len(rows),
        "left_out": sheet.left_out,
        "lacking": lacking.most_common(8),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "kind": ENTRY,
    }


def _atrs(request: Request) -> dict[str, object]:
    records = atrs_records(request.actor, SystemQuery())
    rows: list[Row] = [(one.number, one.tool_name, one.missing, ()) for one in records if one.missing]
    return {
        "form": atrs_form(),
        "total": len(records),
        "whole": len(records) - len(rows),
        "left_out": (),
        "lacking": Counter(title for one in records for title in one.missing).most_common(8),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "kind": TRANSPARENCY,
    }


@require_GET
@page("system.export")
def omb_download(request: Request, part: str) -> HttpResponse:
    """The US inventory as CSV, or what is missing in it."""
    if part not in ("inventory", "missing"):
        raise NotFound
    sheet = omb_sheet(request.actor, SystemQuery.parse(request.GET))
    data = omb_csv(sheet) if part == "inventory" else missing_csv(sheet)
    return _file(data, f"omb-2025-{part}.csv", "csv")


@require_GET
@page("system.export")
def atrs_download(request: Request, ending: str) -> HttpResponse:
    """Transparency records as JSON, Markdown or CSV."""
    data = atrs_file(request.actor, SystemQuery.parse(request.GET), ending)
    return _file(data, f"transparency-records.{ending}", ending)


def _file(data: bytes, name: str, ending: str) -> HttpResponse:
    response = HttpResponse(data, content_type=MEDIA[ending])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
