"""What the checks show on a system's page: all findings, each with its reason and what would change it."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from pilothouse.kernel.checks.selectors import asked_later, findings_now
from pilothouse.kernel.domain import Ref, Status
from pilothouse.kernel.inventory.models import System
from pilothouse.web.checks.words import GATE_TITLES, role_titles
from pilothouse.web.panels import Panel, panels


def findings(request: Any, system: System) -> str:
    """Every check that is asked now, gaps first; then what later gates will ask."""
    titles, slug = role_titles(request.organisation.pk), request.organisation.slug
    lines = findings_now(request.actor, system)
    counted = [line for line in lines if line.standing.finding.status is not Status.NOT_APPLICABLE]
    context = {
        "system": system,
        "lines": [
            (
                line,
                titles.get(line.check.protects, "") if line.check else "",
                [(ref.label or ref.type, _link(slug, ref)) for ref in line.standing.finding.refs],
                # What is said to be done needs a document, not another statement.
                line.standing.judged is Status.MET and line.standing.finding.status is Status.IN_PROGRESS,
            )
            for line in lines
        ],
        "met": sum(line.standing.finding.status is Status.MET for line in counted),
        "total": len(counted),
        "later": [(title, GATE_TITLES[ask.gate], ask.grade) for title, ask in asked_later(system)],
        "may_add_evidence": request.actor.may("evidence.add", system),
        "may_change": request.actor.may("system.change", system),
    }
    return render_to_string("checks/_findings.html", context, request=request)


def _link(slug: str, ref: Ref) -> str:
    """Where a row that was read can be seen, if it has a page of its own."""
    names = {"records.record": ("records:detail", "record_id"), "evidence.evidence": ("evidence:detail", "evidence_id")}
    if ref.type not in names:
        return ""
    name, key = names[ref.type]
    return reverse(name, kwargs={"slug": slug, key: ref.id})


panels.register(Panel("findings", "Findings", 5, "system.view", findings))
