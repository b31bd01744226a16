"""The tree of units."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import NotFound, PilothouseError
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.directory import actions as do
from pilothouse.kernel.directory.selectors import units_counted
from pilothouse.kernel.inventory.selectors import unit_tree
from pilothouse.web.access.forms import DEEP
from pilothouse.web.page import Request, page


@require_GET
@page("organisation.view")
def unit_list(request: Request) -> HttpResponse:
    """The tree, with how many people and systems sit in each unit."""
    rows = [(unit, depth, range(depth)) for unit, depth in unit_tree(units_counted(request.actor))]
    choices = [(str(unit.pk), DEEP * depth + unit.name) for unit, depth, _ in rows]
    may_manage = request.actor.may("people.manage")
    return render(request, "access/units.html", {"rows": rows, "choices": choices, "may_manage": may_manage})


@require_POST
@page("people.manage")
def unit_new(request: Request) -> HttpResponse:
    """Add a unit."""
    try:
        unit = do.unit_add(
            actor=request.actor,
            name=request.POST.get("name", ""),
            parent=_parent(request),
            code=request.POST.get("code", ""),
        )
        messages.success(request, f"{unit.name} is added.")
    except PilothouseError as error:
        _say(request, error)
    return redirect("access:units", slug=request.organisation.slug)


@require_http_methods(["GET", "POST"])
@page("people.manage")
def unit_change(request: Request, unit_id: UUID) -> HttpResponse:
    """Rename a unit or hang it elsewhere."""
    actor = request.actor
    unit: Unit = Unit.objects.select_related("parent").get_of(actor, pk=unit_id)
    actor.require("people.manage", unit)
    if request.method == "POST":
        try:
            do.unit_rename(actor=actor, unit=unit, name=request.POST.get("name", ""))
            if "parent" in request.POST:
                do.unit_move(actor=actor, unit=unit, parent=_parent(request))
            messages.success(request, "Saved.")
            return redirect("access:units", slug=request.organisation.slug)
        except PilothouseError as error:
            _say(request, error)
    tree = unit_tree(Unit.objects.of(actor))
    choices = [(str(u.pk), DEEP * depth + u.name) for u, depth in tree if not u.path.startswith(unit.path)]
    context = {
        "unit": unit,
        "choices": choices,
        "name": request.POST.get("name", unit.name),
        "parent": request.POST.get("parent", str(unit.parent_id or "")),
    }
    return render(request, "access/unit.html", context)


def _parent(request: Request) -> Unit | None:
    text = request.POST.get("parent", "")
    if not text:
        return None
    try:
        parent: Unit = Unit.objects.get_of(request.actor, pk=UUID(text))
    except ValueError:
        raise NotFound from None
    return parent


def _say(request: Request, error: PilothouseError) -> None:
    messages.error(request, " ".join([error.detail, *error.fields.values()]))
