"""What the domain's page shows of experience besides its answer: what people say, and how work is to change."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.domains.experience.selectors.acknowledged import acknowledged
from pilothouse.domains.experience.selectors.reports import reports, tool_requests
from pilothouse.domains.experience.selectors.work import redesigns
from pilothouse.kernel import clock
from pilothouse.kernel.domain import Domain
from pilothouse.kernel.records.judging import today
from pilothouse.web.panels import Panel, panels

SHOWN = 8


def heard(request: Any, domain: Domain) -> str:
    """The fragment experience/_heard.html: reports and requests that wait, and who has read the rules."""
    every, day = reports(request.actor), today(clock.now())
    asked = [row.body for row in tool_requests(request.actor)]
    rules = acknowledged(request.actor) if request.actor.may("people.view") else []
    context = {
        "waiting": sum(one.due is not None for one in every),
        "late": sum(one.due is not None and one.due < day for one in every),
        "reports": len(every),
        "asked": len(asked),
        "unanswered": sum(body["verdict"] is None for body in asked),
        "rules": rules,
        "read": sum(one.current for one in rules),
        "people": sum(one.people for one in rules),
    }
    return render_to_string("experience/_heard.html", context, request=request)


def work(request: Any, domain: Domain) -> str:
    """The fragment experience/_work.html: minutes of people a case, today and to be."""
    rows = redesigns(request.actor)
    context = {"rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN)}
    return render_to_string("experience/_work.html", context, request=request) if rows else ""


panels.register(Panel("experience.heard", "What people say", 10, "system.view", heard, "domain"))
panels.register(Panel("experience.work", "How work is to change", 20, "system.view", work, "domain"))
