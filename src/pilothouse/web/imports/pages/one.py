"""One import: what it would do or did, row by row."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from pilothouse.contracts.errors import Conflict, NotFound, PilothouseError
from pilothouse.kernel.imports.actions import import_apply, import_discard, import_refresh
from pilothouse.kernel.imports.adapters.registry import ADAPTERS
from pilothouse.kernel.imports.models import ImportBatch, ImportRow, Outcome
from pilothouse.kernel.imports.selectors import import_by_id, rows_of
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.web.imports.wording import cells_of, lines_of, missing_of, read_of, shown
from pilothouse.web.inventory.export import neutral
from pilothouse.web.page import Request, page

ROWS = 50
GONE_SHOWN = 200
TABS = (
    ("", "All rows"),
    ("create", "Create"),
    ("change", "Change"),
    ("leave", "Leave"),
    ("refuse", "Refuse"),
    ("flagged", "To look at"),
    ("kept", "Kept by hand"),
    ("gone", "Not in this file"),
)


@require_GET
@page("system.import")
def import_detail(request: Request, batch_id: str) -> HttpResponse:
    """Every row with its outcome and its differences; the counts are the filters."""
    batch = import_by_id(request.actor, batch_id)
    if batch.status == "uploaded":
        return redirect("imports:mapping", slug=request.organisation.slug, batch_id=batch.pk)
    show, search = request.GET.get("show", ""), request.GET.get("q", "").strip()
    context: dict[str, Any] = {
        "batch": batch,
        "kind": ADAPTERS[batch.adapter].title,
        "tabs": _tabs(request, batch),
        "show": show,
        "q": search,
        "total": sum(batch.counts.values()),
        "counts": batch.counts,
        "may_bulk": request.actor.may("system.bulk"),
    }
    if show == "gone":
        context["gone"] = systems(request.actor).filter(pk__in=batch.gone[:GONE_SHOWN]).select_related("unit")
        context["gone_more"] = max(0, len(batch.gone) - GONE_SHOWN)
        return render(request, "imports/detail.html", context)
    rows = rows_of(batch, show=show, search=search).defer("raw", "missing")
    chosen = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    context |= {"page": chosen, "rows": _rows(request, batch, list(chosen))}
    return render(request, "imports/detail.html", context)


def _tabs(request: Request, batch: ImportBatch) -> list[tuple[str, str, str, int]]:
    found = batch.rows.aggregate(flagged=Count("pk", filter=~Q(flags=[])), kept=Count("pk", filter=Q(kept__gt=0)))
    counts = {"": sum(batch.counts.values()), **batch.counts, **found, "gone": len(batch.gone)}
    url = reverse("imports:detail", kwargs={"slug": request.organisation.slug, "batch_id": batch.pk})
    always = ("", "create", "change", "leave", "refuse")
    return [
        (key, label, f"{url}?show={key}" if key else url, counts[key])
        for key, label in TABS
        if counts[key] or key in always
    ]


def _rows(request: Request, batch: ImportBatch, rows: list[ImportRow]) -> list[dict[str, Any]]:
    there = {
        system.pk: system
        for system in systems(request.actor).filter(pk__in=[row.system_id for row in rows if row.system_id])
    }
    return [
        {
            "row": row,
            "system": there.get(row.system_id) if row.system_id else None,
            "lines": lines_of(row.differences, batch),
            "impact": shown("impact", row.values.get("impact")),
        }
        for row in rows
    ]


@require_GET
@page("system.import")
def import_row(request: Request, batch_id: str, line: int) -> HttpResponse:
    """One row: every cell as it stood, and what was understood."""
    batch = import_by_id(request.actor, batch_id)
    row = batch.rows.filter(line=line).first()
    if row is None:
        raise NotFound
    context = {
        "batch": batch,
        "row": row,
        "cells": cells_of(row.raw, batch),
        "read": read_of(row.values),
        "missing": missing_of(row.missing),
        "lines": lines_of(row.differences, batch),
        "column": batch.titles.get(row.column, row.column),
        "system": systems(request.actor).filter(pk=row.system_id).first() if row.system_id else None,
    }
    return render(request, "imports/row.html", context)


@require_POST
@page("system.import")
def apply(request: Request, batch_id: str) -> HttpResponse:
    """Do all of it. When the register has changed since the preview, show the new preview instead."""
    batch = import_by_id(request.actor, batch_id)
    try:
        done = import_apply(actor=request.actor, batch=batch, expect=request.POST.get("expect") or None)
        counts = done.counts
        messages.success(
            request,
            f"Imported: {counts['create']} created, {counts['change']} changed, {counts['leave']} left as they were, "
            f"{counts['refuse']} refused.",
        )
    except Conflict as error:
        if error.code == "preview_outdated":
            import_refresh(actor=request.actor, batch=batch)
        messages.error(request, error.detail)
    except PilothouseError as error:
        messages.error(request, error.detail)
    return redirect("imports:detail", slug=request.organisation.slug, batch_id=batch_id)


@require_POST
@page("system.import")
def discard(request: Request, batch_id: str) -> HttpResponse:
    """Put the preview aside."""
    try:
        import_discard(actor=request.actor, batch=import_by_id(request.actor, batch_id))
        messages.success(request, "Discarded. Nothing was imported.")
    except Conflict as error:
        messages.error(request, error.detail)
    return redirect("imports:list", slug=request.organisation.slug)


@require_GET
@page("system.import")
def refused_csv(request: Request, batch_id: str) -> HttpResponse:
    """The refused rows with line, column and reason, in front of their own cells, to be mended and sent again."""
    batch = import_by_id(request.actor, batch_id)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Line", "Column to mend", "Reason", *(neutral(title) for _, title in batch.columns)])
    for row in rows_of(batch, show=Outcome.REFUSE):
        cells = [neutral(row.raw.get(key, "")) for key, _ in batch.columns]
        writer.writerow([row.line, neutral(batch.titles.get(row.column, row.column)), row.reason, *cells])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{batch.pk}.csv"'
    return response


@require_GET
@page("system.import")
def original(request: Request, batch_id: str) -> FileResponse:
    """The file as it was uploaded, never shown in the browser."""
    batch = import_by_id(request.actor, batch_id)
    return FileResponse(
        batch.file.open("rb"), as_attachment=True, filename=batch.filename, content_type="application/octet-stream"
    )
