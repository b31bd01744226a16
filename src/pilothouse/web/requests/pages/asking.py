"""For who asks: the list with progress, a new request, one request."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import Invalid, PilothouseError
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.inventory.selectors import systems, systems_matching
from pilothouse.kernel.requests.actions import link_hand_over, request_remind, request_revoke, request_send
from pilothouse.kernel.requests.actions.asking import MOST_SYSTEMS
from pilothouse.kernel.requests.models import FactLink, FactRequest
from pilothouse.kernel.requests.questions import catalogue
from pilothouse.kernel.requests.selectors import links_of, missing_counts, questions_of, request_of, requests
from pilothouse.web.page import Request, page

ROWS = 50
USUAL = ("owner", "outcome", "stage", "personal_data", "impact")


@require_GET
@page("fact.request")
def request_list(request: Request) -> HttpResponse:
    """Every request with how far it has come."""
    shown = Paginator(requests(request.actor), ROWS).get_page(request.GET.get("page"))
    return render(request, "requests/list.html", {"page": shown})


@require_http_methods(["GET", "POST"])
@page("fact.request")
def request_new(request: Request) -> HttpResponse:
    """Ask: which systems (the list's own filters), which questions, until when."""
    actor = request.actor
    if request.method == "POST":
        numbers = list(SystemQuery.parse({"number": request.POST.getlist("number")}).number)
    elif request.META.get("QUERY_STRING"):
        query = SystemQuery.parse({key: values for key, values in request.GET.lists() if key != "ask"})
        numbers = list(systems_matching(actor, query).values_list("number", flat=True)[: MOST_SYSTEMS + 1])
    else:
        numbers = []
    if not numbers:
        messages.info(request, "Filter or tick the systems that you want to ask about, then choose “Ask the owners”.")
        return redirect("inventory:list", slug=request.organisation.slug)
    given = request.POST
    typed = {
        "title": given.get("title", "A few questions about your AI systems"),
        "note": given.get("note", ""),
        "email": given.get("email", ""),
        "days": given.get("days", "14"),
        "remind_days": given.get("remind_days", "4"),
        "everyone_to": given.get("everyone_to") == "on",
        "all_again": given.get("all_again") == "on",
    }
    keys = given.getlist("key") if request.method == "POST" else request.GET.getlist("ask") or list(USUAL)
    wrong: dict[str, str] = {}
    refused: list[Any] = []
    if request.method == "POST":
        try:
            sent = _send(request, numbers, keys, typed)
            return redirect("requests:detail", slug=request.organisation.slug, request_id=sent.pk)
        except Invalid as error:
            wrong, refused = error.fields or {"title": error.detail}, error.data.get("rows", [])
    rows = list(systems(actor, "fact.request").filter(number__in=numbers[:MOST_SYSTEMS]).select_related("owner"))
    context = {
        "systems": sorted(rows, key=lambda system: system.number),
        "numbers": ",".join(map(str, numbers)),
        "without_owner": [s for s in rows if not (s.owner and s.owner.email and s.owner.left_at is None)],
        "groups": _groups(request, rows, keys),
        "typed": typed,
        "wrong": wrong,
        "refused": refused,
        "too_many": len(numbers) > MOST_SYSTEMS,
    }
    return render(request, "requests/new.html", context, status=422 if wrong else 200)


@require_GET
@page("fact.request")
def request_detail(request: Request, request_id: str) -> HttpResponse:
    """Who has answered what, what was set aside, who is still silent."""
    return _detail(request, request_of(request.actor, request_id))


@require_POST
@page("fact.request")
def remind(request: Request, request_id: str) -> HttpResponse:
    """Remind everyone who has not answered all, or one of them."""
    asked = request_of(request.actor, request_id)
    try:
        count = request_remind(actor=request.actor, request=asked, link=_link(request, asked))
        messages.success(request, f"A reminder goes to {count} {'person' if count == 1 else 'people'}.")
    except PilothouseError as error:
        messages.error(request, error.detail)
    return redirect("requests:detail", slug=request.organisation.slug, request_id=asked.pk)


@require_POST
@page("fact.request")
def revoke(request: Request, request_id: str) -> HttpResponse:
    """End a request, or one person's part of it."""
    asked = request_of(request.actor, request_id)
    try:
        request_revoke(actor=request.actor, request=asked, link=_link(request, asked))
        messages.success(request, "Revoked: the link opens nothing any more. Answers that were given stay.")
    except PilothouseError as error:
        messages.error(request, error.detail)
    return redirect("requests:detail", slug=request.organisation.slug, request_id=asked.pk)


@require_POST
@page("fact.request")
def hand_over(request: Request, request_id: str, link_id: str) -> HttpResponse:
    """Show an address that opens the link, once, for handing over by other means than e-mail."""
    asked = request_of(request.actor, request_id)
    link = FactLink.objects.get_of(request.actor, pk=link_id, request=asked)
    try:
        address = link_hand_over(actor=request.actor, request=asked, link=link)
    except PilothouseError as error:
        messages.error(request, error.detail)
        return redirect("requests:detail", slug=request.organisation.slug, request_id=asked.pk)
    response = _detail(request, asked, {"address": address, "address_of": link})
    response["Cache-Control"] = "no-store"
    return response


def _detail(request: Request, asked: FactRequest, more: dict[str, Any] | None = None) -> HttpResponse:
    known = catalogue(request.organisation.pk)
    rows = [(row, known.get(row.key), _said(known.get(row.key), row.answer)) for row in questions_of(asked)]
    links = list(links_of(asked))
    context = {
        "asked": asked,
        "links": links,
        "done_people": sum(link.answered_at is not None for link in links),
        "rows": rows,
        "aside": [row for row in rows if row[0].fate == "aside"],
    }
    return render(request, "requests/detail.html", context | (more or {}))


def _said(question: Any, answer: dict[str, str] | None) -> str:
    if not answer:
        return ""
    value = question.choices.get(answer["value"], answer["value"]) if question else answer["value"]
    return f"{value}: {answer['words']}" if answer.get("words") else str(value)


def _send(request: Request, numbers: list[int], keys: list[str], typed: dict[str, Any]) -> FactRequest:
    wrong = {
        name: "Give a whole number." for name in ("days", "remind_days") if not str(typed[name]).strip().isdecimal()
    }
    if wrong:
        raise Invalid("Please look again at the request.", fields=wrong)
    sent = request_send(
        actor=request.actor,
        title=typed["title"],
        numbers=numbers,
        keys=keys,
        note=typed["note"],
        email=typed["email"],
        everyone_to=typed["everyone_to"],
        days=int(typed["days"]),
        remind_days=int(typed["remind_days"]),
        only_missing=not typed["all_again"],
    )
    messages.success(request, "Asked. Here you see who has opened their link and what they answered.")
    return sent


def _groups(request: Request, rows: list[Any], keys: list[str]) -> list[tuple[str, list[Any]]]:
    """Questions by group, each with how many of the systems lack an answer and whether it is ticked."""
    missing = missing_counts(request.actor, rows)
    groups: dict[str, list[Any]] = {}
    for key, question in catalogue(request.organisation.pk).items():
        ticked = key in keys and (request.method == "POST" or missing[key] > 0)
        groups.setdefault(question.group, []).append((question, missing[key], ticked))
    return list(groups.items())


def _link(request: Request, asked: FactRequest) -> FactLink | None:
    link_id = request.POST.get("link", "")
    return FactLink.objects.get_of(request.actor, pk=link_id, request=asked) if link_id else None
