"""The way to a signed security review: its threat model, its form, then the button that asks the CISO."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from pilothouse.domains.security.facts import REVIEW, THREATS
from pilothouse.domains.security.selectors import review_step
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.page import Request, page


@require_GET
@page("system.view")
def review_next(request: Request, number: int) -> HttpResponse:
    """Lead to what is to be done next about this system's review."""
    system = system_by_number(request.actor, number)
    step, slug = review_step(request.actor, system, now()), request.organisation.slug
    if step.act in ("threats", "write") or step.sealed is None:
        to = "records:edit" if request.actor.may("record.write", system) else "records:document"
        kind = THREATS if step.act == "threats" else REVIEW
        path = reverse(to, kwargs={"slug": slug, "number": system.number, "kind": kind})
        return redirect(f"{path}?threat_model={step.rests_on}" if step.rests_on and to == "records:edit" else path)
    return redirect(reverse("records:detail", kwargs={"slug": slug, "record_id": step.sealed.pk}) + "#signatures")
