"""Frameworks on a system's page, and on governance's."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.domains.governance.frameworks.coverage import overviews, system_coverage
from pilothouse.domains.governance.frameworks.pages.lists import today
from pilothouse.kernel.domain import Domain
from pilothouse.kernel.inventory.models import System
from pilothouse.web.panels import Panel, panels


def of_system(request: Any, system: System) -> str:
    """Each adopted framework with its figure and gaps, and each control with its state."""
    found = system_coverage(request.actor, system, today())
    served = {name for one in found.covered for line in one.lines for name in line.requirement.by}
    controls = [
        (control, standing)
        for name, control in found.library.controls.items()
        if name in served and (standing := found.standings.get(name)) is not None
    ]
    order = {"missing": 0, "stale": 1, "due": 2, "current": 3, "not_applicable": 4}
    controls.sort(key=lambda pair: order[pair[1].state.value])
    context = {
        "system": system,
        "covered": [(one, one.now, one.ahead) for one in found.covered],
        "controls": controls,
    }
    return render_to_string("frameworks/_system.html", context, request=request)


def of_domain(request: Any, domain: Domain) -> str:
    """Every adopted framework with its figure."""
    found = overviews(request.actor, today())
    context = {"lines": [(one, one.figure(), one.figure(ahead=True)) for one in found]}
    return render_to_string("frameworks/_domain.html", context, request=request) if found else ""


panels.register(Panel("frameworks", "Frameworks", 45, "system.view", of_system))
panels.register(Panel("governance.frameworks", "Frameworks", 20, "system.view", of_domain, place="domain"))
