"""Budgets: hard caps in money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pilothouse.contracts.errors import NotFound, PilothouseError
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.clock import now
from pilothouse.kernel.policy.actions.caps import budget_end, budget_save
from pilothouse.kernel.policy.models import Budget
from pilothouse.kernel.policy.selectors import budgets, keys
from pilothouse.web.page import Request, page
from pilothouse.web.policy.forms import BudgetForm, ReasonForm
from pilothouse.web.policy.pages.frame import saved, status, tabs, version


@require_http_methods(["GET", "POST"])
@page("traffic.view")
def budget_list(request: Request) -> HttpResponse:
    """Every cap in force, and the form for a new one."""
    return _list(request, None)


@require_http_methods(["GET", "POST"])
@page("traffic.view")
def budget_detail(request: Request, budget_id: UUID) -> HttpResponse:
    """The same page with one cap in the form, for who may change it."""
    row = budgets(request.actor).filter(pk=budget_id).first()
    if row is None:
        raise NotFound
    return _list(request, row)


def _list(request: Request, row: Budget | None) -> HttpResponse:
    actor = request.actor
    things = _things(request) if actor.may("budget.manage") else {}
    first = {"scope": f"{row.scope}:{row.scope_id}", "cap": row.cap.normalize(), "window": row.window} if row else {}
    form = BudgetForm(_choices(things), request.POST or None, initial={"name": row.name, **first} if row else {})
    if row is not None:
        form.fields["name"].disabled = True

    def save() -> Budget:
        facts = {name: form.cleaned_data[name] for name in ("name", "cap", "window")}
        scope = things[form.cleaned_data["scope"]].scope
        return budget_save(actor=actor, **facts, **scope, version=version(request) if row else 0)

    made = saved(request, "budget.manage", form, save)
    if made is not None:
        messages.success(request, f"“{made.name}” holds within two seconds.")
        return redirect("policy:budgets", slug=request.organisation.slug)
    context = {"tabs": tabs(request), "rows": budgets(actor), "row": row, "form": form if things else None}
    return render(request, "policy/budgets.html", context, status=status(form))


@require_POST
@page("budget.manage")
def budget_end_page(request: Request, budget_id: UUID) -> HttpResponse:
    """Take a cap away."""
    budget: Budget = Budget.objects.get_of(request.actor, pk=budget_id)
    form = ReasonForm(request.POST)
    try:
        budget_end(actor=request.actor, budget=budget, reason=form.data.get("reason", ""))
        messages.success(request, f"“{budget.name}” caps nothing any more.")
    except PilothouseError as error:
        messages.error(request, error.detail)
    return redirect("policy:budgets", slug=request.organisation.slug)


@dataclass(frozen=True, slots=True)
class Thing:
    """What may be capped: under which heading, in which words, and as what argument of `budget_save`."""

    group: str
    words: str
    scope: dict[str, Any]


def _things(request: Request) -> dict[str, Thing]:
    """Whatever may be capped, by `scope:id`."""
    actor, titles = request.actor, {key: str(title) for key, title in Budget.SCOPES}
    found = {f"organisation:{request.organisation.pk}": Thing(titles["organisation"], "All calls together", {})}
    for unit in Unit.objects.of(actor).order_by("name"):
        found[f"unit:{unit.pk}"] = Thing(titles["unit"], unit.name, {"unit": unit})
    live = list(keys(actor).filter(revoked_at=None, expires_at__gt=now()))
    for system in sorted({key.system_id: key.system for key in live}.values(), key=lambda one: one.number):
        found[f"system:{system.pk}"] = Thing(titles["system"], f"{system.ref} {system.name}", {"system": system})
    for key in live:
        found[f"key:{key.pk}"] = Thing(titles["key"], f"{key.name} ({key.system.ref})", {"key": key})
    return found


def _choices(things: dict[str, Thing]) -> list[tuple[str, Any]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, thing in things.items():
        groups.setdefault(thing.group, []).append((name, thing.words))
    return list(groups.items())
