"""What is missing, over all systems: filters in the address, the heaviest first, and the same rows as a file."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import xlsxwriter
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.checks.models import FindingRow
from pilothouse.kernel.checks.selectors import Gap, as_gaps, gaps
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.models import Stage, Tier
from pilothouse.web.checks.pages.rulebook import tabs_of
from pilothouse.web.inventory.export import neutral
from pilothouse.web.page import Request, page
from pilothouse.web.streaming import stream

PAGE = 50
CHUNK = 1000
HEADS = ("System", "Name", "Unit", "Owner", "Stage", "Tier", "Missing", "Status", "Because", "Since", "Due")
STATUSES = (("not_met", "Not met"), ("unknown", "Unknown"), ("in_progress", "In progress"))


def chosen(request: Request) -> dict[str, Any]:
    """The filters of the address, without the empty ones."""
    keys = ("check", "status", "tier", "stage", "unit", "owner", "text")
    found: dict[str, Any] = {key: value for key in keys if (value := request.GET.get(key, "").strip())}
    if request.GET.get("overdue"):
        found["overdue"] = True
    return found


@require_GET
@page("system.view")
def gap_list(request: Request) -> HttpResponse:
    """The gaps that the filters leave."""
    filters, wrong = chosen(request), ""
    try:
        rows = gaps(request.actor, **filters)
    except Invalid as error:
        rows, wrong = gaps(request.actor), error.detail
    shown = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": tabs_of(request),
        "page": shown,
        "gaps": as_gaps(request.actor, shown.object_list),
        "filters": filters,
        "query": urlencode(filters),
        "wrong": wrong,
        "checks": registry.checks.values(),
        "statuses": STATUSES,
        "tiers": Tier.choices,
        "stages": Stage.choices,
        "units": Unit.objects.of(request.actor).order_by("name"),
        "may_export": request.actor.may("system.export"),
    }
    return render(request, "checks/gaps.html", context)


@require_GET
@page("system.export")
def export(request: Request, kind: str) -> HttpResponseBase:
    """The same rows as CSV or XLSX."""
    rows = gaps(request.actor, **chosen(request))
    if kind == "csv":
        return stream(request, _csv(request, rows), filename="gaps.csv", content_type="text/csv; charset=utf-8")
    return _xlsx(request, rows)


def cells(gap: Gap) -> list[str]:
    """A gap as a row of a file, nothing of which a spreadsheet takes for a formula."""
    system = gap.system
    words = [
        system.ref,
        system.name,
        system.unit.name if system.unit else "",
        system.owner.name if system.owner else "",
        system.get_stage_display(),
        system.get_tier_display(),
        gap.check.title,
        gap.status.replace("_", " "),
        gap.reason,
        gap.since.date().isoformat(),
        gap.due.date().isoformat() if gap.due else "",
    ]
    return [neutral(word) for word in words]


def _rows(request: Request, rows: QuerySet[FindingRow]) -> Iterator[list[str]]:
    ordered = rows.iterator(chunk_size=CHUNK)
    batch: list[FindingRow] = []
    for row in ordered:
        batch.append(row)
        if len(batch) == CHUNK:
            yield from (cells(gap) for gap in as_gaps(request.actor, batch))
            batch.clear()
    yield from (cells(gap) for gap in as_gaps(request.actor, batch))


def _csv(request: Request, rows: QuerySet[FindingRow]) -> Iterator[str]:
    out = StringIO()
    writer = csv.writer(out)
    yield "\ufeff"
    writer.writerow(HEADS)
    for row in _rows(request, rows):
        writer.writerow(row)
        if out.tell() > 64_000:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _xlsx(request: Request, rows: QuerySet[FindingRow]) -> FileResponse:
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it when it is sent
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet("Gaps")
    for at, head in enumerate(HEADS):
        sheet.write_string(0, at, head)
    for number, row in enumerate(_rows(request, rows), start=1):
        for at, word in enumerate(row):
            sheet.write_string(number, at, word)
    book.close()
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="gaps.xlsx")
