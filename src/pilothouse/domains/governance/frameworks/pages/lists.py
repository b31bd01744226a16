"""All frameworks with their figures, those that can be adopted, and the matrix of systems by frameworks."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from pilothouse.domains.governance.frameworks import shipped
from pilothouse.domains.governance.frameworks.actions import MANAGE
from pilothouse.domains.governance.frameworks.coverage import (
    field_of,
    matrix_systems,
    overview,
    system_counts,
)
from pilothouse.domains.governance.frameworks.library_of import adopted
from pilothouse.kernel import clock
from pilothouse.kernel.records.judging import today as day_of
from pilothouse.web.page import Request, page

PAGE = 40


def today() -> date:
    """The day on which pages judge."""
    return day_of(clock.now())


def tabs_of(request: Request) -> list[tuple[str, str, str]]:
    """The tabs of this room."""
    names = (
        ("frameworks", "Frameworks", "list"),
        ("matrix", "By system", "matrix"),
        ("controls", "Controls", "controls"),
    )
    slug = request.organisation.slug
    return [(key, label, reverse(f"frameworks:{name}", kwargs={"slug": slug})) for key, label, name in names]


def ahead_of(request: Request) -> bool:
    """Is what does not apply yet to be counted too?"""
    return request.GET.get("ahead") == "1"


@require_GET
@page("system.view")
def framework_list(request: Request) -> HttpResponse:
    """The adopted frameworks, the worst covered first to the eye; below, what can be adopted."""
    field = field_of(request.actor, today())
    found = [overview(request.actor, field, one) for one in adopted(request.actor.organisation_id)]
    having = {one.framework.key for one in found}
    newer = {
        one.framework.key
        for one in found
        if one.framework.row.origin == "shipped" and shipped.hashes().get(one.framework.key) != one.framework.row.hash
    }
    context: dict[str, Any] = {
        "tabs": tabs_of(request),
        "lines": [(one, one.figure(), one.figure(ahead=True), one.framework.key in newer) for one in found],
        "others": [one for key, one in shipped.frameworks().items() if key not in having],
        "systems": len(field.ids),
        "may_manage": request.actor.scope(MANAGE).everywhere,
    }
    return render(request, "frameworks/list.html", context)


@require_GET
@page("system.view")
def matrix(request: Request) -> HttpResponse:
    """Systems down, frameworks across: how much of each is met, and how its gaps look."""
    rows = matrix_systems(request.actor)
    query = request.GET.get("q", "").strip()[:200]
    if query:
        rows = rows.filter(name__icontains=query)
    shown = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    ids = [system.pk for system in shown.object_list]
    field = field_of(request.actor, today(), rows.filter(pk__in=ids).select_related(None))
    having, ahead = adopted(request.actor.organisation_id), ahead_of(request)
    columns = [system_counts(field, one.document, ahead=ahead) for one in having]
    cells = {pk: [column[at] for column in columns] for at, pk in enumerate(field.ids)}
    context: dict[str, Any] = {
        "tabs": tabs_of(request),
        "frameworks": having,
        "page": shown,
        "rows": [(system, list(zip(having, cells.get(system.pk, ()), strict=False))) for system in shown.object_list],
        "q": query,
        "ahead": ahead,
    }
    return render(request, "frameworks/matrix.html", context)
