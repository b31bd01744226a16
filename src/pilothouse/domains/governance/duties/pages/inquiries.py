"""Requests of authorities, with clocks, correspondence and packs; drills, timed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import Invalid, NotFound, PilothouseError
from pilothouse.domains.governance.duties.actions import (
    gaps_review,
    inquiry_close,
    inquiry_open,
    letter_keep,
    pack_attach,
)
from pilothouse.domains.governance.duties.forms import InquiryForm, LetterForm, PackForm
from pilothouse.domains.governance.duties.models import Inquiry, Letter
from pilothouse.domains.governance.duties.selectors.cases import keeping
from pilothouse.domains.governance.duties.selectors.inquiries import drills, inquiries, inquiry_of
from pilothouse.kernel import clock
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.web.page import Request, page

PAGE = 30
SHOWS = {"open": "Open", "ended": "Ended", "drills": "Drills", "all": "All"}


@require_GET
@page("duty.view")
def inquiry_list(request: Request) -> HttpResponse:
    """Requests with their clocks, the one due first first; and how long drills took."""
    every = list(inquiries(request.actor))
    lists = {
        "open": sorted((row for row in every if row.state == "open"), key=lambda row: row.due_at),
        "ended": [row for row in every if row.state != "open" and not row.drill],
        "drills": [row for row in every if row.drill],
        "all": every,
    }
    show = request.GET.get("show", "open")
    show = show if show in lists else "open"
    kept = keeping(request.organisation.pk)
    context = {
        "page": Paginator(lists[show], PAGE).get_page(request.GET.get("page")),
        "tabs": [(key, label, f"?show={key}", len(lists[key])) for key, label in SHOWS.items()],
        "show": show,
        "drills": drills(every),
        "kept": kept,
        "late": sum(row.due_at < clock.now() for row in lists["open"]),
        "may_manage": request.actor.scope("duty.manage").everywhere,
    }
    return render(request, "duties/inquiries.html", context)


@require_http_methods(["GET", "POST"])
@page("duty.manage")
def inquiry_new(request: Request) -> HttpResponse:
    """Enter a request, or begin a drill (`?drill=yes`)."""
    kept = keeping(request.organisation.pk)
    start = {"drill": request.GET.get("drill") == "yes", "systems": request.GET.get("systems", "")}
    form = InquiryForm(request.POST or None, initial=start, zone=kept.zone)
    if request.method == "POST" and form.is_valid():
        try:
            inquiry = inquiry_open(actor=request.actor, **form.asked())
        except Invalid as error:
            for name, words in (error.fields or {"": error.detail}).items():
                known = "systems" if name == "numbers" else name
                form.add_error(known if known in form.fields else None, words)
        else:
            messages.success(request, f"{inquiry.ref} is open; its clock runs.")
            return redirect("duties:inquiry", slug=request.organisation.slug, number=inquiry.number)
    context = {"form": form, "kept": kept}
    return render(request, "duties/inquiry_new.html", context, status=422 if form.errors else 200)


@require_GET
@page("duty.view")
def inquiry_detail(request: Request, number: int) -> HttpResponse:
    """One request: its clock, scope, correspondence, the packs that answer it."""
    return _detail(request, inquiry_of(request.actor, number))


def _detail(request: Request, inquiry: Inquiry, **forms: Any) -> HttpResponse:
    kept = keeping(request.organisation.pk)
    seen = systems(request.actor).filter(pk__in=inquiry.systems.values("pk"))
    context: dict[str, Any] = {
        "inquiry": inquiry,
        "systems": seen.order_by("number"),
        "letters": inquiry.letters.all(),
        "packs": inquiry.packs.all(),
        "drill": next(iter(drills([inquiry])), None),
        "kept": kept,
        "now": clock.now(),
        "letter_form": LetterForm(),
        "pack_form": PackForm(zone=kept.zone),
        "may_manage": request.actor.may("duty.manage", inquiry),
    } | forms
    bad = any(form.errors for form in forms.values())
    return render(request, "duties/inquiry.html", context, status=422 if bad else 200)


@require_POST
@page("duty.manage")
def inquiry_letter(request: Request, number: int) -> HttpResponse:
    """Keep a letter, a file or a note."""
    inquiry = inquiry_of(request.actor, number)
    form = LetterForm(request.POST, request.FILES)
    if form.is_valid():
        said, file = form.cleaned_data, form.cleaned_data["file"]
        try:
            letter_keep(
                actor=request.actor,
                inquiry=inquiry,
                way=said["way"],
                text=said["text"],
                filename=file.name if file else "",
                data=file.read() if file else None,
            )
        except Invalid as error:
            for name, words in (error.fields or {"": error.detail}).items():
                form.add_error(name if name in form.fields else None, words)
        else:
            messages.success(request, "It is kept.")
            return redirect("duties:inquiry", slug=request.organisation.slug, number=number)
    return _detail(request, inquiry, letter_form=form)


@require_GET
@page("duty.view")
def inquiry_file(request: Request, number: int, letter_id: UUID) -> HttpResponseBase:
    """A file of the correspondence, always as a download and never shown inside our pages."""
    inquiry = inquiry_of(request.actor, number)
    letter: Letter = Letter.objects.get_of(request.actor, pk=letter_id, inquiry=inquiry)
    if not letter.file:
        raise NotFound
    response = FileResponse(
        letter.file.open("rb"), as_attachment=True, filename=letter.filename, content_type=letter.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@require_POST
@page("duty.manage")
def inquiry_pack(request: Request, number: int) -> HttpResponse:
    """Attach a sealed pack by its hash."""
    inquiry = inquiry_of(request.actor, number)
    form = PackForm(request.POST, zone=keeping(request.organisation.pk).zone)
    if form.is_valid():
        said = form.cleaned_data
        try:
            pack_attach(
                actor=request.actor,
                inquiry=inquiry,
                title=said["pack_title"],
                sha256=said["sha256"],
                sealed_at=said["sealed_at"] or clock.now(),
                gaps=said["pack_gaps"],
            )
        except Invalid as error:
            for name, words in (error.fields or {"": error.detail}).items():
                form.add_error(name if name in form.fields else None, words)
        else:
            messages.success(request, "The pack is attached.")
            return redirect("duties:inquiry", slug=request.organisation.slug, number=number)
    return _detail(request, inquiry, pack_form=form)


@require_POST
@page("duty.manage")
def inquiry_review(request: Request, number: int) -> HttpResponse:
    """The gaps of the pack were gone through."""
    inquiry = inquiry_of(request.actor, number)
    told = request.POST.get("gaps", "").strip()
    gaps = int(told) if told.isascii() and told.isdigit() and len(told) < 6 else -1
    note = request.POST.get("note", "")
    return _told(
        request,
        number,
        lambda: gaps_review(actor=request.actor, inquiry=inquiry, gaps=gaps, note=note),
        "The gaps are reviewed.",
    )


@require_POST
@page("duty.manage")
def inquiry_end(request: Request, number: int) -> HttpResponse:
    """End a request, answered or not."""
    inquiry = inquiry_of(request.actor, number)
    answered, outcome = request.POST.get("answered") == "yes", request.POST.get("outcome", "")
    return _told(
        request,
        number,
        lambda: inquiry_close(actor=request.actor, inquiry=inquiry, outcome=outcome, answered=answered),
        "It has ended.",
    )


def _told(request: Request, number: int, act: Callable[[], object], done: str) -> HttpResponse:
    try:
        act()
    except PilothouseError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, " ".join([error.detail, *(error.fields or {}).values()]))
    else:
        messages.success(request, done)
    return redirect("duties:inquiry", slug=request.organisation.slug, number=number)
