"""The way to a signed security review: its threat model, its form, then the button that asks the CISO."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from pilothouse.domains.security.facts import REVIEW, THREATS
from pilothouse.domains.security.selectors import review_step, risks_to_sign
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.records.models import Record
from pilothouse.web.page import Request, page


@require_GET
@page("system.view")
def review_next(request: Request, number: int) -> HttpResponse:
    """Lead to what is to be done next about this system's review."""
    system = system_by_number(request.actor, number)
    step = review_step(request.actor, system, now())
    if step.act in ("threats", "write") or step.sealed is None:
        return _to_form(request, system, THREATS if step.act == "threats" else REVIEW, step.rests_on)
    return _to_button(request, step.sealed)


@require_GET
@page("system.view")
def risks_next(request: Request, number: int) -> HttpResponse:
    """Lead to the threat model's form or, once each high risk is accepted in words, to the button."""
    system = system_by_number(request.actor, number)
    model = risks_to_sign(request.actor, system)
    return _to_button(request, model) if model else _to_form(request, system, THREATS)


def _to_form(request: Request, system: System, kind: str, rests_on: int = 0) -> HttpResponse:
    may_write = request.actor.may("record.write", system)
    given = {"slug": request.organisation.slug, "number": system.number, "kind": kind}
    path = reverse("records:edit" if may_write else "records:document", kwargs=given)
    return redirect(_with(path, request, **({"threat_model": rests_on} if rests_on and may_write else {})))


def _to_button(request: Request, document: Record) -> HttpResponse:
    given = {"slug": request.organisation.slug, "record_id": document.pk}
    return redirect(_with(reverse("records:detail", kwargs=given), request) + "#signatures")


def _with(path: str, request: Request, **said: Any) -> str:
    """The path with what it fills in and the gate that its reader came from."""
    if gate := request.GET.get("gate"):
        said["gate"] = gate
    return f"{path}?{urlencode(said)}" if said else path
