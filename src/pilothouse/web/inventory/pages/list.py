"""The list of systems: search, filters, views, columns, exports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from pilothouse.contracts.errors import Invalid, PilothouseError
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.inventory.actions import saved_view_delete, saved_view_save
from pilothouse.kernel.inventory.models import SavedView
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.inventory.selectors import (
    chips,
    facets,
    missing_counts,
    owners_in_use,
    saved_views,
    systems,
    systems_matching,
    tags_in_use,
    unit_tree,
    vendors_in_use,
)
from pilothouse.web.inventory.columns import Column, all_columns, chosen_columns
from pilothouse.web.inventory.export import as_csv, as_xlsx
from pilothouse.web.page import Request, page
from pilothouse.web.streaming import blocks, stream

ROWS = 50
EXPORTS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_GET
@page("system.view")
def system_list(request: Request) -> HttpResponse:
    """The systems that answer the URL's question, a page of them, with the filters that lead on."""
    actor = request.actor
    known = all_columns(actor)
    try:
        query = SystemQuery.parse(request.GET)
        columns = chosen_columns(known, query.columns)
        found = systems_matching(actor, query)
        wrong = ""
    except Invalid as error:
        # A mistyped address still opens the list, and says which part of it was not understood.
        query, wrong = SystemQuery(), error.detail
        columns, found = chosen_columns(known, ()), systems_matching(actor, SystemQuery())
    wanted = {column.prefetch for column in columns if column.prefetch}
    shown = Paginator(found.prefetch_related(*wanted), ROWS).get_page(query.page)
    context = {
        "query": query,
        "wrong": wrong,
        "page": shown,
        "columns": [_head(column, query) for column in columns],
        "rows": [(system, [(column, column.value(system)) for column in columns]) for system in shown],
        "chips": chips(actor, query),
        "facets": [_facet(facet, query) for facet in facets(actor, query)],
        "missing": [(*row, query_string(_toggled(query, "missing", row[0]))) for row in missing_counts(actor, query)],
        "views": saved_views(actor),
        "all_columns": [(c, c in columns) for c in known.values()],
        "plain_query": query.without_page().urlencode(),
        "default_columns": replace(query, columns=(), page=1).urlencode(),
        "request_url": f"/o/{request.organisation.slug}/requests/new/",
        "cleared": query_string(query.without_filters()),
        "nothing_at_all": not shown.paginator.count and not query.filters() and not systems(actor).exists(),
        "may_create": actor.may("system.create"),
        "may_bulk": actor.may("system.bulk"),
        "may_export": actor.may("system.export"),
        "may_share": actor.may("organisation.change"),
        "may_request": actor.may("fact.request"),
        "may_import": actor.may("system.import"),
    }
    return render(request, "inventory/list.html", context, status=422 if wrong else 200)


@require_GET
@page("system.view")
def more_filters(request: Request) -> HttpResponse:
    """The filters with many values (unit, owner, vendor, tag), fetched when their dialog opens."""
    actor = request.actor
    query = SystemQuery.parse(request.GET)
    asked = ("unit", "owner", "vendor", "tag", "changed_since", "inherited", "page")
    kept = [(key, value) for key, value in query.pairs() if key not in asked]
    context = {
        "query": query,
        "kept": kept,
        "units": [(u, "– " * depth, str(u.pk)) for u, depth in unit_tree(Unit.objects.of(actor))],
        "owners": owners_in_use(systems(actor)),
        "vendors": vendors_in_use(systems(actor)),
        "tags": tags_in_use(systems(actor)),
    }
    return render(request, "inventory/_more_filters.html", context)


@require_GET
@page("system.export")
def export(request: Request, kind: str) -> StreamingHttpResponse:
    """Exactly the filtered rows, all columns."""
    query = SystemQuery.parse(request.GET)
    name = f"{request.organisation.slug}-systems-{timezone.localdate():%Y-%m-%d}.{kind}"
    # A bad filter must answer with a sentence, so it is tried before the answer begins.
    systems_matching(request.actor, query)
    pieces = blocks(as_xlsx(request.actor, query)) if kind == "xlsx" else as_csv(request.actor, query)
    return stream(request, pieces, filename=name, content_type=EXPORTS[kind])


@require_POST
@page("system.view")
def view_save(request: Request) -> HttpResponse:
    """Keep the list's filters under a name."""
    query = SystemQuery.parse(request.POST.get("query", ""))
    try:
        view = saved_view_save(
            actor=request.actor,
            name=request.POST.get("name", ""),
            query=query,
            shared=request.POST.get("shared") == "on",
        )
        messages.success(request, f"The view “{view.name}” is kept.")
    except PilothouseError as error:
        messages.error(request, next(iter(error.fields.values()), error.detail))
    return _back(request, query)


@require_POST
@page("system.view")
def view_delete(request: Request, view_id: str) -> HttpResponse:
    """Forget a saved view."""
    view = SavedView.objects.get_of(request.actor, pk=view_id)
    saved_view_delete(actor=request.actor, saved_view=view)
    messages.success(request, f"The view “{view.name}” is gone; the systems are not.")
    return _back(request, SystemQuery())


def query_string(query: SystemQuery) -> str:
    """A link to the list under `query`, relative to the list."""
    return f"?{query.urlencode()}"


def _back(request: Request, query: SystemQuery) -> HttpResponse:
    return redirect(f"/o/{request.organisation.slug}/systems/{query_string(query) if query.pairs() else ''}")


def _head(column: Column, query: SystemQuery) -> dict[str, Any]:
    now = query.sort.removeprefix("-") == column.sort
    way = ("descending" if query.sort.startswith("-") else "ascending") if now and column.sort else ""
    href = query_string(query.sorted_by(column.sort)) if column.sort else ""
    return {"key": column.key, "title": column.title, "kind": column.kind, "href": href, "way": way}


def _toggled(query: SystemQuery, key: str, value: str) -> SystemQuery:
    chosen = getattr(query, key)
    rest = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
    return query.choosing(**{key: rest})


def _facet(facet: Any, query: SystemQuery) -> dict[str, Any]:
    values = [(value, query_string(_toggled(query, facet.key, value.value))) for value in facet.values]
    return {
        "key": facet.key,
        "title": facet.title,
        "values": values,
        "chosen": len(getattr(query, facet.key)),
        "clear": query_string(query.choosing(**{facet.key: ()})),
    }
