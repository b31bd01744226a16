"""What the domain's page shows of monitoring besides its answer: the latest incidents, drawn."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.domains.mlops.rules import MARKS, place
from pilothouse.domains.mlops.selectors import courses, incidents, of_the_year
from pilothouse.kernel import clock
from pilothouse.kernel.domain import Domain
from pilothouse.web.panels import Panel, panels

SHOWN = 8


def timelines(request: Any, domain: Domain) -> str:
    """The fragment mlops/_timelines.html: the newest incidents of the year with the course they took."""
    now = clock.now()
    year = of_the_year(incidents(request.actor), now)
    if not year:
        return ""
    context = {
        "rows": [(row, drawn, None) for row, drawn in courses(year[:SHOWN], now)],
        "marks": [(place(hours), label) for hours, label in MARKS],
        "more": max(0, len(year) - SHOWN),
    }
    return render_to_string("mlops/_panel.html", context, request=request)


panels.register(Panel("mlops.incidents", "Incidents of the year", 10, "system.view", timelines, "domain"))
