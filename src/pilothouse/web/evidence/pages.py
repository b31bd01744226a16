"""Evidence: all of it, adding some to a system, reading a file, withdrawing."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.kernel import clock
from pilothouse.kernel.domain import registry
from pilothouse.kernel.evidence.actions import evidence_add, evidence_withdraw
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.evidence.selectors import STANDINGS, evidence_by_id, evidence_list, standing
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.evidence.forms import EvidenceForm
from pilothouse.web.page import Request, page

PAGE = 50


@require_GET
@page("system.view")
def evidence_page(request: Request) -> HttpResponse:
    """All evidence that the actor may see, by standing."""
    show, search = request.GET.get("show", ""), request.GET.get("q", "").strip()[:200]
    today = clock.now().date()
    rows = evidence_list(request.actor, show=show, search=search, today=today)
    shown = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    base = "?" + (f"q={search}&" if search else "")
    context = {
        "rows": [(row, standing(row, today)) for row in shown],
        "page": shown,
        "search": search,
        "show": show,
        "tabs": [("", "All", base), *((key, label, f"{base}show={key}") for key, label in STANDINGS.items())],
    }
    return render(request, "evidence/list.html", context)


@require_http_methods(["GET", "POST"])
@page("evidence.add")
def evidence_new(request: Request, number: int) -> HttpResponse:
    """Add evidence to a system; `?check=` and `?replaces=` fill the form."""
    actor = request.actor
    system = system_by_number(actor, number)
    actor.require("evidence.add", system)
    form = EvidenceForm(request.POST or None, request.FILES or None, initial={"supports": request.GET.getlist("check")})
    replaces = _replaced(request, system.pk)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        upload = facts.pop("file")
        try:
            evidence = evidence_add(
                actor=actor,
                system=system,
                filename=upload.name if upload else "",
                data=upload.read() if upload else None,
                replaces=replaces,
                **facts,
            )
        except Invalid as error:
            for name, problem in (error.fields or {"": error.detail}).items():
                form.add_error(name if name in form.fields else None, problem)
        else:
            messages.success(request, f"“{evidence.title}” is kept.")
            return redirect("evidence:detail", slug=request.organisation.slug, evidence_id=evidence.pk)
    context = {"form": form, "system": system, "replaces": replaces}
    return render(request, "evidence/new.html", context, status=422 if form.errors else 200)


@require_GET
@page("system.view")
def evidence_detail(request: Request, evidence_id: UUID) -> HttpResponse:
    """One piece: what it is, what it supports, whether it counts, and its hash."""
    evidence = evidence_by_id(request.actor, evidence_id)
    context = {
        "evidence": evidence,
        "standing": standing(evidence, clock.now().date()),
        "checks": [registry.checks[check] for check in evidence.supports if check in registry.checks],
        "may_change": request.actor.may("evidence.add", evidence) and not evidence.withdrawn_at,
    }
    return render(request, "evidence/detail.html", context)


@require_GET
@page("system.view")
def evidence_file(request: Request, evidence_id: UUID) -> HttpResponseBase:
    """The file itself, always as a download and never shown inside our pages."""
    evidence = evidence_by_id(request.actor, evidence_id)
    if not evidence.file:
        raise NotFound
    response = FileResponse(
        evidence.file.open("rb"), as_attachment=True, filename=evidence.filename, content_type=evidence.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@require_POST
@page("evidence.add")
def evidence_withdrawal(request: Request, evidence_id: UUID) -> HttpResponse:
    """Withdraw a piece, with the reason."""
    evidence = evidence_by_id(request.actor, evidence_id)
    try:
        evidence_withdraw(actor=request.actor, evidence=evidence, reason=request.POST.get("reason", ""))
    except Invalid as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"“{evidence.title}” no longer counts.")
    return redirect("evidence:detail", slug=request.organisation.slug, evidence_id=evidence.pk)


def _replaced(request: Request, system_id: UUID) -> Evidence | None:
    wanted = request.GET.get("replaces", "")
    if not wanted:
        return None
    found = evidence_by_id(request.actor, wanted)
    if found.system_id != system_id:
        raise NotFound
    return found
