"""The documents tab of a system's page: each registered kind with where it stands."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.selectors import standings
from pilothouse.web.panels import Panel, panels


def documents(request: Any, system: System) -> str:
    """Every kind of document, sealed or not, and the way to write it."""
    context = {
        "system": system,
        "standings": standings(request.actor, system),
        "may_write": request.actor.may("record.write", system),
    }
    return render_to_string("records/_panel.html", context, request=request)


panels.register(Panel("records", "Documents", 40, "system.view", documents))
