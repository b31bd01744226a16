"""The tab of the classification on a system's page."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.domains.governance.classifier import public
from pilothouse.domains.governance.classifier.pages.shown import shown
from pilothouse.domains.governance.classifier.selectors import papers_of, rule_sets_of
from pilothouse.kernel.inventory.models import System
from pilothouse.web.panels import Panel, panels


def classification(request: Any, system: System) -> str:
    """The classes and the way to their reasons; without facts, the way to the questions."""
    papers = papers_of(request.actor, system)
    context: dict[str, Any] = {
        "system": system,
        "papers": papers,
        "may_write": request.actor.may("record.write", system),
    }
    if papers.facts:
        rule_sets = rule_sets_of(request.organisation.pk)
        context |= shown(public.classify(papers.facts, rule_sets=rule_sets, what_if=False))
    return render_to_string("classifier/_panel.html", context, request=request)


panels.register(Panel("classification", "Classification", 44, "system.view", classification))
