"""For who answers: one page, reached by a secret, that asks its questions and shows nothing else."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.requests.actions import answers_give, draft_save, link_actor, link_opened
from pilothouse.kernel.requests.models import FactLink
from pilothouse.kernel.requests.selectors import asked_by_link, link_of
from pilothouse.web.limits import limit
from pilothouse.web.page import open_page

TRIES, DRAFTS = 60, 120


@require_http_methods(["GET", "POST"])
@open_page("a link that carries its own secret")
def answer(request: HttpRequest, secret: str) -> HttpResponse:
    """The questions that this link asks; what is answered becomes a fact, the rest waits."""
    limit(request, "ask", TRIES)
    link = link_of(secret)
    actor = link_actor(link)
    typed: dict[str, dict[str, str]] = link.draft
    wrong: dict[str, str] = {}
    kept = 0
    if request.method == "POST":
        typed = _typed(request, link)
        try:
            kept = answers_give(actor=actor, link=link, answers=typed)
        except Invalid as error:
            # The draft is kept too: the person may close the page now and mend it later.
            draft_save(actor=actor, link=link, answers=typed)
            wrong = error.fields
        else:
            link.refresh_from_db()
    else:
        link_opened(actor=actor, link=link)
    return _page(request, link, secret, typed, wrong, kept)


@require_POST
@open_page("a link that carries its own secret")
def draft(request: HttpRequest, secret: str) -> HttpResponse:
    """Keep what was typed so far."""
    limit(request, "ask-draft", DRAFTS)
    link = link_of(secret)
    draft_save(actor=link_actor(link), link=link, answers=_typed(request, link))
    return _private(HttpResponse("What you typed is kept."))


def _page(
    request: HttpRequest,
    link: FactLink,
    secret: str,
    typed: dict[str, dict[str, str]],
    wrong: dict[str, str],
    kept: int,
) -> HttpResponse:
    groups = []
    open_count = done = 0
    for system, questions in asked_by_link(link):
        rows = []
        for row, question in questions:
            if row.answered_at is None:
                open_count += 1
                given = typed.get(str(row.pk), {})
                rows.append({"row": row, "question": question, "given": given, "wrong": wrong.get(str(row.pk), "")})
            else:
                done += 1
        groups.append({"name": system.name, "rows": rows})
    context = {
        "link": link,
        "asked": link.request,
        "organisation_name": link.request.organisation.name,
        "groups": groups,
        "open": open_count,
        "done": done,
        "total": open_count + done,
        "kept": kept,
        "sent": request.method == "POST" and not wrong,
        "wrong": wrong,
        "secret": secret,
    }
    return _private(render(request, "requests/answer.html", context, status=422 if wrong else 200))


def _typed(request: HttpRequest, link: FactLink) -> dict[str, dict[str, str]]:
    """Question id → value and words, of this link's own questions."""
    typed: dict[str, dict[str, str]] = {}
    for pk in link.questions.filter(answered_at=None).values_list("pk", flat=True):
        given = {part: request.POST.get(f"{pk}-{part}", "") for part in ("value", "words")}
        if any(given.values()):
            typed[str(pk)] = given
    return typed


def _private(response: Any) -> HttpResponse:
    """The address is the key: it must not be kept, indexed or passed on."""
    response["Cache-Control"] = "no-store"
    # Not even “no-referrer”: a form would then be sent without its origin, and be refused.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response  # type: ignore[no-any-return]
