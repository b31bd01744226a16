"""Taking in what other tools saw, how long calls are kept, and forgetting a person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import NotFound, PilothouseError
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.traffic.actions import Told, keep_days, person_forget, retention_set, usage_observe
from pilothouse.kernel.traffic.observed import logs
from pilothouse.web.access.forms import tell
from pilothouse.web.page import Request, page
from pilothouse.web.traffic.asking import frame


class LogForm(forms.Form):
    file = forms.FileField(
        label="Log", help_text="CSV or JSON, up to 64 MB. LiteLLM's spend logs are read as they are."
    )
    system = forms.CharField(
        required=False,
        label="System",
        max_length=20,
        help_text="Its number, such as S-4, if all calls are its own. Otherwise a column “system” says whose each is.",
    )


class KeepForm(forms.Form):
    days = forms.IntegerField(label="Days", min_value=7, max_value=3_660)


class ForgetForm(forms.Form):
    told = forms.CharField(label="Person", max_length=254, help_text="The e-mail address or id that calls named.")
    reason = forms.CharField(label="Reason", max_length=300, help_text="Which request or rule asks for it. It stays.")


@require_http_methods(["GET", "POST"])
@page("traffic.ingest")
def observe(request: Request) -> HttpResponse:
    """Bring in a log, and how to send telemetry."""
    form, said, status = LogForm(request.POST or None, request.FILES or None), None, 200
    if request.method == "POST":
        said = _observed(request, form) if form.is_valid() else None
        status = 200 if said else 422
    context = {"form": form, "told": said, "refused": list(said.refused[:200]) if said else []}
    endpoint = request.build_absolute_uri("/api/v1/traffic")
    return render(
        request,
        "traffic/observe.html",
        context | {"endpoint": endpoint} | frame(request.organisation.slug, ""),
        status=status,
    )


def _observed(request: Request, form: LogForm) -> Told | None:
    wanted = form.cleaned_data["system"].strip().upper().removeprefix("S-")
    try:
        if wanted and not wanted.isdigit():
            raise NotFound("A system's number looks like S-4.", data={"field": "system"})
        system = system_by_number(request.actor, int(wanted)) if wanted else None
    except NotFound as error:
        form.add_error("system", error.detail if error.data else "There is no such system that you may see.")
        return None
    try:
        seen = logs.read(form.cleaned_data["file"].read(logs.MOST_BYTES + 1))
        return usage_observe(actor=request.actor, seen=seen, source="import", system=system)
    except PilothouseError as error:
        form.add_error("file", error.detail)
        return None


@require_GET
@page("traffic.view")
def keeping(request: Request) -> HttpResponse:
    """How long calls are kept, and the way to have a person forgotten."""
    return _keeping(request)


def _keeping(request: Request, keep: Any = None, forget: Any = None, status: int = 200) -> HttpResponse:
    days = keep_days(request.organisation.pk)
    context = {
        "days": days,
        "keep": keep or KeepForm(initial={"days": days}),
        "forget": forget or ForgetForm(),
        "may_keep": request.actor.may("organisation.change"),
        "may_forget": request.actor.may("ledger.erase"),
    }
    return render(request, "traffic/keeping.html", context | frame(request.organisation.slug, ""), status=status)


@require_POST
@page("organisation.change")
def retention(request: Request) -> HttpResponse:
    """Say how many days calls are kept."""
    form = KeepForm(request.POST)
    if form.is_valid():
        try:
            retention_set(actor=request.actor, days=form.cleaned_data["days"])
        except PilothouseError as error:
            tell(form, error)
        else:
            messages.success(request, "From tonight, older calls are forgotten.")
            return redirect("traffic:keeping", slug=request.organisation.slug)
    return _keeping(request, keep=form, status=422)


@require_POST
@page("ledger.erase")
def forget(request: Request) -> HttpResponse:
    """Make a person's calls nobody's."""
    form = ForgetForm(request.POST)
    if form.is_valid():
        try:
            rows = person_forget(actor=request.actor, **form.cleaned_data)
        except PilothouseError as error:
            tell(form, error)
        else:
            messages.success(request, f"{rows} rows are nobody's now. What they cost stays.")
            return redirect("traffic:keeping", slug=request.organisation.slug)
    return _keeping(request, forget=form, status=422)
