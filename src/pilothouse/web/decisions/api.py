"""Decisions over REST: what waits, what is asked, signing, withdrawing."""

# No `from __future__ import annotations` here: ninja's paginate reads the types of the parameters themselves.
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from ninja import Router, Schema
from ninja.pagination import paginate
from pydantic import Field

from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import decision_sign, decision_withdraw
from pilothouse.kernel.decisions.models import Decision, HumanOnly
from pilothouse.kernel.decisions.register import Line, human_only_add, human_only_remove, register_lines
from pilothouse.kernel.decisions.selectors import decision_of, decisions, waiting_for
from pilothouse.kernel.decisions.signoff import record_signoff_request
from pilothouse.kernel.records.selectors import record_by_id
from pilothouse.web.api import ApiRequest, Cursor
from pilothouse.web.decisions.shown import as_data

router = Router(tags=["decisions"])


class DecisionOut(Schema):
    """A decision: what is asked, until when, how it stands. A signature names `content_hash`."""

    id: UUID
    kind: str
    title: str
    summary: str
    system: str | None = Field(description="The system's number, such as S-42.")
    state: str
    outcome: str
    because: str
    requested_by: str
    requested_at: datetime
    deadline: datetime
    expires_at: datetime
    closed_at: datetime | None
    content_hash: str
    subject_hash: str
    high_risk: bool
    marks: list[str]
    options: list[str]

    @staticmethod
    def resolve_system(decision: Any) -> str | None:
        if isinstance(decision, Decision):
            return decision.system.ref if decision.system else None
        return decision.get("system") if isinstance(decision, dict) else decision.system

    @staticmethod
    def resolve_requested_by(decision: Any) -> str:
        if isinstance(decision, Decision):
            return decision.requested_name
        return str(decision["requested_by"] if isinstance(decision, dict) else decision.requested_by)


class SignatureOut(Schema):
    group: int
    person: str
    acting_for: str | None
    role: str
    verdict: str
    reason: str
    content_hash: str
    signed_at: datetime
    lone: bool
    void: str = Field(description="Why it no longer counts; empty while it does.")


class DecisionWhole(DecisionOut):
    """A decision with who must sign, who signed, and what is asked."""

    payload: dict[str, Any]
    groups: list[list[str]]
    signatures: list[SignatureOut]


class Sign(Schema):
    verdict: str = Field(description="One of the decision's options.", max_length=40)
    reason: str = Field(max_length=4000)
    content_hash: str = Field(description="The decision's content_hash as you read it.", max_length=71)
    role: str = Field("", description="Which of your roles you sign in, if several fit.", max_length=40)


class Reason(Schema):
    reason: str = Field(max_length=4000)


@router.get("/", response=list[DecisionOut], summary="Decisions that you may see")
@paginate(Cursor)
def list_decisions(
    request: ApiRequest,
    show: Literal["mine", "open", "closed", "all"] = "mine",
    kind: str = "",
    system: int | None = None,
) -> QuerySet[Decision]:
    """`mine` are those that wait for you."""
    rows = waiting_for(request.actor, now()) if show == "mine" else decisions(request.actor)
    if show == "open":
        rows = rows.filter(state="open")
    elif show == "closed":
        rows = rows.exclude(state="open")
    if kind:
        rows = rows.filter(kind=kind)
    return rows if system is None else rows.filter(system__number=system)


@router.get("/{decision_id}", response=DecisionWhole, summary="One decision")
def get_decision(request: ApiRequest, decision_id: UUID) -> dict[str, Any]:
    return as_data(decision_of(request.actor, decision_id), whole=True)


@router.post("/{decision_id}/signatures", response=DecisionWhole, summary="Sign a decision")
def sign_decision(request: ApiRequest, decision_id: UUID, data: Sign) -> dict[str, Any]:
    """Sign as the person whose token this is. Send an Idempotency-Key, so that a repeat signs once."""
    decision_sign(
        actor=request.actor,
        decision=decision_of(request.actor, decision_id),
        verdict=data.verdict,
        reason=data.reason,
        content_hash=data.content_hash,
        role=data.role,
        idempotency=request.headers.get("Idempotency-Key", "")[:80],
    )
    return as_data(decision_of(request.actor, decision_id), whole=True)


@router.post("/{decision_id}/withdrawal", response=DecisionWhole, summary="Take back what you asked")
def withdraw_decision(request: ApiRequest, decision_id: UUID, data: Reason) -> dict[str, Any]:
    decision_withdraw(actor=request.actor, decision=decision_of(request.actor, decision_id), reason=data.reason)
    return as_data(decision_of(request.actor, decision_id), whole=True)


class SignOff(Schema):
    groups: list[list[str]] = Field(
        [],
        description="Role keys; one person of each group signs. None: whoever signs such a document off.",
        max_length=5,
    )
    reason: str = Field("", description="Needed with groups of your own.", max_length=4000)


@router.post("/records/{record_id}/sign-offs", response=DecisionWhole, summary="Ask roles to sign off a document")
def request_signoff(request: ApiRequest, record_id: UUID, data: SignOff) -> dict[str, Any]:
    record = record_by_id(request.actor, record_id)
    decision = record_signoff_request(actor=request.actor, record=record, groups=data.groups, reason=data.reason)
    return as_data(decision_of(request.actor, decision.pk), whole=True)


class LineOut(Schema):
    """A line of the register of human decisions."""

    id: UUID | None = Field(description="Null for what is built in and cannot be taken out.")
    title: str
    why: str
    enforced: bool


class LineIn(Schema):
    title: str = Field(max_length=200)
    why: str = Field(max_length=4000)
    kind: str = Field("", description="A kind of decision that then has no bypass.", max_length=60)
    calls: Literal["refuse", "hold"] = Field("refuse", description="What gateways do with a call that serves it.")


@router.get("/register/", response=list[LineOut], summary="Decisions that always require a human")
def list_register(request: ApiRequest) -> list[dict[str, Any]]:
    request.actor.require("organisation.view")
    return [_line(line) for line in register_lines(request.actor)]


@router.post("/register/", response=LineOut, summary="Add to the register of human decisions")
def add_to_register(request: ApiRequest, data: LineIn) -> dict[str, Any]:
    entry = human_only_add(actor=request.actor, **data.dict())
    return {"id": entry.pk, "title": entry.title, "why": entry.why, "enforced": bool(entry.kind)}


@router.post("/register/{entry_id}/removals", response=DecisionWhole, summary="Ask that an entry be taken out")
def remove_from_register(request: ApiRequest, entry_id: UUID, data: Reason) -> dict[str, Any]:
    """Someone else decides, signed in on the decision's page."""
    entry: HumanOnly = HumanOnly.objects.get_of(request.actor, pk=entry_id, removed_at=None)
    decision = human_only_remove(actor=request.actor, entry=entry, reason=data.reason)
    return as_data(decision_of(request.actor, decision.pk), whole=True)


def _line(line: Line) -> dict[str, Any]:
    entry = line.entry.pk if line.entry else None
    return {"id": entry, "title": line.title, "why": line.why, "enforced": line.enforced}
