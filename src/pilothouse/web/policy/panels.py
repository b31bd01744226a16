"""A system's calls on its page: what it may call, its keys and caps."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.policy.models import Budget
from pilothouse.kernel.policy.selectors import keys, setting_of
from pilothouse.web.panels import Panel, panels


def calls(request: Any, system: System) -> str:
    """The fragment policy/_calls.html."""
    rules, version = setting_of(system)
    context = {
        "system": system,
        "rules": rules,
        "version": version,
        "keys": list(keys(request.actor).filter(system=system, revoked_at=None, expires_at__gt=now())),
        "budgets": list(Budget.objects.of(request.actor).filter(system=system, active=True)),
        "may_manage": request.actor.may("gateway.manage", system),
        "may_issue": request.actor.may("key.issue", system),
        "currency": request.organisation.currency,
    }
    return render_to_string("policy/_calls.html", context, request=request)


panels.register(Panel("calls", "Calls", 45, "traffic.view", calls))
