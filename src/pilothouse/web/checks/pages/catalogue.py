"""The checks: what each asks and why, whom it protects, and how the organisation stands."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.checks.rulebook import GATES, TIERS
from pilothouse.kernel.checks.rules import asks_of
from pilothouse.kernel.checks.selectors import Tally, tally
from pilothouse.kernel.checks.trends import trend
from pilothouse.kernel.domain import registry
from pilothouse.web.checks.pages.rulebook import tabs_of
from pilothouse.web.checks.words import GATE_TITLES, TIER_TITLES, role_titles
from pilothouse.web.page import Request, page


@require_GET
@page("rulebook.view")
def catalogue(request: Request) -> HttpResponse:
    """Every check there is, by domain, with how many systems meet it."""
    counts = tally(request.actor) if request.actor.may("system.view") else {}
    titles = role_titles(request.organisation.pk)
    body = active_body(request.organisation.pk)
    first: dict[str, str] = {}
    for gate in reversed(GATES):
        for ask in body.gates.of(gate).asks:
            first[ask.check] = GATE_TITLES[gate]
    domains: defaultdict[str, list[Any]] = defaultdict(list)
    for check in registry.checks.values():
        domains[check.domain].append(
            (check, counts.get(check.id, Tally()), titles.get(check.protects, check.protects), first.get(check.id))
        )
    context = {
        "tabs": tabs_of(request),
        "domains": [(registry.domains[key], rows) for key, rows in domains.items() if key in registry.domains],
        "overall": sum(counts.values(), Tally()),
        "points": trend(request.actor, days=90) if counts else (),
    }
    return render(request, "checks/catalogue.html", context)


@require_GET
@page("rulebook.view")
def check(request: Request, check_id: str) -> HttpResponse:
    """One check: what it asks, of whom, how the systems stand and how that went."""
    found = registry.checks.get(check_id)
    if found is None:
        raise NotFound
    body = active_body(request.organisation.pk)
    asked = [
        (GATE_TITLES[gate], [(TIER_TITLES[tier], asks_of(body, (gate,), tier).get(check_id)) for tier in TIERS])
        for gate in GATES
    ]
    may_see = request.actor.may("system.view")
    context = {
        "tabs": tabs_of(request),
        "check": found,
        "domain": registry.domains[found.domain],
        "protects": role_titles(request.organisation.pk).get(found.protects, found.protects),
        "waivable": check_id not in body.waivers.never,
        "asked": [(gate, tiers) for gate, tiers in asked if any(ask for _, ask in tiers)],
        "tally": tally(request.actor).get(check_id, Tally()) if may_see else Tally(),
        "points": trend(request.actor, check=check_id, days=90) if may_see else (),
    }
    return render(request, "checks/check.html", context)
