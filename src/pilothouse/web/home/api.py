"""Live answers over REST: the domains' and the register's."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Field, Router, Schema

from pilothouse.kernel import clock
from pilothouse.kernel.answers.domains import domain_answers
from pilothouse.kernel.answers.needs import needs
from pilothouse.kernel.answers.selectors import answers
from pilothouse.web.home.told import answer_out

PREFIX = "answers"
router = Router(tags=["answers"])


class TrendPointOut(Schema):
    """The figure at the end of a day; `value` is null while nobody could say."""

    day: date
    value: float | None
    numerator: float
    denominator: float
    unknown: int


class FigureOut(Schema):
    """A figure with what it is counted from. `value` is null, not zero, when nothing is known; `unknown` of the
    `denominator` nobody has answered; `rows_url` opens exactly what `numerator` counts."""

    question: str
    value: float | None
    unit: str
    numerator: float
    denominator: float
    unknown: int
    trend: list[TrendPointOut]
    rows_url: str


class DomainAnswerOut(FigureOut):
    """A domain's answer to its question; `domain` is its id."""

    domain: str


class RegisterAnswerOut(FigureOut):
    """A figure over the register; `id` says which."""

    id: str


class NeedOut(Schema):
    """One thing that needs the caller today."""

    kind: str
    title: str
    because: str
    due: datetime | None
    more: int = Field(description="How many others of its kind there are.")
    decision_id: str
    rows_query: str
    system_number: int | None


class RegisterOut(Schema):
    at: datetime
    needs: list[NeedOut]
    answers: list[RegisterAnswerOut]


@router.get("", response=list[DomainAnswerOut], summary="Each domain's question and its live answer")
def list_domain_answers(request: Any) -> list[dict[str, Any]]:
    """In the order of the domains. Every answer counts only systems that the token may see."""
    request.actor.require("organisation.view")
    found = domain_answers(request.actor, clock.now())
    return [answer_out(answer, "domain", request.organisation.slug) for answer in found]


@router.get("/register", response=RegisterOut, summary="What needs me today, and the live answers over the register")
def list_register_answers(request: Any) -> dict[str, Any]:
    """Every answer counts only systems that the token may see."""
    request.actor.require("organisation.view")
    now = clock.now()
    found = answers(request.actor, now, over_time=True).all
    return {
        "at": now,
        "needs": needs(request.actor, now),
        "answers": [answer_out(answer, "id", request.organisation.slug) for answer in found],
    }
