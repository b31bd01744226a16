"""Gates over REST: what may run, gate reports, asking for a gate, restricting, waivers, break-glass, gaps."""

# No `from __future__ import annotations` here: ninja's paginate reads the types of the parameters themselves.
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from ninja import Router, Schema
from ninja.pagination import paginate
from pydantic import Field

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.clock import now
from pilothouse.kernel.gates.actions.breakglass import breakglass_open
from pilothouse.kernel.gates.actions.restrictions import gate_restrict
from pilothouse.kernel.gates.actions.stages import GateOutcome, gate_request
from pilothouse.kernel.gates.actions.waivers import waiver_request
from pilothouse.kernel.gates.models import BreakGlass, Gap, Waiver
from pilothouse.kernel.gates.selectors import break_glass, gaps, may_run, report_of, waivers
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.api import ApiRequest, Cursor
from pilothouse.web.gates.shown import permission_data, report_data

router = Router(tags=["gates"])
GateStage = Literal["development", "pilot", "production", "retired"]


class RunOut(Schema):
    """Whether a system may run now, and why. `until` is when that answer ends by itself."""

    system: str
    name: str
    stage: str
    allowed: bool
    because: str
    until: datetime | None
    marks: list[str]


class RequirementOut(Schema):
    check: str
    title: str
    status: str
    because: str
    grade: str
    least_grade: str
    blocking: bool
    waivable: bool
    protects: str
    remedy: str


class ReportOut(Schema):
    """What stands between a system and a stage."""

    to_stage: str
    tier: str
    blocked: bool
    signers: list[list[str]]
    requirements: list[RequirementOut]


class OutcomeOut(Schema):
    """What asking led to: a decision that waits, or the stage that it is in now."""

    stage: str
    decision: UUID | None


class GateAsk(Schema):
    to_stage: GateStage
    reason: str = Field(max_length=4000)


class Restrict(Schema):
    kind: Literal["restrict", "suspend", "prohibit", "retire"]
    reason: str = Field(max_length=4000)
    conditions: str = Field("", max_length=4000)


class WaiverAsk(Schema):
    check: str = Field(max_length=80)
    days: int
    reason: str = Field(max_length=4000)
    compensation: str = Field("", max_length=4000)


class GlassAsk(Schema):
    hours: int
    reason: str = Field(max_length=4000)


class WaiverOut(Schema):
    id: UUID
    system: str
    check: str = Field(alias="check_id")
    state: str
    reason: str
    starts_at: datetime | None
    ends_at: datetime | None
    decision_id: UUID | None

    @staticmethod
    def resolve_system(row: Any) -> str:
        return str(row.system.ref)


class GlassOut(Schema):
    id: UUID
    system: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    ratify_by: datetime
    ratified_at: datetime | None
    ended_at: datetime | None
    ended_because: str
    decision_id: UUID | None

    @staticmethod
    def resolve_system(row: Any) -> str:
        return str(row.system.ref)


class GapOut(Schema):
    """What an inherited system must still meet, by when."""

    id: UUID
    system: str
    check: str = Field(alias="check_id")
    title: str
    state: str
    opened_at: datetime
    due_at: datetime
    extended_at: datetime | None
    closed_at: datetime | None

    @staticmethod
    def resolve_system(row: Any) -> str:
        return str(row.system.ref)


@router.get("/systems/{number}/may-run", response=RunOut, summary="May this system run?")
def get_may_run(request: ApiRequest, number: int) -> dict[str, Any]:
    system = system_by_number(request.actor, number)
    return permission_data(system, may_run(system, now()))


@router.get("/systems/{number}/report", response=ReportOut, summary="What stands between a system and a stage")
def get_report(request: ApiRequest, number: int, to_stage: GateStage) -> dict[str, Any]:
    return report_data(report_of(system_by_number(request.actor, number), to_stage, now()))


@router.post("/systems/{number}/requests", response=OutcomeOut, summary="Ask that a system enter a stage")
def request_gate(request: ApiRequest, number: int, data: GateAsk) -> dict[str, Any]:
    """A shut gate answers 409 with `code` blocked and each requirement that blocks."""
    key = request.headers.get("Idempotency-Key", "")[:80]
    system = system_by_number(request.actor, number)
    outcome = gate_request(
        actor=request.actor, system=system, to_stage=data.to_stage, reason=data.reason, idempotency=key
    )
    return _outcome(request, number, outcome)


@router.post("/systems/{number}/restrictions", response=OutcomeOut, summary="Restrict, suspend, prohibit or retire")
def restrict_system(request: ApiRequest, number: int, data: Restrict) -> dict[str, Any]:
    system = system_by_number(request.actor, number)
    done = gate_restrict(actor=request.actor, system=system, **data.dict())
    return _outcome(request, number, done if isinstance(done, GateOutcome) else None)


@router.post("/systems/{number}/waivers", response=WaiverOut, summary="Ask that a check be waived")
def request_waiver(request: ApiRequest, number: int, data: WaiverAsk) -> Waiver:
    return waiver_request(
        actor=request.actor,
        system=system_by_number(request.actor, number),
        check_id=data.check,
        reason=data.reason,
        days=data.days,
        compensation=data.compensation,
    )


@router.post("/systems/{number}/break-glass", response=GlassOut, summary="Permit a system in an emergency")
def open_break_glass(request: ApiRequest, number: int, data: GlassAsk) -> BreakGlass:
    system = system_by_number(request.actor, number)
    return breakglass_open(actor=request.actor, system=system, reason=data.reason, hours=data.hours)


@router.get("/gaps", response=list[GapOut], summary="Gaps of inherited systems")
@paginate(Cursor, order=("due_at", "id"))
def list_gaps(
    request: ApiRequest, state: Literal["open", "met", "closed"] = "open", overdue: bool = False
) -> QuerySet[Gap]:
    rows = gaps(request.actor).filter(state=state)
    return rows.filter(due_at__lte=now()) if overdue else rows


@router.get("/waivers", response=list[WaiverOut], summary="Waivers")
@paginate(Cursor)
def list_waivers(request: ApiRequest, state: str = "live") -> QuerySet[Waiver]:
    if state not in dict(Waiver.STATES):
        raise Invalid("There is no such state.", fields={"state": f"One of {', '.join(dict(Waiver.STATES))}."})
    return waivers(request.actor).filter(state=state)


@router.get("/break-glass", response=list[GlassOut], summary="Break-glass")
@paginate(Cursor)
def list_break_glass(request: ApiRequest) -> QuerySet[BreakGlass]:
    return break_glass(request.actor)


def _outcome(request: ApiRequest, number: int, outcome: GateOutcome | None) -> dict[str, Any]:
    system = system_by_number(request.actor, number)
    return {"stage": system.stage, "decision": outcome.decision.pk if outcome and outcome.decision else None}
