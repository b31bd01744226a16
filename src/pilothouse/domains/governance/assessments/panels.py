"""The tab of assessments on a system's page."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.domains.governance.assessments.pages.impact import context_of
from pilothouse.kernel.inventory.models import System
from pilothouse.web.panels import Panel, panels


def assessments(request: Any, system: System) -> str:
    """Which it needs, why, and how each stands."""
    return render_to_string("assessments/_standings.html", context_of(request, system), request=request)


panels.register(Panel("assessments", "Assessments", 45, "system.view", assessments))
