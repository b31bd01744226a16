"""The kill switch."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pilothouse.contracts.errors import NotFound, PilothouseError
from pilothouse.kernel.clock import now
from pilothouse.kernel.gates.models import Restriction
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.policy.actions import stops as do
from pilothouse.kernel.policy.models import Stop
from pilothouse.kernel.policy.selectors import aliases, key_of, keys, stops, upstreams
from pilothouse.web.page import Request, page
from pilothouse.web.policy.forms import ReasonForm, StopForm
from pilothouse.web.policy.pages.frame import saved, status, tabs

PAST = 30


@require_http_methods(["GET", "POST"])
@page("traffic.view")
def stop_list(request: Request) -> HttpResponse:
    """What is stopped and what was, and the brake."""
    actor = request.actor
    targets = _targets(request) if actor.may("gate.restrict") else []
    form = StopForm(targets, request.POST or None, initial={"target": request.GET.get("target", "")})
    done = saved(request, "gate.restrict", form, lambda: pull(request, **form.cleaned_data))
    if done is not None:
        messages.success(request, "Stopped. Every gateway in touch obeys within two seconds.")
        return redirect("policy:stops", slug=request.organisation.slug)
    rows = stops(actor)
    suspended = Restriction.objects.of(actor).filter(
        lifted_at=None, kind__in=("suspend", "prohibit"), system__in=systems(actor)
    )
    context = {
        "tabs": tabs(request),
        "in_force": rows.filter(lifted_at=None),
        "past": rows.exclude(lifted_at=None)[:PAST],
        "suspended": suspended.filter(system__gateway_keys__isnull=False).select_related("system", "by").distinct(),
        "form": form if targets else None,
    }
    return render(request, "policy/stops.html", context, status=status(form))


@require_POST
@page("gate.restrict")
def stop_lift_page(request: Request, stop_id: UUID) -> HttpResponse:
    """Let run again what was stopped."""
    stop: Stop = Stop.objects.get_of(request.actor, pk=stop_id)
    try:
        do.stop_lift(actor=request.actor, stop=stop, reason=ReasonForm(request.POST).data.get("reason", ""))
        messages.success(request, f"{stop.title} runs again.")
    except PilothouseError as error:
        messages.error(request, error.detail)
    return redirect("policy:stops", slug=request.organisation.slug)


def pull(request: Any, target: str, reason: str) -> Any:
    """Stop `kind:name`. Raises NotFound for what is not there."""
    actor, (kind, _, name) = request.actor, target.partition(":")
    if kind == "organisation":
        return do.suspend_organisation(actor=actor, reason=reason)
    if kind == "model":
        return do.suspend_model(actor=actor, name=name, reason=reason)
    if kind == "key":
        return do.suspend_key(actor=actor, key=key_of(actor, name), reason=reason)
    if kind == "upstream":
        row = upstreams(actor).filter(name=name).first()
        if row is not None:
            return do.suspend_upstream(actor=actor, upstream=row, reason=reason)
    if kind == "system":
        system = systems(actor).filter(number=int(name) if name.isdigit() else 0).first()
        if system is not None:
            return do.suspend_system(actor=actor, system=system, reason=reason)
    raise NotFound


def _targets(request: Request) -> list[tuple[str, Any]]:
    """What may be stopped, in groups."""
    actor = request.actor
    live = list(keys(actor).filter(revoked_at=None, expires_at__gt=now()))
    names = {row.name for row in aliases(actor)}
    names |= {one["model"] for row in aliases(actor) for one in row.targets}
    keyed = {key.system_id: key.system for key in live}.values()
    groups: list[tuple[str, Any]] = [
        ("", "Choose"),
        ("Everything", [("organisation:", f"Every call of {request.organisation.name}")]),
        ("A system", [(f"system:{one.number}", f"{one.ref} {one.name}") for one in sorted(keyed, key=_number)]),
        ("A key", [(f"key:{key.pk}", f"{key.name} · {key.prefix}… ({key.system.ref})") for key in live]),
        ("A model", [(f"model:{name}", name) for name in sorted(names)]),
        ("An upstream", [(f"upstream:{row.name}", row.name) for row in upstreams(actor)]),
    ]
    return [group for group in groups if group[1]]


def _number(system: Any) -> int:
    return int(system.number)
