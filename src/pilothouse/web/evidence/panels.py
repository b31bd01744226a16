"""The evidence tab of a system's page."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.kernel import clock
from pilothouse.kernel.domain import registry
from pilothouse.kernel.evidence.selectors import evidence_of, standing
from pilothouse.kernel.inventory.models import System
from pilothouse.web.panels import Panel, panels


def evidence_panel(request: Any, system: System) -> str:
    """Each piece with what it supports and whether it counts."""
    today = clock.now().date()
    titles = {check.id: check.title for check in registry.checks.values()}
    rows = [
        (row, standing(row, today), [titles.get(check, check) for check in row.supports])
        for row in evidence_of(request.actor, system)
    ]
    context = {"system": system, "rows": rows, "may_add": request.actor.may("evidence.add", system)}
    return render_to_string("evidence/_panel.html", context, request=request)


panels.register(Panel("evidence", "Evidence", 50, "system.view", evidence_panel))
