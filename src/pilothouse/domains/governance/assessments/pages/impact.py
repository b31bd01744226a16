"""The assessments of one system, and those of all."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from pilothouse.domains.governance.assessments.actions import assessment_start
from pilothouse.domains.governance.assessments.needs import ELEMENTS
from pilothouse.domains.governance.assessments.selectors import Standing, needing, standings
from pilothouse.kernel import clock
from pilothouse.kernel.domain import Status
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.page import Request, page

PAGE = 50
SHOWS: dict[str, tuple[str, tuple[Status, ...]]] = {
    "open": ("Not done", (Status.NOT_MET, Status.IN_PROGRESS, Status.UNKNOWN)),
    "done": ("Sealed and current", (Status.MET,)),
    "all": ("All", tuple(Status)),
}


@require_http_methods(["GET", "POST"])
@page("system.view")
def of_system(request: Request, number: int) -> HttpResponse:
    """Which assessments a system needs and why, what is there, what is missing in it. A POST begins one."""
    system = system_by_number(request.actor, number)
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        assessment_start(actor=request.actor, system=system, kind=kind)
        return redirect("records:edit", slug=request.organisation.slug, number=number, kind=kind)
    return render(request, "assessments/system.html", context_of(request, system))


def context_of(request: Request, system: System) -> dict[str, Any]:
    """What the page and the tab show."""
    rows = standings(request.actor, system)
    return {
        "system": system,
        "rows": [(row, _elements(row)) for row in rows],
        "asked": sum(row.need is not None for row in rows),
        "may_write": request.actor.may("record.write", system),
    }


def _elements(row: Standing) -> list[tuple[str, str, bool]]:
    """Of a draft: each element with its clause, and whether it is said."""
    return [(one.title, one.cite, one not in row.lacks) for one in ELEMENTS[row.kind]] if row.draft else []


@require_GET
@page("system.view")
def every(request: Request) -> HttpResponse:
    """The systems whose class asks for an assessment, with how each stands."""
    rows = needing(request.actor, clock.now())
    show = request.GET.get("show", "open")
    show = show if show in SHOWS else "open"
    chosen = {key: [row for row in rows if row.finding.status in states] for key, (_, states) in SHOWS.items()}
    context = {
        "tabs": [(key, title, f"?show={key}", len(chosen[key])) for key, (title, _) in SHOWS.items()],
        "show": show,
        "page": Paginator(chosen[show], PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "assessments/every.html", context)
