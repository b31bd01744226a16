"""Signatures that are waited for and reviews that run out, on security's page."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.domains.security.selectors import reviews_ahead
from pilothouse.kernel import clock
from pilothouse.kernel.domain import Domain
from pilothouse.kernel.records.judging import today
from pilothouse.web.panels import Panel, panels


def reviews(request: Any, domain: Domain) -> str:
    """What needs the CISO or an owner soon; nothing when nothing does."""
    now = clock.now()
    found = reviews_ahead(request.actor, now)
    if not found.waiting and not found.ending:
        return ""
    return render_to_string("security/_reviews.html", {"found": found, "today": today(now)}, request=request)


panels.register(Panel("security.reviews", "Signatures and reviews ahead", 10, "system.view", reviews, place="domain"))
