"""What the roadmap needs and who is there for it: what the domain's answer counts."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pilothouse.domains.talent.selectors import by_role, held_skills, lines, versions
from pilothouse.kernel import clock
from pilothouse.kernel.records.judging import today
from pilothouse.web.page import Request, page


@require_GET
@page("system.view")
def coverage(request: Request) -> HttpResponse:
    """Need and cover by role and quarter. People's names and levels only for those who may see them."""
    day = today(clock.now())
    known = versions(request.actor)
    context = {
        "roles": by_role(lines(known, day)),
        "people": held_skills(request.actor, known) if request.actor.scope("talent.view").everywhere else None,
    }
    return render(request, "talent/coverage.html", context)
