"""Audit packs: what one would lack, the button, all packs, runs with their progress, the file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import Invalid, PilothouseError
from pilothouse.domains.governance.pack.actions import pack_fetch, pack_seal, packs_request
from pilothouse.domains.governance.pack.building import judged
from pilothouse.domains.governance.pack.forms import SealForm
from pilothouse.domains.governance.pack.rules import counts, gaps, standing_of
from pilothouse.domains.governance.pack.selectors import high_risk, pack_by_id, packs, progress, run_by_id, runs
from pilothouse.kernel import clock
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.ledger import keys, notes, witness
from pilothouse.web.page import Request, page

PAGE = 50
NEWEST = 5


def seen_before(request: Any, system: System, form: SealForm | None = None) -> dict[str, Any]:
    """What the system's part shows: the gaps of now, the button, its packs so far."""
    material, sections = judged(system, clock.now())
    return {
        "system": system,
        "standing": standing_of(material),
        "sections": sections,
        "gaps": gaps(sections),
        "counts": counts(sections),
        "packs": packs(request.actor, system=system)[:NEWEST],
        "form": form or SealForm(zone=request.organisation.time_zone),
        "may_seal": request.actor.may("pack.seal", system),
    }


@require_GET
@page("pack.fetch")
def pack_list(request: Request) -> HttpResponse:
    """All packs that the actor may see, and the runs."""
    shown = Paginator(packs(request.actor), PAGE).get_page(request.GET.get("page"))
    sealing = request.actor.may("pack.seal")
    context = {
        "page": shown,
        "runs": runs(request.actor)[:NEWEST],
        "may_seal": sealing,
        "high": high_risk(request.actor).count() if sealing else 0,
        "form": SealForm(zone=request.organisation.time_zone),
    }
    return render(request, "governance_pack/list.html", context)


@require_http_methods(["GET", "POST"])
@page("pack.fetch")
def of_system(request: Request, number: int) -> HttpResponse:
    """What a pack of the system would lack now; sealing one; those there are."""
    system = system_by_number(request.actor, number)
    request.actor.require("pack.fetch", system)
    form = SealForm(request.POST or None, zone=request.organisation.time_zone)
    if request.method == "POST" and form.is_valid():
        try:
            pack = pack_seal(actor=request.actor, system=system, **form.cleaned_data)
        except Invalid as error:
            for name, problem in (error.fields or {"": error.detail}).items():
                form.add_error(name if name in form.fields else None, problem)
        except PilothouseError as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, f"The pack is sealed: {pack.filename}.")
            return redirect("governance_pack:pack", slug=request.organisation.slug, pack_id=pack.pk)
    context = seen_before(request, system, form if request.method == "POST" else None)
    return render(request, "governance_pack/system.html", context, status=422 if form.errors else 200)


@require_POST
@page("pack.seal")
def run_new(request: Request) -> HttpResponse:
    """Ask for the packs of all systems of high risk."""
    form = SealForm(request.POST, zone=request.organisation.time_zone)
    if not form.is_valid():
        messages.error(request, "Please look again at the moment and the profile.")
        return redirect("governance_pack:list", slug=request.organisation.slug)
    try:
        run = packs_request(
            actor=request.actor,
            systems=high_risk(request.actor),
            as_of=form.cleaned_data["as_of"],
            profile=form.cleaned_data["profile"],
            title=form.cleaned_data["purpose"] or "All of high risk",
        )
    except PilothouseError as error:
        messages.error(request, error.detail)
        return redirect("governance_pack:list", slug=request.organisation.slug)
    return redirect("governance_pack:run", slug=request.organisation.slug, run_id=run.pk)


@require_GET
@page("pack.fetch")
def run_detail(request: Request, run_id: UUID) -> HttpResponse:
    """A run with its progress; it renews itself while packs are being made, and can be left and found again."""
    run = run_by_id(request.actor, run_id)
    rows = packs(request.actor, run=run).order_by("system__number")
    context = {
        "run": run,
        "progress": progress(request.actor, run),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
    }
    name = "governance_pack/_run.html" if request.htmx else "governance_pack/run.html"
    return render(request, name, context)


@require_GET
@page("pack.fetch")
def pack_detail(request: Request, pack_id: UUID) -> HttpResponse:
    """One pack: what came of it, its file, how to verify it."""
    pack = pack_by_id(request.actor, pack_id)
    origin = notes.origin_of(request.organisation.pk)
    context = {
        "pack": pack,
        "states": [(state, pack.counts.get(state, 0)) for state in ("current", "due", "stale", "missing")],
        "not_asked": pack.counts.get("not_applicable", 0),
        "key": notes.verifier_key(origin, keys.signing_key().public_key().public_bytes_raw()),
        "witness": witness.configured(),
    }
    return render(request, "governance_pack/pack.html", context)


@require_POST
@page("pack.fetch")
def pack_download(request: Request, pack_id: UUID) -> HttpResponseBase:
    """The file. Who fetched it is entered in the ledger."""
    pack = pack_by_id(request.actor, pack_id)
    try:
        path = pack_fetch(actor=request.actor, pack=pack)
    except PilothouseError as error:
        messages.error(request, error.detail)
        return redirect("governance_pack:pack", slug=request.organisation.slug, pack_id=pack.pk)
    return FileResponse(path.open("rb"), as_attachment=True, filename=pack.filename, content_type="application/zip")
