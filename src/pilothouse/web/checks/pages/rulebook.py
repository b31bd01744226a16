"""Reading rulebooks: the active one in plain words, every version, and how each differs from the one before."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.checks.actions import rulebook_activate, rulebook_adopt, rulebook_withdraw
from pilothouse.kernel.checks.active import active_rulebook
from pilothouse.kernel.checks.models import Rulebook
from pilothouse.kernel.checks.rulebook import TIERS, RulebookBody
from pilothouse.kernel.checks.rulebooks import SHIPPED
from pilothouse.kernel.checks.rules import compare, due_asks
from pilothouse.kernel.checks.selectors import rulebook_version, rulebooks
from pilothouse.web.checks.words import gate_words, limits_words, material_words, role_titles
from pilothouse.web.page import Request, page


def tabs_of(request: Request) -> list[tuple[str, str, str]]:
    """The pages of this room."""
    slug = request.organisation.slug
    tabs = [
        ("rulebook", "Rulebook", reverse("checks:rulebook", kwargs={"slug": slug})),
        ("versions", "Versions", reverse("checks:versions", kwargs={"slug": slug})),
        ("catalogue", "Checks", reverse("checks:catalogue", kwargs={"slug": slug})),
    ]
    if request.actor.may("system.view"):
        tabs.append(("gaps", "Gaps", reverse("checks:gaps", kwargs={"slug": slug})))
    return tabs


def said(request: Request, body: RulebookBody) -> dict[str, Any]:
    """A body in the words that its page shows."""
    titles = role_titles(request.organisation.pk)
    return {
        "gates": gate_words(body, titles),
        "limits": list(limits_words(body, titles)),
        "material": material_words(body),
        "questions": body.questions,
        "about": body.about,
    }


@require_GET
@page("rulebook.view")
def rulebook(request: Request) -> HttpResponse:
    """What each gate now asks, in plain words."""
    active = active_rulebook(request.organisation.pk)
    context: dict[str, Any] = {
        "tabs": tabs_of(request),
        "active": active,
        "may_propose": request.actor.may("rulebook.propose"),
        "waiting": rulebooks(request.actor).filter(state="draft", proposed_at__isnull=False),
        "drafts": rulebooks(request.actor).filter(state="draft", proposed_at=None),
    }
    context["shipped_titles"] = [(book.key, book.title) for book in SHIPPED.values()]
    if active is None:
        context["shipped"] = [(book, _size(book.body)) for book in SHIPPED.values()]
        return render(request, "checks/adopt.html", context)
    return render(request, "checks/rulebook.html", context | said(request, active.rules))


@require_POST
@page("rulebook.propose")
def adopt(request: Request) -> HttpResponse:
    """Adopt a shipped rulebook."""
    try:
        book = rulebook_adopt(actor=request.actor, base=request.POST.get("base", ""))
        messages.success(request, f"{book.title} is now the rulebook. Every system has been judged by it.")
    except PilothouseError as error:
        messages.error(request, error.detail)
    return redirect("checks:rulebook", slug=request.organisation.slug)


@require_GET
@page("rulebook.view")
def versions(request: Request) -> HttpResponse:
    """Every version, newest first."""
    context = {"tabs": tabs_of(request), "books": rulebooks(request.actor)}
    return render(request, "checks/versions.html", context)


@require_GET
@page("rulebook.view")
def version(request: Request, version: int) -> HttpResponse:
    """One version in words, with what it changed."""
    book = rulebook_version(request.actor, version)
    before = _before(request, book)
    context = {
        "tabs": tabs_of(request),
        "book": book,
        "before": before,
        "difference": compare(before.rules, book.rules) if before else None,
        "may_act": book.state == "draft" and request.actor.may("rulebook.propose"),
        **said(request, book.rules),
    }
    return render(request, "checks/version.html", context)


@require_POST
@page("rulebook.propose")
def activate(request: Request, version: int) -> HttpResponse:
    """Make a proposed version the active one."""
    book = rulebook_version(request.actor, version)
    try:
        rulebook_activate(actor=request.actor, rulebook=book)
        messages.success(request, f"Version {version} holds from now on. Every system has been judged by it.")
    except PilothouseError as error:
        messages.error(request, error.detail)
        return redirect("checks:version", slug=request.organisation.slug, version=version)
    return redirect("checks:rulebook", slug=request.organisation.slug)


@require_POST
@page("rulebook.propose")
def withdraw(request: Request, version: int) -> HttpResponse:
    """Take back a draft or a proposal."""
    book = rulebook_version(request.actor, version)
    try:
        rulebook_withdraw(actor=request.actor, rulebook=book, reason=request.POST.get("reason", ""))
        messages.success(request, f"Version {version} is withdrawn.")
    except PilothouseError as error:
        messages.error(request, error.detail)
    return redirect("checks:versions", slug=request.organisation.slug)


def _before(request: Request, book: Rulebook) -> Rulebook | None:
    """The version to compare with: for a draft the active one, else the one that it replaced."""
    if book.state == "draft":
        return active_rulebook(request.organisation.pk)
    if book.activated_at is None:
        return None
    earlier = rulebooks(request.actor).filter(activated_at__lt=book.activated_at)
    return earlier.order_by("-activated_at").first()


def _size(body: RulebookBody) -> dict[str, int]:
    """How many checks each tier meets on its way to production."""
    return {tier: len(due_asks(body, "production", tier)) for tier in TIERS}
