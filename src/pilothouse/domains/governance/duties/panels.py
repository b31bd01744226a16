"""What governance's page and a system's page show of this room: running clocks, open requests, drills."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.domains.governance.duties.selectors.cases import cases, keeping, standing
from pilothouse.domains.governance.duties.selectors.inquiries import drills, inquiries
from pilothouse.kernel import clock
from pilothouse.kernel.domain import Domain
from pilothouse.kernel.inventory.models import System
from pilothouse.web.panels import Panel, panels


def on_the_clock(request: Any, domain: Domain) -> str:
    """Clocks that run, requests that are open, and how long drills took: the “48 hours” of the question, measured."""
    actor = request.actor
    kept, now = keeping(actor.organisation_id), clock.now()
    rows = [standing(case, kept, now) for case in cases(actor).filter(closed_at=None)]
    everywhere = actor.scope("duty.view").everywhere
    asked = list(inquiries(actor)) if everywhere else []
    context = {
        "rows": rows,
        "asked": sorted((row for row in asked if row.state == "open"), key=lambda row: row.due_at),
        "drills": drills(asked)[-6:],
        "everywhere": everywhere,
        "kept": kept,
        "now": now,
    }
    return render_to_string("duties/_panel.html", context, request=request)


def of_system(request: Any, system: System) -> str:
    """The clocks of the system's own incidents, while any runs. One query where none does."""
    found = list(cases(request.actor).filter(system=system, closed_at=None))
    if not found:
        return ""
    kept, now = keeping(request.actor.organisation_id), clock.now()
    rows = [standing(case, kept, now) for case in found]
    return render_to_string("duties/_story.html", {"rows": rows, "kept": kept, "now": now}, request=request)


panels.register(
    Panel("governance.duties", "Clocks and requests of authorities", 20, "duty.view", on_the_clock, place="domain")
)
panels.register(Panel("duties", "Incident clocks", 15, "duty.view", of_system, place="story"))
