"""A system's page: a story first, then tabs. What other rooms know of it comes through web/panels.py."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import Relation, System
from pilothouse.kernel.inventory.selectors import duplicates, system_by_number
from pilothouse.web.inventory.story import says
from pilothouse.web.page import Request, page
from pilothouse.web.panels import panels


@require_GET
@page("system.view")
def system_detail(request: Request, number: int) -> HttpResponse:
    """What it is, where it stands, why, what is missing, who acts next; then everything else in tabs."""
    actor = request.actor
    system = system_by_number(actor, number)
    tabs = panels.shown_to(actor, system, "tab")
    chosen = request.GET.get("tab") or tabs[0].key
    panel = next((tab for tab in tabs if tab.key == chosen), None)
    if panel is None:
        raise NotFound
    here = reverse("inventory:detail", kwargs={"slug": request.organisation.slug, "number": number})
    story = [(p, p.render(request, system)) for p in panels.shown_to(actor, system, "story")]
    context = {
        "system": system,
        "request_url": f"/o/{request.organisation.slug}/requests/new/",
        "says": says(system),
        "story": [(p, html) for p, html in story if html],
        "tabs": [(tab.key, tab.title, f"{here}?tab={tab.key}#tabs") for tab in tabs],
        "tab": panel,
        "tab_html": panel.render(request, system),
        "may_change": actor.may("system.change", system),
        "may_request": actor.may("fact.request"),
        **_ties(actor, system),
    }
    return render(request, "inventory/detail.html", context)


def _ties(actor: Actor, system: System) -> dict[str, Any]:
    """What it was merged into, and whether it may be a duplicate."""
    same = Relation.objects.filter(system=system, kind="same_as").select_related("other").order_by("id")
    mine = duplicates(actor).filter(Q(left=system) | Q(right=system), status="open")
    return {
        "merged_into": same.first() if system.stage == "retired" else None,
        "duplicates": list(mine.select_related("left", "right")[:3]) if actor.may("system.bulk") else [],
    }
