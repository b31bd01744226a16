"""Every kind of document, and each of them as a table: found, sorted, exported and imported."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from pilothouse.contracts.errors import Forbidden, Invalid, PilothouseError
from pilothouse.kernel.domain import RecordKind, registry
from pilothouse.kernel.records.kinds import may_read
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import shapes
from pilothouse.kernel.records.selectors import counts
from pilothouse.web.page import Request, page
from pilothouse.web.records import bring, export
from pilothouse.web.records.forms import ImportForm
from pilothouse.web.records.listing import Listing
from pilothouse.web.records.pages.documents import document_page
from pilothouse.web.records.pages.places import Place, place_of, to_write
from pilothouse.web.records.shown import Links, domain_title
from pilothouse.web.streaming import blocks, stream

PAGE = 50
IMPORT_LIMIT = 2**20
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TABS = (("", "What stands"), *Record.STATES)


@require_GET
@page("organisation.view")
def overview(request: Request) -> HttpResponse:
    """Every kind of document by domain: why it is kept, and how many there are."""
    found = counts(request.actor)
    kinds = [kind for kind in registry.records.values() if _seen(request, kind)]
    if not kinds:
        raise Forbidden("Your roles do not include reading documents here. Ask someone who manages people and roles.")
    rows = [(kind, found.get((kind.id, "sealed"), 0), found.get((kind.id, "draft"), 0)) for kind in kinds]
    groups = [(title, list(inner)) for title, inner in groupby(rows, key=lambda row: domain_title(row[0]))]
    return render(request, "records/overview.html", {"groups": groups})


@require_GET
@page("organisation.view")
def kind_list(request: Request, kind: str) -> HttpResponse:
    """All documents of a kind, a register as a table, or the organisation's one document."""
    place = place_of(request, kind)
    if not place.kind.many and not place.kind.of_system:
        return document_page(request, place)
    return table_page(request, place)


def table_page(request: Request, place: Place) -> HttpResponse:
    """The table of a kind, or of one system's entries of a register."""
    listing = Listing(request.actor, place.kind, request.GET, system=place.system)
    shown = Paginator(listing.rows(), PAGE).get_page(request.GET.get("page"))
    rows = list(shown)
    links = Links(request.actor, place.slug, _named(listing, rows), place.system)
    context = {
        "place": place,
        "kind": place.kind,
        "system": place.system,
        "listing": listing,
        "page": shown,
        "rows": [(row, [_cell(links, column, row, text) for column, text in listing.cells(row)]) for row in rows],
        "tabs": [(state, title, "?" + listing.keep(state=state)) for state, title in TABS],
        "asked_first": [shape.title for shape in shapes(place.kind.schema) if shape.required][:6],
        "may_export": request.actor.may("system.export"),
        "may_import": request.actor.may(place.kind.write) and (place.kind.of_system or place.may_write),
        "domain": domain_title(place.kind),
    }
    return render(request, "records/kind.html", context)


@require_GET
@page("system.export")
def kind_export(request: Request, kind: str, ending: str) -> HttpResponseBase:
    """What the table shows, with every field, as CSV or XLSX."""
    place = place_of(request, kind)
    listing = Listing(request.actor, place.kind, request.GET, permission="system.export")
    name = f"{kind.replace('.', '-')}-{request.organisation.slug}.{ending}"
    if ending == "xlsx":
        pieces: Any = blocks(export.as_xlsx(place.kind, listing.rows()))
    else:
        pieces = export.as_csv(place.kind, listing.rows())
    return stream(request, pieces, filename=name, content_type=TYPES[ending])


@require_http_methods(["GET", "POST"])
@page("organisation.view")
def kind_import(request: Request, kind: str) -> HttpResponse:
    """A CSV file: first what it would do, then doing it. It saves drafts; sealing is asked for, and is all or none."""
    place = place_of(request, kind)
    if place.kind.of_system:
        request.actor.require(place.kind.write)
    else:
        to_write(place)
    form = ImportForm(request.POST, request.FILES) if request.FILES else ImportForm()
    text, seal = request.POST.get("text", ""), bool(request.POST.get("seal"))
    context: dict[str, Any] = {"kind": place.kind, "place": place, "form": form, "text": text, "seal": seal}
    try:
        if request.method == "POST" and not text:
            text = context["text"] = _uploaded(form)
        if text:
            rows = bring.plan(request.actor, place.kind, text, seal=seal)
            if request.POST.get("confirm"):
                done = bring.carry_out(request.actor, place.kind, rows, seal=seal)
                refused = bring.counts(rows)["refused"]
                what = "sealed" if seal else "saved as drafts"
                messages.success(request, f"{len(done)} {what}, {refused} rows refused.")
                return redirect("records:kind", slug=place.slug, kind=kind)
            context |= {"rows": rows, "counts": bring.counts(rows), "ready": any(row.done for row in rows)}
            if seal and context["counts"]["refused"]:
                context["ready"] = False
    except PilothouseError as error:
        return render(request, "records/import.html", context | {"wrong": error, "text": "", "rows": []}, status=422)
    return render(request, "records/import.html", context)


def _seen(request: Request, kind: RecordKind) -> bool:
    return request.actor.may(kind.view) if kind.of_system else may_read(request.actor, kind, None)


def _named(listing: Listing, rows: list[Record]) -> list[tuple[str, str]]:
    return [(one.shape.refers, text) for row in rows for one, text in listing.cells(row) if one.shape.refers and text]


def _cell(links: Links, column: Any, row: Record, text: str) -> dict[str, Any]:
    words, href = links.of(column.shape.refers, text) if column.shape.refers and text else (text, "")
    return {"title": column.title, "number": column.number, "words": words, "href": href}


def _uploaded(form: ImportForm) -> str:
    if not form.is_bound or not form.is_valid():
        raise Invalid("Choose a CSV file.", fields={"file": "Choose a CSV file."})
    data = form.cleaned_data["file"].read(IMPORT_LIMIT + 1)
    if len(data) > IMPORT_LIMIT:
        raise Invalid("The file is larger than 1 MB.", fields={"file": "Split the file."})
    try:
        return str(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Invalid("The file is not UTF-8 text.", fields={"file": "Save it as “CSV UTF-8”."}) from None
