"""Held answers over REST: the queue, one with its texts, the verdict; and the stored text of a call."""

# No `from __future__ import annotations` here: ninja's paginate reads the types of the parameters themselves.
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from ninja import Router, Schema
from ninja.pagination import paginate
from pydantic import Field

from pilothouse.kernel.clock import now
from pilothouse.kernel.reviews import selectors
from pilothouse.kernel.reviews.actions import review_decide, review_open
from pilothouse.kernel.reviews.models import Review
from pilothouse.kernel.texts.actions import text_read
from pilothouse.web.api import ApiRequest, Cursor
from pilothouse.web.reviews.shown import as_data, texts_of

router = Router(tags=["reviews"])


class ReviewOut(Schema):
    """A held answer, without its text."""

    id: UUID
    call: str
    system: str
    model: str
    endpoint: str
    purpose: str
    why: str = Field(description="The rule that held it: every, score, sample or decision.")
    score: int | None = Field(description="Of a thousand, as it was told.")
    findings: dict[str, int]
    state: str
    at: datetime
    deadline: datetime | None
    expires_at: datetime | None
    decision: UUID | None
    content_hash: str
    decided_at: datetime | None
    decided_by: str | None
    reason: str
    seconds: int | None = Field(description="How long whoever decided looked at it, at most half an hour.")
    edit_distance: int | None = Field(description="Characters changed.")
    text_removed_at: datetime | None

    @staticmethod
    def resolve_system(row: Any) -> Any:
        return _said(row, "system")

    @staticmethod
    def resolve_deadline(row: Any) -> Any:
        return _said(row, "deadline")

    @staticmethod
    def resolve_expires_at(row: Any) -> Any:
        return _said(row, "expires_at")

    @staticmethod
    def resolve_decision(row: Any) -> Any:
        return _said(row, "decision")

    @staticmethod
    def resolve_content_hash(row: Any) -> Any:
        return _said(row, "content_hash")

    @staticmethod
    def resolve_decided_by(row: Any) -> Any:
        return _said(row, "decided_by")

    @staticmethod
    def resolve_reason(row: Any) -> Any:
        return _said(row, "reason")

    @staticmethod
    def resolve_text_removed_at(row: Any) -> Any:
        return _said(row, "text_removed_at")


def _said(row: Any, name: str) -> Any:
    """A field of a review, or of what was made of one already."""
    if isinstance(row, Review):
        return as_data(row)[name]
    return row.get(name) if isinstance(row, dict) else getattr(row, name)


class PieceOut(Schema):
    """One text of a request or an answer, and where in it that stands."""

    where: str
    text: str


class ReviewWhole(ReviewOut):
    """A held answer with what was asked and answered. Reading it is written down."""

    prompt: list[PieceOut]
    answer: list[PieceOut]


class Decide(Schema):
    verdict: Literal["release", "edit", "refuse"]
    reason: str = Field(max_length=4000)
    texts: list[str] | None = Field(None, description="With edit: every text of the answer, in their order.")
    content_hash: str = Field(description="The review's content_hash as you read it.", max_length=71)


class ReviewFiguresOut(Schema):
    """What reviewers did in the last 30 days. `overridden` were changed or refused."""

    decided: int
    released: int
    edited: int
    refused: int
    expired: int
    overridden: int
    rate: float | None = Field(description="Overridden of a hundred decided; null while none is.")
    minutes: int


@router.get("/", response=list[ReviewOut], summary="Held answers that you may review")
@paginate(Cursor)
def list_reviews(request: ApiRequest, show: Literal["mine", "waiting", "decided", "all"] = "mine") -> QuerySet[Review]:
    """`mine` are those that you may decide on now."""
    request.actor.require("answer.review")
    if show == "mine":
        return selectors.waiting(request.actor, now())
    rows = selectors.reviews(request.actor)
    if show == "waiting":
        return rows.filter(state="waiting")
    return rows.exclude(state="waiting") if show == "decided" else rows


@router.get("/figures", response=ReviewFiguresOut, summary="What reviewers did in the last 30 days")
def show_figures(request: ApiRequest) -> Any:
    request.actor.require("answer.review")
    return selectors.figures(request.actor, now())


@router.get("/{review_id}", response=ReviewWhole, summary="One held answer with its texts")
def get_review(request: ApiRequest, review_id: UUID) -> dict[str, Any]:
    """Reading it is written down, and begins the time of the review."""
    found = selectors.review_of(request.actor, review_id)
    held = review_open(actor=request.actor, review=found)
    return as_data(found) | texts_of(held)


@router.post("/{review_id}/decision", response=ReviewOut, summary="Release, change or refuse a held answer")
def decide_review(request: ApiRequest, review_id: UUID, data: Decide) -> dict[str, Any]:
    """As the person whose token this is, who must have read it. Send an Idempotency-Key: a repeat signs once."""
    review_decide(
        actor=request.actor,
        review=selectors.review_of(request.actor, review_id),
        idempotency=request.headers.get("Idempotency-Key", "")[:80],
        **data.dict(),
    )
    return as_data(selectors.review_of(request.actor, review_id))


class ReadIn(Schema):
    reason: str = Field(description="What it is read for. It stays in the ledger.", max_length=1000, min_length=1)


class StoredTextOut(Schema):
    """The stored prompt and answer of a call; what inspection masked stays masked."""

    call: str
    prompt: list[PieceOut]
    answer: list[PieceOut]


@router.post("/texts/{call_id}", response=StoredTextOut, summary="Read the stored text of a call")
def read_text(request: ApiRequest, call_id: str, data: ReadIn) -> dict[str, Any]:
    """Permission `text.read`. A POST, because every reading is written down."""
    kept = text_read(actor=request.actor, call=call_id, reason=data.reason)
    sides: dict[str, Any] = {"prompt": kept.prompt, "answer": kept.answer}
    return {"call": call_id, **sides}
