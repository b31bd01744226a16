"""The documents tab of a system's page: every kind, domain by domain, with where it stands."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.template.loader import render_to_string

from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.selectors import standings
from pilothouse.web.panels import Panel, panels
from pilothouse.web.records.shown import domain_title


def documents(request: Any, system: System) -> str:
    """Every kind of document, sealed or not, and the way to write it; of a register how many entries there are."""
    found = standings(request.actor, system)
    context = {
        "system": system,
        "groups": [(title, list(inner)) for title, inner in groupby(found, key=lambda one: domain_title(one.kind))],
        "may_write": request.actor.may("record.write", system),
    }
    return render_to_string("records/_panel.html", context, request=request)


panels.register(Panel("records", "Documents", 40, "system.view", documents))
