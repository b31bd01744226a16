"""Upstreams, models and prices."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pilothouse.kernel.policy.actions.routing import alias_save, price_add, upstream_save
from pilothouse.kernel.policy.models import Alias, Price, Upstream
from pilothouse.kernel.policy.rules import secret_prefix
from pilothouse.kernel.policy.selectors import aliases, prices, stops, upstreams
from pilothouse.web.page import Request, page
from pilothouse.web.policy.forms import AliasForm, PriceForm, UpstreamForm, write_target
from pilothouse.web.policy.pages.frame import saved, status, tabs, version


@require_http_methods(["GET", "POST"])
@page("traffic.view")
def upstream_list(request: Request) -> HttpResponse:
    """Every upstream, and the form for a new one."""
    actor, form = request.actor, _upstream_form(request)
    made = saved(
        request,
        "gateway.manage",
        form,
        lambda: upstream_save(actor=actor, name=form.cleaned_data["name"], facts=form.facts(), version=0),
    )
    if made is not None:
        messages.success(request, f"“{made.name}” is added. Next: a model that it answers for.")
        return redirect("policy:upstreams", slug=request.organisation.slug)
    context = {
        "tabs": tabs(request),
        "rows": upstreams(actor),
        "form": form,
        "stopped": _stopped(request, "upstream"),
        "may": actor.may("gateway.manage"),
    }
    return render(request, "policy/upstreams.html", context, status=status(form))


@require_http_methods(["GET", "POST"])
@page("gateway.manage")
def upstream_detail(request: Request, upstream_id: UUID) -> HttpResponse:
    """Change one upstream."""
    upstream: Upstream = Upstream.objects.get_of(request.actor, pk=upstream_id)
    form = _upstream_form(request, upstream)
    done = saved(
        request,
        "gateway.manage",
        form,
        lambda: upstream_save(actor=request.actor, name=upstream.name, facts=form.facts(), version=version(request)),
    )
    if done is not None:
        messages.success(request, "Saved. Gateways have it within two seconds.")
        return redirect("policy:upstreams", slug=request.organisation.slug)
    context = {"tabs": tabs(request), "row": upstream, "form": form, "back": "upstreams", "kind": "Upstream"}
    return render(request, "policy/edit.html", context, status=status(form))


def _upstream_form(request: Request, upstream: Upstream | None = None) -> UpstreamForm:
    slug = request.organisation.slug
    return UpstreamForm(secret_prefix(slug), slug, request.POST or None, upstream=upstream)


@require_http_methods(["GET", "POST"])
@page("traffic.view")
def model_list(request: Request) -> HttpResponse:
    """Every model by the name that callers ask for, what it costs, and the forms for a new one and a price."""
    actor, form = request.actor, AliasForm(request.POST or None)
    made = saved(
        request,
        "gateway.manage",
        form,
        lambda: alias_save(actor=actor, name=form.cleaned_data["name"], facts=form.facts(), version=0),
    )
    if made is not None:
        messages.success(request, f"“{made.name}” is offered. Next: the systems that may call it.")
        return redirect("policy:models", slug=request.organisation.slug)
    return _models(request, form, _price_form(request))


@require_POST
@page("gateway.manage")
def price_new(request: Request) -> HttpResponse:
    """Say what a model costs from a day on."""
    form = _price_form(request, posted=True)
    made = saved(request, "gateway.manage", form, lambda: price_add(actor=request.actor, **form.facts()))
    if made is None:
        return _models(request, AliasForm(), form)
    messages.success(request, f"The price of {made.upstream.name}/{made.model} is kept.")
    return redirect("policy:models", slug=request.organisation.slug)


def _price_form(request: Request, *, posted: bool = False) -> PriceForm:
    rows = list(upstreams(request.actor).filter(active=True))
    return PriceForm(request.organisation, rows, request.POST if posted else None)


def _models(request: Request, form: AliasForm, price_form: PriceForm) -> HttpResponse:
    known = list(prices(request.actor))
    priced = {f"{price.upstream.name}/{price.model}" for price in known}
    rows = [
        (row, [(write_target(one), f"{one['upstream']}/{one['model']}" in priced) for one in row.targets])
        for row in aliases(request.actor)
    ]
    context = {
        "tabs": tabs(request),
        "rows": rows,
        "prices": [(price, _amounts(price)) for price in known],
        "form": form,
        "price_form": price_form,
        "stopped": _stopped(request, "model"),
        "may": request.actor.may("gateway.manage"),
        "has_upstream": bool(price_form.upstreams),
    }
    bad = max(status(form), status(price_form))
    return render(request, "policy/models.html", context, status=bad)


def _amounts(price: Price) -> dict[str, str]:
    """A price's figures without the zeros that a column of six decimals adds."""
    figures = {name: getattr(price, name) for name in (*PriceForm.AMOUNTS, "rate")}
    return {name: f"{figure.normalize():f}" for name, figure in figures.items() if figure is not None}


@require_http_methods(["GET", "POST"])
@page("gateway.manage")
def model_detail(request: Request, alias_id: UUID) -> HttpResponse:
    """Change what answers by a model's name, or retire it."""
    alias: Alias = Alias.objects.get_of(request.actor, pk=alias_id)
    form = AliasForm(request.POST or None, alias=alias)
    done = saved(
        request,
        "gateway.manage",
        form,
        lambda: alias_save(actor=request.actor, name=alias.name, facts=form.facts(), version=version(request)),
    )
    if done is not None:
        messages.success(request, "Saved. Gateways have it within two seconds.")
        return redirect("policy:models", slug=request.organisation.slug)
    context = {"tabs": tabs(request), "row": alias, "form": form, "back": "models", "kind": "Model"}
    return render(request, "policy/edit.html", context, status=status(form))


def _stopped(request: Request, kind: str) -> set[str]:
    return set(stops(request.actor).filter(kind=kind, lifted_at=None).values_list("target", flat=True))
