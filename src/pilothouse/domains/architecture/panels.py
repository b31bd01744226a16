"""A system's design as a picture, and the agents of all systems side by side."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.domains.architecture import facts
from pilothouse.domains.architecture.checks import PATTERNS, patterns_named
from pilothouse.domains.architecture.rules import HEIGHT, WIDTH, drawn
from pilothouse.domains.architecture.selectors import agents_registered, blueprint
from pilothouse.kernel.domain import Domain
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.judging import day
from pilothouse.web.panels import Panel, panels

SHOWN = 12


def design(request: Any, system: System) -> str:
    """Patterns, the chain of calls, agents, corpora and decisions of one system."""
    found = blueprint(request.actor, system)
    body = found.design.body if found.design else {}
    chain = body.get("chain") or []
    context = {
        "system": system,
        "found": found,
        "patterns": [PATTERNS[one] for one in patterns_named(body)],
        "chain": chain,
        "drawing": drawn(chain) if chain else None,
        "box": (WIDTH, HEIGHT),
        "decisions": [(row, day(row.body["review_by"])) for row in found.decisions],
        "kind": facts.DESIGN,
        "may_write": request.actor.may("record.write", system),
    }
    return render_to_string("architecture/_design.html", context, request=request)


def agents(request: Any, domain: Domain) -> str:
    """Each registered agent with whose rights it uses, what waits for a person and how long its log is kept."""
    rows, total = agents_registered(request.actor, SHOWN)
    if not rows:
        return ""
    context = {"rows": rows, "total": total, "kind": facts.AGENT}
    return render_to_string("architecture/_agents.html", context, request=request)


panels.register(Panel("architecture", "Design", 45, "system.view", design))
panels.register(Panel("architecture.agents", "Agents and their limits", 10, "system.view", agents, place="domain"))
