"""The five intake questions of a system: one page, a minute, and the tier that follows."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.checks.actions import set_intake
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.checks.rules import answers_of, due_asks, tier_of
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.checks.words import TIER_TITLES
from pilothouse.web.page import Request, page
from pilothouse.web.remedies import to_gate

ANSWERS = (("yes", "Yes"), ("no", "No"), ("unknown", "I do not know"))


@require_http_methods(["GET", "POST"])
@page("system.change")
def intake(request: Request, number: int) -> HttpResponse:
    """Answer the questions of the active rulebook."""
    actor, slug = request.actor, request.organisation.slug
    system = system_by_number(actor, number)
    actor.require("system.change", system)
    body = active_body(request.organisation.pk)
    given = dict(system.intake)
    problem = ""
    if request.method == "POST":
        given = {question.key: request.POST.get(question.key, "") for question in body.questions}
        try:
            changed = set_intake(
                actor=actor, system=system, answers={key: answer for key, answer in given.items() if answer}
            )
        except PilothouseError as error:
            problem = error.detail
        else:
            messages.success(request, f"Answered. {changed.ref} is of the {changed.get_tier_display().lower()} tier.")
            if gate := to_gate(request):
                return redirect(gate)
            return redirect("inventory:detail", slug=slug, number=number)
    stated = answers_of(body, {}, system.impact, system.personal_data)
    counted = answers_of(body, system.intake, system.impact, system.personal_data)
    context = {
        "system": system,
        "problem": problem,
        "answers": ANSWERS,
        "rows": [
            (question, given.get(question.key, ""), stated.get(question.key, ""), TIER_TITLES[question.yes])
            for question in body.questions
        ],
        "tier": tier_of(body, counted),
        "sizes": [(tier, len(due_asks(body, "production", tier))) for tier in ("low", "medium", "high")],
    }
    return render(request, "checks/intake.html", context, status=422 if problem else 200)
