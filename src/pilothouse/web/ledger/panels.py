"""The history tab of a system, and the fragment that any page may include for the history of one thing."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.selectors import history
from pilothouse.web.panels import Panel, panels

STEP = 50


def system_history(request: Any, system: System) -> str:
    """Everything that happened to a system, newest first; `?before=` goes further back."""
    before = request.GET.get("before", "")
    told = history(request.actor, system=system, before=int(before) if before.isdecimal() else None, limit=STEP + 1)
    context = {
        "entries": told[:STEP],
        "earlier": told[STEP - 1].seq if len(told) > STEP else None,
        "may_open": request.actor.scope("ledger.view").everywhere,
    }
    return render_to_string("ledger/_history.html", context, request=request)


panels.register(Panel("history", "History", 90, "system.view", system_history))
