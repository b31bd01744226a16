"""What systems are made of: the list with where each is used, one component, and relations of a system."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import NotFound, PilothouseError
from pilothouse.kernel.inventory.actions import component_add, component_change, relation_add, relation_remove
from pilothouse.kernel.inventory.models import Component, Relation, System
from pilothouse.kernel.inventory.selectors import component_of, components, system_by_number, systems
from pilothouse.web.page import Request, page

ROWS = 50


@require_GET
@page("system.view")
def component_list(request: Request) -> HttpResponse:
    """Models, agents, data sources, tools and vendors, with how many visible systems use each."""
    kind, q = request.GET.get("kind", ""), " ".join(request.GET.get("q", "").split())[:200]
    everything = components(request.actor)
    used = Count(
        "relations", filter=Q(relations__system__in=systems(request.actor).order_by().values("pk")), distinct=True
    )
    found = everything.filter(kind=kind) if kind in dict(Component.KINDS) else everything
    for word in q.split():
        found = found.filter(Q(name__icontains=word) | Q(supplier__icontains=word) | Q(version__icontains=word))
    counts = dict(everything.order_by().values_list("kind").annotate(n=Count("pk")))
    context = {
        "page": Paginator(found.annotate(used=used).order_by("kind", "name", "version"), ROWS).get_page(
            request.GET.get("page")
        ),
        "kinds": [("", "All", "?", sum(counts.values()))]
        + [(value, title, f"?kind={value}", counts.get(value, 0)) for value, title in Component.KINDS],
        "kind": kind,
        "q": q,
        "choices": Component.KINDS,
        "may_create": request.actor.may("system.create"),
    }
    return render(request, "inventory/components.html", context)


@require_POST
@page("system.create")
def component_new(request: Request) -> HttpResponse:
    """Add a component that no system uses yet."""
    given = {key: request.POST.get(key, "") for key in ("kind", "name", "version", "supplier", "notes")}
    try:
        component = component_add(actor=request.actor, **given)
    except PilothouseError as error:
        messages.error(request, " ".join([error.detail, *error.fields.values()]))
        return redirect("inventory:components", slug=request.organisation.slug)
    return redirect("inventory:component", slug=request.organisation.slug, component_id=component.pk)


@require_http_methods(["GET", "POST"])
@page("system.view")
def component_detail(request: Request, component_id: str) -> HttpResponse:
    """One component: what is known of it and where it is used; corrected by whoever may change many systems."""
    component = component_of(request.actor, component_id)
    typed, wrong = {}, {}
    if request.method == "POST":
        typed = {key: request.POST.get(key, "") for key in ("name", "version", "supplier", "notes")}
        try:
            component_change(actor=request.actor, component=component, changes=typed)
            messages.success(request, "The component is saved.")
            return redirect("inventory:component", slug=request.organisation.slug, component_id=component.pk)
        except PilothouseError as error:
            wrong = error.fields or {"name": error.detail}
    relations = Relation.objects.of(request.actor).filter(component=component, system__in=systems(request.actor))
    context = {
        "component": component,
        "typed": typed or {key: getattr(component, key) for key in ("name", "version", "supplier", "notes")},
        "wrong": wrong,
        "used": relations.select_related("system__owner", "system__unit").order_by("system__number"),
        "versions": components(request.actor).filter(kind=component.kind, name=component.name).exclude(pk=component.pk),
        "may_change": request.actor.may("system.bulk"),
    }
    return render(request, "inventory/component.html", context, status=422 if wrong else 200)


@require_POST
@page("system.change")
def relation_new(request: Request, number: int) -> HttpResponse:
    """Relate a system to a component (made if it is new) or to another system."""
    actor, given = request.actor, request.POST
    system = system_by_number(actor, number)
    actor.require("system.change", system)
    try:
        with transaction.atomic():
            if given.get("component_name"):
                keys = ("kind", "name", "version", "supplier")
                component = component_add(actor=actor, **{key: given.get(f"component_{key}", "") for key in keys})
                relation_add(actor=actor, system=system, kind="uses", component=component)
            else:
                other = _other(request, given.get("other", ""))
                relation_add(actor=actor, system=system, kind=given.get("kind", ""), other=other)
    except NotFound:
        messages.error(request, f"There is no system “{given.get('other', '')}” that you may see.")
    except PilothouseError as error:
        messages.error(request, " ".join([error.detail, *error.fields.values()]))
    return _parts(request, number)


@require_POST
@page("system.change")
def relation_delete(request: Request, number: int, relation_id: str) -> HttpResponse:
    """Take a relation away."""
    system = system_by_number(request.actor, number)
    relation = Relation.objects.get_of(request.actor, pk=relation_id, system=system)
    relation_remove(actor=request.actor, system=system, relation=relation)
    return _parts(request, number)


def _other(request: Request, text: str) -> System:
    digits = text.strip().upper().removeprefix("S-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise NotFound
    return system_by_number(request.actor, int(digits))


def _parts(request: Request, number: int) -> HttpResponse:
    return redirect(f"/o/{request.organisation.slug}/systems/{number}/?tab=parts#tabs")
