"""Home: what needs me today and the live answers. And the organisations of one who sees several."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse

from pilothouse.kernel import clock
from pilothouse.kernel.access.models import Organisation, User
from pilothouse.kernel.access.selectors import organisations_of
from pilothouse.kernel.answers.needs import needs
from pilothouse.kernel.answers.organisations import side_by_side
from pilothouse.kernel.answers.selectors import answers
from pilothouse.kernel.answers.values import Need
from pilothouse.web.domains.pages import domain_lines
from pilothouse.web.page import Request, open_page, page

UNITS_SHOWN = 8
NEED_ICONS = {"decision": "inbox", "deadline": "clock", "worse": "trend-down", "gap": "flag"}


@dataclass(frozen=True, slots=True)
class NeedLine:
    """A need with the addresses that only the pages know."""

    need: Need
    icon: str
    href: str
    more_href: str
    due: datetime | None


@page("organisation.view")
def home(request: Request) -> HttpResponse:
    """The first screen: the answer in a sentence, three things to do today, and the figures with their rows."""
    now = clock.now()
    said = answers(request.actor, now)
    lines = domain_lines(request) if request.actor.may("system.view") else []
    slug = request.organisation.slug
    context: dict[str, Any] = {
        "now": now,
        "answers": said,
        "base": link("home:home", slug),
        "list_url": link("inventory:list", slug),
        "said": lines,
        "waiting": any(answer is None for _, answer in lines),
        "needs": [_line(need, slug) for need in needs(request.actor, now)],
        "units": said.units[:UNITS_SHOWN],
        "more_units": max(0, len(said.units) - UNITS_SHOWN),
        "sees_systems": request.actor.may("system.view"),
        "import_url": link("imports:list", slug) if request.actor.may("system.import") else "",
        "add_url": link("inventory:new", slug) if request.actor.may("system.create") else "",
        "ledger_url": link("ledger:list", slug) if request.actor.scope("ledger.view").everywhere else "",
    }
    return render(request, "home/home.html", context)


@open_page("shows a user nothing but their own organisations, and a visitor only how an empty installation begins")
def organisations(request: HttpRequest) -> HttpResponse:
    """The organisations that a user belongs to, with their key figures. One who has a single one goes straight in."""
    user = request.user
    if not isinstance(user, User):
        # In an empty installation nobody can sign in yet, so the first page must say how to begin.
        if Organisation.objects.exists():
            return redirect_to_login(request.get_full_path())
        return render(request, "home/organisations.html", {"figures": [], "installed": False})
    mine = organisations_of(user)
    if len(mine) == 1:
        return redirect("home:home", slug=mine[0].slug)
    context = {
        "figures": side_by_side(user, mine, clock.now()),
        "installed": bool(mine) or Organisation.objects.exists(),
    }
    return render(request, "home/organisations.html", context)


def link(name: str, slug: str, **kwargs: Any) -> str:
    """The address of a room's page, or the empty string where that room is not installed."""
    try:
        return reverse(name, kwargs={"slug": slug, **kwargs})
    except NoReverseMatch:
        return ""


def _line(need: Need, slug: str) -> NeedLine:
    if need.kind == "decision":
        inbox = link("decisions:inbox", slug)
        href = link("decisions:detail", slug, decision_id=need.decision_id) or inbox
        return NeedLine(need, NEED_ICONS["decision"], href, inbox, need.due)
    rows = link("inventory:list", slug)
    if need.rows_query:
        href = f"{rows}?{need.rows_query}" if rows else ""
    else:
        page_of = link("inventory:detail", slug, number=need.system_number)
        href = f"{page_of}{need.path}" if page_of else ""
    return NeedLine(need, NEED_ICONS[need.kind], href, "", need.due)
