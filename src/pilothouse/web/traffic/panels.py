"""What traffic shows on a system's page: how it is controlled and why, and its last 30 days."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.kernel import clock
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.traffic.control import Heard, control_point
from pilothouse.kernel.traffic.names import SOURCES
from pilothouse.kernel.traffic.selectors import system_traffic
from pilothouse.web.panels import Panel, panels


def traffic(request: Any, system: System) -> str:
    """The control point with its reason, sums, and what was heard from where."""
    totals, sources = system_traffic(request.actor, system.pk, clock.now())
    point, because = control_point(Heard({row["source"]: row["calls"] for row in sources}))
    context = {
        "system": system,
        "system_id": str(system.pk),
        "totals": totals,
        "point": point,
        "because": because,
        "sources": [(SOURCES.get(row["source"], row["source"]), row) for row in sources],
        "may_ingest": request.actor.may("traffic.ingest"),
    }
    return render_to_string("traffic/_panel.html", context, request=request)


panels.register(Panel("traffic", "Traffic", 40, "traffic.view", traffic))
