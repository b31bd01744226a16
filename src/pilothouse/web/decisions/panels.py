"""Decisions about a system, on its page: what waits, what was decided, by what reason."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.kernel.decisions.selectors import decisions
from pilothouse.kernel.inventory.models import System
from pilothouse.web.decisions.shown import MARKS, STATE_TONES, TONES
from pilothouse.web.panels import Panel, panels

MOST = 100


def decided(request: Any, system: System) -> str:
    """The system's decisions, open ones first, then the newest."""
    rows = sorted(
        decisions(request.actor).filter(system=system).order_by("-requested_at")[:MOST],
        key=lambda row: row.state != "open",
    )
    shown = [
        (row, STATE_TONES.get(row.state, "muted"), [(MARKS[mark], TONES[mark]) for mark in row.marks if mark in MARKS])
        for row in rows
    ]
    return render_to_string("decisions/_panel.html", {"system": system, "rows": shown}, request=request)


panels.register(Panel("decisions", "Decisions", 45, "system.view", decided))
