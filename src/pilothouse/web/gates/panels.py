"""Where a system stands, at the top of its page: its stage, whether it may run and why, who acts next."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.kernel.checks.selectors import gate_reports
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.gates.rules.stages import next_gate
from pilothouse.kernel.gates.selectors import is_inherited, may_run
from pilothouse.kernel.inventory.models import System
from pilothouse.web.gates.shown import acts_next, marks_of
from pilothouse.web.panels import Panel, panels


def standing(request: Any, system: System) -> str:
    """The fragment gates/_standing.html, from what was last judged."""
    moment = now()
    permission = may_run(system, moment)
    target = next_gate(system.stage, inherited=is_inherited(system))
    rows = System.objects.filter(pk=system.pk)
    report = gate_reports(request.actor, rows, target).get(system.pk) if target else None
    open_ones = list(Decision.objects.of(request.actor).filter(system=system, state="open").order_by("deadline"))
    context = {
        "system": system,
        "permission": permission,
        "marks": marks_of(permission),
        "report": report,
        "met": len(report.requirements) - len(report.blocking) if report else 0,
        "next": acts_next(system, open_ones, report, request.organisation.slug),
        "open_decisions": open_ones,
    }
    return render_to_string("gates/_standing.html", context, request=request)


panels.register(Panel("standing", "Where it stands", 10, "system.view", standing, "story"))
