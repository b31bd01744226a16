"""The rules of one system's calls."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pilothouse.gateway.inspection.deep.reader import installed
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.policy.actions.settings import system_policy_save
from pilothouse.kernel.policy.selectors import aliases, setting_of
from pilothouse.kernel.traffic.effect import effect_of_rules
from pilothouse.web.page import Request, page
from pilothouse.web.policy.pages.frame import saved, status, version
from pilothouse.web.policy.rules_form import RulesForm


@require_http_methods(["GET", "POST"])
@page("gateway.manage")
def system_policy(request: Request, number: int) -> HttpResponse:
    """Set what one system's calls may do; or show first which of last week's calls that would have refused."""
    system = system_by_number(request.actor, number)
    request.actor.require("gateway.manage", system)
    rules, kept = setting_of(system)
    names = list(aliases(request.actor).filter(active=True, replaced_by="").values_list("name", flat=True))
    form = RulesForm(names, rules, request.POST or None)
    preview = "preview" in request.POST
    result = saved(
        request,
        "gateway.manage",
        form,
        lambda: (
            effect_of_rules(request.actor, system, form.body(), now())
            if preview
            else system_policy_save(actor=request.actor, system=system, body=form.body(), version=version(request))
        ),
    )
    if result is not None and not preview:
        messages.success(request, "Saved. Gateways have it within two seconds.")
        return redirect("policy:system", slug=request.organisation.slug, number=number)
    context = {
        "system": system,
        "form": form,
        "version": version(request) if preview else kept,
        "has_models": bool(names),
        "effect": result,
        "reads_names": installed(),
    }
    return render(request, "policy/system.html", context, status=status(form))
