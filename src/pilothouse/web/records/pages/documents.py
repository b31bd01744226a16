"""One document or entry: what is sealed, every version with what changed in it, comparing and withdrawing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid
from pilothouse.kernel.ledger.selectors import history
from pilothouse.kernel.records.actions import record_confirm, record_withdraw
from pilothouse.kernel.records.kinds import kind_of
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import compare, problems_of, record_by_id, records, versions
from pilothouse.kernel.records.verify import intact
from pilothouse.web.page import Request, page
from pilothouse.web.records.forms import WithdrawForm
from pilothouse.web.records.pages.places import Place, place_of_record
from pilothouse.web.records.shown import shown_lines, shown_versions
from pilothouse.web.remedies import to_gate


def document_page(request: Request, place: Place) -> HttpResponse:
    """A document that is no register: what is sealed, what is being written, and every version."""
    rows = list(records(request.actor, kind=place.kind.id).filter(system=place.system).order_by("-version"))
    current = next((row for row in rows if row.state == "sealed"), None)
    draft = next((row for row in rows if row.state == "draft"), None)
    context = {
        "place": place,
        "system": place.system,
        "kind": place.kind,
        "current": current,
        "draft": draft,
        "missing": len(problems_of(draft)) if draft else 0,
        "versions": shown_versions(place.kind, rows),
        "lines": shown_lines(request.actor, place.slug, current) if current else [],
        "may_write": place.may_write,
    }
    return render(request, "records/document.html", context)


@require_GET
@page("organisation.view")
def detail(request: Request, record_id: UUID) -> HttpResponse:
    """One version of a document or an entry, whatever its state."""
    return _version_page(request, record_by_id(request.actor, record_id), WithdrawForm())


@require_GET
@page("organisation.view")
def comparison(request: Request, record_id: UUID, other_id: UUID) -> HttpResponse:
    """What changed from one version (`other_id`) to another."""
    after, before = record_by_id(request.actor, record_id), record_by_id(request.actor, other_id)
    context = {"kind": kind_of(after.kind), "before": before, "after": after, "changes": compare(before, after)}
    return render(request, "records/compare.html", context)


@require_POST
@page("organisation.view")
def withdraw(request: Request, record_id: UUID) -> HttpResponse:
    """Withdraw the sealed version, or drop a draft."""
    found = record_by_id(request.actor, record_id)
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            record_withdraw(actor=request.actor, record=found, reason=form.cleaned_data["reason"])
        except (Conflict, Invalid) as error:
            form.add_error("reason", error.detail)
        else:
            messages.success(request, f"Version {found.version} is withdrawn. Its text stays readable.")
            return redirect("records:detail", slug=request.organisation.slug, record_id=found.pk)
    return _version_page(request, found, form, status=422)


@require_POST
@page("organisation.view")
def confirm(request: Request, record_id: UUID) -> HttpResponse:
    """Say that a sealed version was looked at again and still holds."""
    found = record_by_id(request.actor, record_id)
    try:
        record_confirm(actor=request.actor, record=found, reason=request.POST.get("reason", ""))
    except (Conflict, Invalid) as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"Version {found.version} still holds; checks count it again.")
    return redirect("records:detail", slug=request.organisation.slug, record_id=found.pk)


def _version_page(request: Request, found: Record, form: WithdrawForm, status: int = 200) -> HttpResponse:
    place = place_of_record(request, found)
    every = versions(request.actor, found)
    context = {
        "place": place,
        "record": found,
        "version_words": f"Version {found.version}",
        "kind": place.kind,
        "system": found.system,
        "lines": shown_lines(request.actor, place.slug, found),
        "missing": problems_of(found) if found.state == "draft" else {},
        "intact": intact(found),
        "versions": shown_versions(place.kind, every) if len(every) > 1 else [],
        "newest": every[0].pk == found.pk,
        "others": [row for row in every if row.pk != found.pk],
        "history": _history(request, found),
        "form": form,
        "may_write": place.may_write,
        "may_open": request.actor.scope("ledger.view").everywhere,
        "edit_url": place.edit_of(found),
        "gate": to_gate(request),
    }
    return render(request, "records/detail.html", context, status=status)


def _history(request: Request, found: Record) -> Any:
    try:
        return history(request.actor, subject=found)
    except Forbidden:
        return []
