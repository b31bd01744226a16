"""What if: the gateway's own judgement over a call that nobody made."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pilothouse.kernel.policy.selectors import aliases, keeping, keys, steps, verdict
from pilothouse.web.page import Request, page
from pilothouse.web.policy.forms import WhatIfForm
from pilothouse.web.policy.pages.frame import tabs

MOST_KEYS = 500


@require_GET
@page("traffic.view")
def what_if(request: Request) -> HttpResponse:
    """The form in the address, so that a question can be sent to somebody; the answer below it."""
    names = list(aliases(request.actor).filter(active=True).values_list("name", flat=True))
    rows = keys(request.actor).filter(revoked_at=None)[:MOST_KEYS]
    asked = "key" in request.GET
    form = WhatIfForm(list(rows), names, request.GET if asked else None)
    judged = verdict(request.actor, form.call(request.organisation)) if asked and form.is_valid() else None
    held, stored_days = keeping(judged) if judged and judged.allow else ("", 0)
    context = {
        "held": held,
        "stored_days": stored_days,
        "tabs": tabs(request),
        "form": form,
        "verdict": judged,
        "steps": steps(judged) if judged else (),
        "currency": request.organisation.currency,
    }
    return render(request, "policy/what_if.html", context, status=422 if asked and form.errors else 200)
