"""Live answers over REST."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Field, Router, Schema

from pilothouse.kernel import clock
from pilothouse.kernel.answers.needs import needs
from pilothouse.kernel.answers.selectors import answers

PREFIX = "answers"
router = Router(tags=["answers"])


class TrendPointOut(Schema):
    day: date
    met: int
    unknown: int
    total: int
    percent: float | None


class AnswerOut(Schema):
    """A figure with what it is counted from. `rows_query` is a query of the list of systems."""

    id: str
    question: str
    value: float | None
    unit: str
    numerator: int
    denominator: int
    unknown: int
    trend: list[TrendPointOut]
    rows_query: str


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


class AnswersOut(Schema):
    at: datetime
    needs: list[NeedOut]
    answers: list[AnswerOut]


@router.get("", response=AnswersOut, summary="What needs me today, and the live answers over the register")
def list_answers(request: Any) -> dict[str, Any]:
    """Every answer counts only systems that the token may see."""
    request.actor.require("organisation.view")
    now = clock.now()
    return {"at": now, "needs": needs(request.actor, now), "answers": answers(request.actor, now).all}
