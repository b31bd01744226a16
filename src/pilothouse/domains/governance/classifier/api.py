"""The classifier over REST: stateless, for whoever holds a token."""

from __future__ import annotations

from datetime import date
from typing import Any

from ninja import Router, Schema
from pydantic import Field

from pilothouse.domains.governance.classifier import public

PREFIX = "classifier"
router = Router(tags=["classifier"])


class ClassifyIn(Schema):
    """Facts as `GET classifier/questions` describes them; `on` dates duties and changes no class."""

    facts: dict[str, Any] = Field(max_length=500)
    on: date | None = None


@router.post("/classify", response=dict[str, Any], summary="Classify a system from facts; nothing is stored")
def classify(request: Any, body: ClassifyIn) -> dict[str, Any]:
    """Classes on every axis, conclusions with reasons and citations, duties by role and date, what would change it."""
    request.actor.require("system.view")
    return public.classify(body.facts, on=body.on).data()


@router.get("/questions", response=dict[str, Any], summary="The questionnaire as JSON Schema 2020-12")
def questions(request: Any) -> dict[str, Any]:
    """Each fact with the words that a person reads, and the condition under which it is asked."""
    request.actor.require("system.view")
    return public.questions_schema()
