"""Where the gateway stands: what is published, what is stopped, and what to set up next."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.clock import now
from pilothouse.kernel.policy.models import PolicySetting
from pilothouse.kernel.policy.selectors import (
    aliases,
    budgets,
    keys,
    prices,
    publication,
    revisions,
    stops,
    upstreams,
)
from pilothouse.web.page import Request, page
from pilothouse.web.policy.pages.frame import tabs

REVISIONS = 10


@require_GET
@page("traffic.view")
def overview(request: Request) -> HttpResponse:
    """The policy that gateways hold, and the first steps for who has none."""
    actor = request.actor
    counts = {
        "upstreams": upstreams(actor).filter(active=True).count(),
        "models": aliases(actor).filter(active=True).count(),
        "prices": prices(actor).count(),
        "policies": PolicySetting.objects.of(actor).count(),
        "keys": keys(actor).filter(revoked_at=None, expires_at__gt=now()).count(),
        "budgets": budgets(actor).count(),
    }
    steps = [
        ("Name an upstream", "where models run", "upstreams", counts["upstreams"]),
        ("Offer a model", "by the name that callers ask for", "models", counts["models"]),
        ("Say what it costs", "so that budgets can hold", "models", counts["prices"]),
        ("Say what a system may call", "on the system's page, under Calls", "", counts["policies"]),
        ("Issue a key", "for one system", "keys", counts["keys"]),
    ]
    context = {
        "tabs": tabs(request),
        "head": publication(actor),
        "counts": counts,
        "steps": steps,
        "ready": all(step[3] for step in steps),
        "stops": stops(actor).filter(lifted_at=None),
        "revisions": revisions(actor)[:REVISIONS],
        "now": now(),
    }
    return render(request, "policy/overview.html", context)


@require_GET
@page("ledger.view")
def revision(request: Request, revision: int) -> HttpResponse:
    """What a revision said, as it was signed: JSON to keep."""
    row = revisions(request.actor).filter(revision=revision).first()
    if row is None:
        raise NotFound
    response = HttpResponse(row.body, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="policy-{request.organisation.slug}-{revision}.json"'
    return response
