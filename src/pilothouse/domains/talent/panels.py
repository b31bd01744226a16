"""What the domain's page shows of talent besides its answer: gaps by role, and the catalogue's reuse by unit."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.domains.talent.selectors import by_role, lines, reuse, versions
from pilothouse.kernel import clock
from pilothouse.kernel.domain import Domain
from pilothouse.kernel.records.judging import today
from pilothouse.web.panels import Panel, panels


def gaps(request: Any, domain: Domain) -> str:
    """The fragment talent/_gaps.html: need and cover by role and quarter."""
    roles = by_role(lines(versions(request.actor), today(clock.now())))
    return render_to_string("talent/_gaps.html", {"roles": roles, "link": True}, request=request) if roles else ""


def catalogue(request: Any, domain: Domain) -> str:
    """The fragment talent/_reuse.html: who asked for what of the catalogue, and what it spared."""
    rows = reuse(request.actor)
    return render_to_string("talent/_reuse.html", {"rows": rows}, request=request) if rows else ""


panels.register(Panel("talent.gaps", "Need and cover by role", 10, "system.view", gaps, "domain"))
panels.register(Panel("talent.reuse", "Reuse of the catalogue by unit", 20, "system.view", catalogue, "domain"))
