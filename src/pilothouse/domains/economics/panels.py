"""What economics shows: on its page spending against booked value, and the fan of cost; on a system's page its money
and the review rule worked out."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.domains.economics.answer import books, returns
from pilothouse.domains.economics.facts import REVIEW
from pilothouse.domains.economics.rules import worked_out
from pilothouse.domains.economics.selectors import outlook
from pilothouse.kernel import clock
from pilothouse.kernel.domain import Domain
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.loaders import latest_sealed
from pilothouse.web.panels import Panel, panels

DEAREST = 6


def spend_and_value(request: Any, domain: Domain) -> str:
    """The systems that cost most beside what they brought, and what is spent and planned; nothing without either."""
    held = books(request.actor, clock.now())
    lines, ahead = returns(held), outlook(request.actor, held)
    if not lines and not ahead.plans:
        return ""
    dearest = [one for one in lines if one.currency == held.currency][:DEAREST]
    context = {
        "lines": [(one, int(one.spent), int(one.booked)) for one in dearest],
        "most": int(max((max(one.spent, one.booked) for one in dearest), default=0)),
        "all": len(lines),
        "currency": held.currency,
        "outlook": ahead,
        "slug": request.organisation.slug,
    }
    return render_to_string("economics/_spend.html", context, request=request)


def money(request: Any, system: System) -> str:
    """What the system cost and brought over twelve months, and from which chance of an error review pays."""
    lines = [one for one in returns(books(request.actor, clock.now())) if one.number == system.number]
    review = latest_sealed(REVIEW)(system.organisation_id, [system.pk]).get(system.pk)
    context = {
        "system": system,
        "lines": lines,
        "review": review,
        "worked": worked_out(review.body) if review else None,
        "slug": request.organisation.slug,
        "may_write": request.actor.may("record.write", system),
    }
    return render_to_string("economics/_system.html", context, request=request)


panels.register(Panel("money", "Money", 45, "system.view", money))
panels.register(Panel("economics.spend", "Spending and value", 10, "system.view", spend_and_value, "domain"))
