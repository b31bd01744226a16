"""Obligations by regime, on governance's page."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.domains.governance import facts
from pilothouse.domains.governance.selectors import by_regime
from pilothouse.kernel import clock
from pilothouse.kernel.domain import Domain
from pilothouse.kernel.records.judging import today
from pilothouse.web.panels import Panel, panels


def regimes(request: Any, domain: Domain) -> str:
    """Each regime with what it asks, what is in place, open and past its day."""
    lines = by_regime(request.actor, today(clock.now()))
    context = {"lines": lines, "kind": facts.OBLIGATION}
    return render_to_string("governance/_regimes.html", context, request=request) if lines else ""


panels.register(Panel("governance.regimes", "Obligations by regime", 10, "system.view", regimes, place="domain"))
