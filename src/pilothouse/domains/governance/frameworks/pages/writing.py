"""Adopting, adding, mapping and giving up frameworks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pilothouse.contracts.errors import Invalid, PilothouseError
from pilothouse.domains.governance.frameworks import actions
from pilothouse.domains.governance.frameworks.documents import Framework
from pilothouse.domains.governance.frameworks.exchange import read_framework
from pilothouse.domains.governance.frameworks.forms import FrameworkForm
from pilothouse.web.page import Request, page


@require_POST
@page(actions.MANAGE)
def adopt(request: Request) -> HttpResponse:
    """Adopt a framework that ships, or its newer edition."""
    try:
        row = actions.framework_adopt(actor=request.actor, key=request.POST.get("key", ""))
    except PilothouseError as error:
        if error.status != 409:
            raise
        messages.info(request, error.detail)
        return redirect("frameworks:list", slug=request.organisation.slug)
    messages.success(request, f"{row.title} is adopted.")
    return redirect("frameworks:framework", slug=request.organisation.slug, key=row.key)


@require_http_methods(["GET", "POST"])
@page(actions.MANAGE)
def framework_new(request: Request) -> HttpResponse:
    """Add a framework of one's own, from a file or a typed table, without any code."""
    form = FrameworkForm(request.POST or None, request.FILES or None, initial={"key": request.GET.get("key", "")})
    faults: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.framework_save(
                actor=request.actor,
                framework=_read(form.cleaned_data),
                origin="imported" if form.cleaned_data["file"] else "own",
                because=form.cleaned_data["because"],
            )
        except PilothouseError as error:
            if error.status not in (409, 422):
                raise
            form.add_error(None, error.detail)
            faults = error.fields
        else:
            messages.success(request, f"{row.title}, version {row.version}, is kept.")
            return redirect("frameworks:framework", slug=request.organisation.slug, key=row.key)
    context = {"form": form, "faults": faults}
    return render(request, "frameworks/new.html", context, status=422 if form.errors else 200)


def _read(said: dict[str, Any]) -> Framework:
    upload, table = said["file"], said["table"]
    if bool(upload) == bool(table.strip()):
        raise Invalid("Give one thing: a file or a table.", fields={"file": "One of the two."})
    if upload:
        return read_framework(upload.name or "", upload.read(), said["key"], said["title"])
    return read_framework("table.csv", table.encode(), said["key"], said["title"])


@require_POST
@page(actions.MANAGE)
def map_requirement(request: Request, key: str, requirement_id: str) -> HttpResponse:
    """Say which controls serve a requirement: the pairs of fields `control` and `relation`, and why."""
    pairs = zip(request.POST.getlist("control"), request.POST.getlist("relation"), strict=False)
    by = {control: relation for control, relation in pairs if control and relation}
    try:
        actions.framework_map(
            actor=request.actor,
            key=key,
            requirement=requirement_id,
            by=by,
            because=request.POST.get("because", "")[:500],
        )
    except PilothouseError as error:
        if error.status not in (409, 422):
            raise
        messages.error(request, f"{error.detail} {' '.join(error.fields.values())}")
    else:
        messages.success(request, "The mapping is kept, as the framework's next version.")
    return redirect("frameworks:requirement", slug=request.organisation.slug, key=key, requirement_id=requirement_id)


@require_POST
@page(actions.MANAGE)
def withdraw(request: Request, key: str) -> HttpResponse:
    """Give a framework up, with the reason."""
    try:
        row = actions.framework_withdraw(actor=request.actor, key=key, because=request.POST.get("because", ""))
    except Invalid as error:
        messages.error(request, error.detail)
        return redirect("frameworks:framework", slug=request.organisation.slug, key=key)
    messages.success(request, f"{row.title} is no longer counted.")
    return redirect("frameworks:list", slug=request.organisation.slug)
