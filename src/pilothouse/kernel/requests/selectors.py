"""Reading requests: for who asks, and what one link may show."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from pilothouse.contracts.errors import NotFound, PilothouseError
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import Practice, System
from pilothouse.kernel.requests.actions.answering import is_open
from pilothouse.kernel.requests.models import FactLink, FactQuestion, FactRequest
from pilothouse.kernel.requests.questions import Question, catalogue, known
from pilothouse.kernel.requests.secrets import digest


def requests(actor: Actor) -> QuerySet[FactRequest]:
    """The requests that the actor may follow, newest first, with `asked`, `answered`, `people` and `silent` counts."""
    rows = FactRequest.objects.of(actor)
    if not actor.scope("fact.request").everywhere:
        rows = rows.filter(asked_by_id__in=actor.stands_for)
    answered = Count("links__questions", filter=Q(links__questions__answered_at__isnull=False), distinct=True)
    counted: QuerySet[FactRequest] = rows.annotate(
        asked=Count("links__questions", distinct=True),
        answered=answered,
        people=Count("links", distinct=True),
        silent=Count("links", filter=Q(links__answered_at=None, links__revoked_at=None), distinct=True),
    )
    return counted.select_related("asked_by").order_by("-created_at")


def request_of(actor: Actor, request_id: Any) -> FactRequest:
    """One request that the actor may follow, or NotFound."""
    actor.require("fact.request")
    FactRequest.objects.get_of(actor, pk=request_id)  # an id that is none, or another organisation's, ends here
    found = requests(actor).filter(pk=request_id).first()
    if found is None:
        raise NotFound
    return found


def links_of(request: FactRequest) -> QuerySet[FactLink]:
    """The people asked, with `asked` and `answered` counts."""
    return (
        FactLink.objects.filter(request=request)
        .annotate(asked=Count("questions"), answered=Count("questions", filter=Q(questions__answered_at__isnull=False)))
        .order_by("name", "id")
    )


def questions_of(request: FactRequest) -> QuerySet[FactQuestion]:
    """Every question of a request with its system and who was asked."""
    rows = FactQuestion.objects.filter(link__request=request).select_related("system", "link")
    return rows.order_by("system__number", "link__name", "id")


def link_of(secret: str) -> FactLink:
    """The open link that this secret opens. Raises a 410 problem: revoked, over and never issued look the same."""
    rows = FactLink.objects.select_related("request__organisation", "person")
    link = rows.filter(secrets__hash=digest(secret)).first()
    if link is None or not is_open(link):
        raise PilothouseError("This link is over, or it never was one of ours.", code="link_ended", status=410)
    return link


def asked_by_link(link: FactLink) -> list[tuple[System, list[tuple[FactQuestion, Question]]]]:
    """A link's questions by system, in the catalogue's order."""
    known_questions = catalogue(link.organisation_id)
    order = {key: at for at, key in enumerate(known_questions)}
    by_system: dict[Any, tuple[System, list[tuple[FactQuestion, Question]]]] = {}
    for row in link.questions.select_related("system").order_by("system__number"):
        if row.key in known_questions:
            by_system.setdefault(row.system_id, (row.system, []))[1].append((row, known_questions[row.key]))
    for _, questions in by_system.values():
        questions.sort(key=lambda pair: order[pair[0].key])
    return list(by_system.values())


def missing_counts(actor: Actor, rows: list[System]) -> dict[str, int]:
    """For each question, about how many of these systems its answer is not known."""
    said: dict[Any, dict[str, str]] = {}
    practices = Practice.objects.of(actor).filter(system__in=[system.pk for system in rows])
    for system_id, key, status in practices.values_list("system_id", "key", "status"):
        said.setdefault(system_id, {})[key] = status
    return {
        key: sum(known(system, key, said.get(system.pk, {})) is None for system in rows)
        for key in catalogue(actor.organisation_id)
    }
