"""/api/v1/fact-requests. Annotations are unquoted: paging wraps an operation; ninja looks names up in the wrapper."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Field, Router, Schema, Status
from ninja.pagination import paginate

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.inventory.selectors import systems_matching
from pilothouse.kernel.requests.actions import link_hand_over, request_remind, request_revoke, request_send
from pilothouse.kernel.requests.actions.asking import MOST_SYSTEMS
from pilothouse.kernel.requests.models import FactLink, FactRequest
from pilothouse.kernel.requests.questions import catalogue
from pilothouse.kernel.requests.selectors import links_of, questions_of, request_of, requests
from pilothouse.web.api import Cursor

PREFIX = "fact-requests"
router = Router(tags=["fact requests"])


class QuestionOut(Schema):
    key: str
    group: str
    title: str
    text: str
    choices: dict[str, str]


class RequestOut(Schema):
    id: UUID
    title: str
    note: str
    asked_by_name: str
    created_at: datetime
    expires_at: datetime
    remind_days: int
    end: str = Field(description="Empty while open; then answered, expired or revoked.")
    asked: int = Field(description="Questions.")
    answered: int
    people: int
    silent: int = Field(description="People who have not answered everything.")


class GivenAnswerOut(Schema):
    system: str
    key: str
    answer: dict[str, str] | None
    answered_at: datetime | None
    fate: str = Field(description="kept (as an attested fact) or aside; empty while open.")
    remark: str


class AskedPersonOut(Schema):
    id: UUID
    name: str
    email: str
    asked: int
    answered: int
    opened_at: datetime | None
    answered_at: datetime | None
    revoked_at: datetime | None
    last_mail_at: datetime | None
    mail_error: str


class RequestDetailOut(RequestOut):
    links: list[AskedPersonOut]
    answers: list[GivenAnswerOut]


class RequestIn(Schema):
    """Name the systems by `numbers`, or by `where`, the filters of the list's address."""

    title: str
    keys: list[str] = Field(description="Questions, from /fact-requests/questions.")
    numbers: list[int] = []
    where: str = ""
    note: str = ""
    email: str = Field("", description="Who is asked about systems without an owner who can be reached.")
    everyone_to: bool = Field(False, description="Ask that address about all of them.")
    days: int = 14
    remind_days: int = 4
    only_missing: bool = Field(True, description="Do not ask what is known already.")


class LinkIn(Schema):
    link: UUID | None = Field(None, description="One person's part; without it, everyone's.")


class AddressOut(Schema):
    address: str = Field(description="Opens the link without signing in; told only now.")


@router.get("questions", response=list[QuestionOut], summary="List the questions that can be asked")
def list_questions(request: Any) -> list[Any]:
    """Facts, intake questions of the rulebook and practices."""
    request.actor.require("fact.request")
    return list(catalogue(request.organisation.pk).values())


@router.get("", response=list[RequestOut], summary="List fact requests")
@paginate(Cursor, order=("-created_at", "id"))
def list_requests(request: Any) -> QuerySet[FactRequest]:
    """The requests that the token may follow, newest first, with their progress."""
    request.actor.require("fact.request")
    return requests(request.actor)


@router.post("", response={201: RequestDetailOut}, summary="Ask for facts")
def create_request(request: Any, body: RequestIn) -> Status[dict[str, Any]]:
    """Ask the owners of systems by a link of their own. A refusal names every system that nobody can be asked about."""
    given = body.model_dump(exclude={"where"})
    given["numbers"] = given["numbers"] or numbers_of(request.actor, body.where)
    sent = request_send(actor=request.actor, **given)
    return Status(201, _whole(request.actor, sent.pk))


@router.get("{uuid:request_id}", response=RequestDetailOut, summary="Read a fact request")
def read_request(request: Any, request_id: UUID) -> dict[str, Any]:
    """Who was asked what, and what they answered."""
    return _whole(request.actor, request_id)


@router.post("{uuid:request_id}/remind", response=int, summary="Remind who has not answered")
def remind(request: Any, request_id: UUID, body: LinkIn) -> int:
    """Send a reminder now; returns to how many people."""
    asked = request_of(request.actor, request_id)
    return request_remind(actor=request.actor, request=asked, link=_link(request.actor, asked, body.link))


@router.post("{uuid:request_id}/revoke", response=RequestDetailOut, summary="Revoke a fact request")
def revoke(request: Any, request_id: UUID, body: LinkIn) -> dict[str, Any]:
    """End a request, or one person's part of it. Answers that were given stay."""
    asked = request_of(request.actor, request_id)
    request_revoke(actor=request.actor, request=asked, link=_link(request.actor, asked, body.link))
    return _whole(request.actor, request_id)


@router.post("{uuid:request_id}/links/{uuid:link_id}", response={201: AddressOut}, summary="Make a link to hand over")
def hand_over(request: Any, request_id: UUID, link_id: UUID, response: HttpResponse) -> Status[dict[str, str]]:
    """An address for handing over by other means than e-mail. Whoever has it can answer in that person's name."""
    asked = request_of(request.actor, request_id)
    link = FactLink.objects.get_of(request.actor, pk=link_id, request=asked)
    response["Cache-Control"] = "no-store"
    return Status(201, {"address": link_hand_over(actor=request.actor, request=asked, link=link)})


def numbers_of(actor: Any, where: str) -> list[int]:
    """The systems of a list's filters. Raises Invalid when there are none to filter by."""
    query = SystemQuery.parse(where)
    if not query.filters():
        raise Invalid("Name the systems, by numbers or by filters.", fields={"numbers": "Name at least one."})
    return list(systems_matching(actor, query).values_list("number", flat=True)[: MOST_SYSTEMS + 1])


def _link(actor: Any, asked: FactRequest, link_id: UUID | None) -> FactLink | None:
    return FactLink.objects.get_of(actor, pk=link_id, request=asked) if link_id else None


def _whole(actor: Any, request_id: UUID) -> dict[str, Any]:
    asked: Any = request_of(actor, request_id)
    keys = ("key", "answer", "answered_at", "fate", "remark")
    said = [{key: getattr(row, key) for key in keys} | {"system": row.system.ref} for row in questions_of(asked)]
    whole = {name: getattr(asked, name) for name in RequestOut.model_fields}
    return whole | {"links": list(links_of(asked)), "answers": said}
