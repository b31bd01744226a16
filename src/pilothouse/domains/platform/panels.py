"""What platform shows on its page: what blocks use cases, by kind and age."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.domains.platform.selectors import by_kind, open_blockers
from pilothouse.kernel import clock
from pilothouse.kernel.domain import Domain
from pilothouse.kernel.records.judging import today
from pilothouse.web.panels import Panel, panels

OLDEST = 6


def blockers(request: Any, domain: Domain) -> str:
    """Open blockers counted by kind and age, and the oldest of them; nothing where nothing blocks."""
    day = today(clock.now())
    found = open_blockers(request.actor, day)
    if not found:
        return ""
    counts = by_kind(found, day)
    context = {
        "counts": counts,
        "most": max(count.all for count in counts),
        "oldest": found[:OLDEST],
        "all": len(found),
        "slug": request.organisation.slug,
    }
    return render_to_string("platform/_blockers.html", context, request=request)


panels.register(Panel("platform.blockers", "What blocks use cases", 10, "system.view", blockers, "domain"))
