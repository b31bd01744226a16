"""The rulebook's editor: a draft, one part at a time; what it would change; the proposal."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import Conflict, NotFound, PilothouseError
from pilothouse.kernel.checks.actions import rulebook_activate, rulebook_draft, rulebook_propose
from pilothouse.kernel.checks.active import active_rulebook
from pilothouse.kernel.checks.impact import rulebook_impact
from pilothouse.kernel.checks.models import Rulebook
from pilothouse.kernel.checks.rulebooks import SHIPPED
from pilothouse.kernel.checks.rules import compare
from pilothouse.kernel.checks.selectors import rulebook_version, rulebooks
from pilothouse.web.checks.forms import SECTIONS, section_form
from pilothouse.web.checks.words import GATE_LEADS, role_titles
from pilothouse.web.page import Request, page

SHOWN = 20  # systems named in each list of a preview


@require_POST
@page("rulebook.propose")
def edit(request: Request) -> HttpResponse:
    """Start a draft of the active rulebook or of one that ships; or go on with one's own."""
    actor, slug = request.actor, request.organisation.slug
    base = request.POST.get("base", "")
    mine = rulebooks(actor).filter(state="draft", proposed_at=None, written_by=actor.person_id).first()
    if mine is not None and not base:
        return redirect("checks:draft", slug=slug, version=mine.version, section="name")
    active = active_rulebook(request.organisation.pk)
    if active is None:
        messages.error(request, "Adopt a rulebook first.")
        return redirect("checks:rulebook", slug=slug)
    start = SHIPPED[base].body if base in SHIPPED else active.rules
    draft = rulebook_draft(actor=actor, body=start, title=SHIPPED[base].title if base in SHIPPED else active.title)
    return redirect("checks:draft", slug=slug, version=draft.version, section="name")


@require_http_methods(["GET", "POST"])
@page("rulebook.propose")
def draft(request: Request, version: int, section: str) -> HttpResponse:
    """One part of a draft, as a form. Saving keeps the draft; nothing holds before it is proposed and active."""
    if section not in SECTIONS:
        raise NotFound
    book = _open_draft(request, version)
    body, roles = book.rules, role_titles(request.organisation.pk)
    form = section_form(section, book.title, body, roles, request.POST or None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("hash") != book.hash:
                raise Conflict("Somebody changed this draft meanwhile. What you typed is kept below; save it again.")
            title = form.cleaned_data["title"] if section == "name" else ""
            rulebook_draft(actor=request.actor, body=form.part(body), title=title, rulebook=book)
        except PilothouseError as error:
            problem = error.detail
        else:
            messages.success(request, "The draft is saved. It holds only when it is proposed and active.")
            target = section if "stay" in request.POST else _after(section)
            return redirect(_url(request, book, target))
    context = {
        "book": book,
        "section": section,
        "title": SECTIONS[section],
        "lead": GATE_LEADS.get(section, ""),  # type: ignore[call-overload]
        "tabs": _tabs(request, book),
        "form": form,
        "problem": problem,
        "roles": sorted(roles.items()),
        "is_gate": section in GATE_LEADS,
        "last": _after(section) == "review",
    }
    bad = bool(problem) or (request.method == "POST" and not form.is_valid())
    return render(request, "checks/draft.html", context, status=422 if bad else 200)


@require_GET
@page("rulebook.propose")
def review(request: Request, version: int) -> HttpResponse:
    """What the draft asks less and more than the active rulebook, and the form that proposes it."""
    book = _open_draft(request, version)
    return render(request, "checks/review.html", _review(request, book))


@require_GET
@page("rulebook.view")
def impact(request: Request, version: int) -> HttpResponse:
    """What the version would change, system by system: a fragment."""
    book = rulebook_version(request.actor, version)
    found = rulebook_impact(request.actor, book.rules)
    return render(request, "checks/_impact.html", {"impact": found, "shown": SHOWN, "book": book})


@require_POST
@page("rulebook.propose")
def propose(request: Request, version: int) -> HttpResponse:
    """Propose the draft; a tightening or neutral one may be made active at once."""
    book = _open_draft(request, version)
    slug, reason = request.organisation.slug, request.POST.get("reason", "")
    try:
        proposed = rulebook_propose(actor=request.actor, rulebook=book, reason=reason)
        if "activate" in request.POST and proposed.kind != "loosening":
            rulebook_activate(actor=request.actor, rulebook=proposed)
            messages.success(request, f"Version {version} holds from now on. Every system has been judged by it.")
            return redirect("checks:rulebook", slug=slug)
    except PilothouseError as error:
        context = _review(request, book) | {"reason": reason, "problem": error.fields.get("reason") or error.detail}
        return render(request, "checks/review.html", context, status=error.status)
    if proposed.kind == "loosening":
        messages.info(request, "It is proposed. It asks less than before, so somebody else decides on it.")
    else:
        messages.success(request, f"Version {version} is proposed.")
    return redirect("checks:version", slug=slug, version=version)


def _review(request: Request, book: Rulebook) -> dict[str, Any]:
    active = active_rulebook(request.organisation.pk)
    return {
        "book": book,
        "active": active,
        "tabs": _tabs(request, book),
        "difference": compare(active.rules, book.rules) if active else None,
        "same": active is not None and active.hash == book.hash,
    }


def _open_draft(request: Request, version: int) -> Rulebook:
    """The draft of that number, or NotFound when it is none (any more)."""
    book = rulebook_version(request.actor, version)
    if book.state != "draft" or book.proposed_at is not None:
        raise NotFound
    return book


def _after(section: str) -> str:
    keys = list(SECTIONS)
    place = keys.index(section) + 1
    return keys[place] if place < len(keys) else "review"


def _url(request: Request, book: Rulebook, section: str) -> str:
    where = {"slug": request.organisation.slug, "version": book.version}
    if section == "review":
        return reverse("checks:review", kwargs=where)
    return reverse("checks:draft", kwargs=where | {"section": section})


def _tabs(request: Request, book: Rulebook) -> list[tuple[str, str, str]]:
    return [(key, title, _url(request, book, key)) for key, title in (SECTIONS | {"review": "What it changes"}).items()]
