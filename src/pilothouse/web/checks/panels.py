"""What the checks show on a system's page: all findings, each with its reason and what would change it."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.kernel.checks.selectors import asked_later, findings_now
from pilothouse.kernel.domain import Status
from pilothouse.kernel.inventory.models import System
from pilothouse.web.checks.words import GATE_TITLES, role_titles
from pilothouse.web.panels import Panel, panels


def findings(request: Any, system: System) -> str:
    """Every check that is asked now, gaps first; then what later gates will ask."""
    titles = role_titles(request.organisation.pk)
    lines = findings_now(request.actor, system)
    counted = [line for line in lines if line.standing.finding.status is not Status.NOT_APPLICABLE]
    context = {
        "system": system,
        "lines": [(line, titles.get(line.check.protects, "") if line.check else "") for line in lines],
        "met": sum(line.standing.finding.status is Status.MET for line in counted),
        "total": len(counted),
        "later": [(title, GATE_TITLES[ask.gate], ask.grade) for title, ask in asked_later(system)],
        "may_change": request.actor.may("system.change", system),
    }
    return render_to_string("checks/_findings.html", context, request=request)


panels.register(Panel("findings", "Findings", 5, "system.view", findings))
