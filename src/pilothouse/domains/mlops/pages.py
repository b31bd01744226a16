"""Incidents with the course they took: what the domain's answer counts."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pilothouse.domains.mlops.rules import MARKS, detection, due, place
from pilothouse.domains.mlops.selectors import alerting, courses, incidents, of_the_year, running
from pilothouse.kernel import clock
from pilothouse.web.page import Request, page

PAGE = 50
SHOWS = {
    "year": "Twelve months",
    "timed": "Beginning known",
    "untimed": "Beginning unknown",
    "open": "Open",
    "all": "All",
}


@require_GET
@page("system.view")
def incident_list(request: Request) -> HttpResponse:
    """The incidents of the last twelve months (those that the answer counts), or all, or those that are open."""
    now = clock.now()
    every = incidents(request.actor)
    year = of_the_year(every, now)
    chosen = {
        "year": year,
        "timed": [row for row in year if row.body["onset"]],
        "untimed": [row for row in year if not row.body["onset"]],
        "open": sorted((row for row in every if due(row.body)), key=lambda row: str(due(row.body))),
        "all": every,
    }
    show = request.GET.get("show", "year")
    show = show if show in chosen else "year"
    shown = Paginator(chosen[show], PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": [(key, label, f"?show={key}", len(chosen[key])) for key, label in SHOWS.items()],
        "show": show,
        "page": shown,
        "rows": [(row, drawn, due(row.body)) for row, drawn in courses(shown.object_list, now)],
        "found": detection(row.body for row in year),
        "marks": [(place(hours), label) for hours, label in MARKS],
        "covered": len({system for system, _ in alerting(request.actor)}),
        "running": running(request.actor),
        "now": now,
    }
    return render(request, "mlops/incidents.html", context)
