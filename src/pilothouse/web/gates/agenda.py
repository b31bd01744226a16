"""The agenda of the governance review: what changed materially, what it re-opened, and what was decided."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pilothouse.contracts.errors import Conflict, Invalid, NotFound
from pilothouse.kernel.gates.actions.agenda import agenda_close
from pilothouse.kernel.gates.models import AgendaItem
from pilothouse.kernel.gates.selectors import agenda
from pilothouse.kernel.records.models import Record
from pilothouse.web.page import Request, page

PAGE = 50


@require_http_methods(["GET", "POST"])
@page("system.view")
def agenda_page(request: Request) -> HttpResponse:
    """What is open, newest first, or everything. A POST takes one item off with what was decided."""
    if request.method == "POST":
        return _close(request)
    show = "all" if request.GET.get("show") == "all" else "open"
    shown = Paginator(agenda(request.actor, open_only=show == "open"), PAGE).get_page(request.GET.get("page"))
    waits = _waiting(list(shown))
    here = reverse("gates:agenda", kwargs={"slug": request.organisation.slug})
    context = {
        "tabs": [("open", "Open", here), ("all", "All", f"{here}?show=all")],
        "show": show,
        "page": shown,
        "rows": [
            (item, [(one, one["record"] in waits) for one in item.reopened], _may(request, item)) for item in shown
        ],
    }
    return render(request, "gates/agenda.html", context)


def _may(request: Request, item: AgendaItem) -> bool:
    return item.closed_at is None and request.actor.may("gate.restrict", item.system)


def _waiting(items: list[AgendaItem]) -> frozenset[str]:
    """Which of the documents that they re-opened nobody has looked at yet. One query."""
    named = [one["record"] for item in items for one in item.reopened]
    rows = Record.objects.filter(pk__in=named, state="sealed", look_again__isnull=False)
    return frozenset(str(pk) for pk in rows.values_list("pk", flat=True)) if named else frozenset()


def _close(request: Request) -> HttpResponse:
    try:
        wanted = UUID(request.POST.get("item", ""))
    except ValueError:
        raise NotFound from None
    item = agenda(request.actor, open_only=False).filter(pk=wanted).first()
    if item is None:
        raise NotFound
    try:
        outcome = request.POST.get("outcome", "")
        agenda_close(actor=request.actor, system=item.system, item=item, outcome=outcome)
    except (Conflict, Invalid) as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, "It is off the agenda; what was decided is kept.")
    return redirect("gates:agenda", slug=request.organisation.slug)
