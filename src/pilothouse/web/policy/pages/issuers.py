"""Issuers whose identity tokens show who a person is."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.policy.actions.issuers import issuer_renew, issuer_save
from pilothouse.kernel.policy.models import Issuer
from pilothouse.kernel.policy.selectors import issuers
from pilothouse.web.page import Request, page
from pilothouse.web.policy.forms import IssuerForm
from pilothouse.web.policy.pages.frame import saved, status, tabs, version


@require_http_methods(["GET", "POST"])
@page("gateway.manage")
def issuer_list(request: Request) -> HttpResponse:
    """Every issuer, and the form for a new one."""
    form = IssuerForm(request.POST or None)
    made = saved(
        request,
        "gateway.manage",
        form,
        lambda: issuer_save(actor=request.actor, name=form.cleaned_data["name"], facts=form.facts(), version=0),
    )
    if made is not None:
        return _renewed(request, made, f"“{made.name}” is added. Keys can now ask for people shown by its tokens.")
    context = {"tabs": tabs(request), "rows": issuers(request.actor), "form": form}
    return render(request, "policy/issuers.html", context, status=status(form))


@require_http_methods(["GET", "POST"])
@page("gateway.manage")
def issuer_detail(request: Request, issuer_id: UUID) -> HttpResponse:
    """Change one issuer."""
    issuer: Issuer = Issuer.objects.get_of(request.actor, pk=issuer_id)
    form = IssuerForm(request.POST or None, issuer=issuer)
    done = saved(
        request,
        "gateway.manage",
        form,
        lambda: issuer_save(actor=request.actor, name=issuer.name, facts=form.facts(), version=version(request)),
    )
    if done is not None:
        return _renewed(request, done, "Saved. Gateways have it within two seconds.")
    context = {"tabs": tabs(request), "row": issuer, "form": form}
    return render(request, "policy/issuer.html", context, status=status(form))


@require_POST
@page("gateway.manage")
def issuer_renew_page(request: Request, issuer_id: UUID) -> HttpResponse:
    """Fetch an issuer's keys now."""
    issuer: Issuer = Issuer.objects.get_of(request.actor, pk=issuer_id)
    return _renewed(request, issuer, f"“{issuer.name}” has shown its keys.")


def _renewed(request: Request, issuer: Issuer, text: str) -> HttpResponse:
    """Fetch the keys, and say so or why not; what was saved stays."""
    try:
        issuer_renew(actor=request.actor, issuer=issuer)
        messages.success(request, text)
    except PilothouseError as error:
        why = next(iter(getattr(error, "fields", {}).values()), str(error))
        messages.warning(request, f"It is kept, but its keys cannot be read, so no token of it counts yet. {why}")
    return redirect("policy:issuers", slug=request.organisation.slug)
