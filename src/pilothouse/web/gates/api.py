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
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.gates.actions.breakglass import breakglass_end, breakglass_open
from pilothouse.kernel.gates.actions.incidents import incident_close
from pilothouse.kernel.gates.actions.restrictions import gate_restrict, restriction_lift_request
from pilothouse.kernel.gates.actions.stages import GateOutcome, gate_request, stage_correct, stage_withdraw
from pilothouse.kernel.gates.actions.waivers import waiver_end, waiver_request
from pilothouse.kernel.gates.models import BreakGlass, Gap, Incident, Restriction, Waiver
from pilothouse.kernel.gates.selectors import break_glass, gaps, incidents, may_run, report_of, waivers
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


class AskedRequirementOut(Schema):
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
    requirements: list[AskedRequirementOut]


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


class GateReason(Schema):
    reason: str = Field(max_length=4000)


class Move(Schema):
    """A stage and how one knows, or why it goes back."""

    to_stage: Literal["idea", "development", "pilot", "production", "retired", "rejected"]
    reason: str = Field(max_length=4000)


class Resolution(Schema):
    resolution: str = Field(max_length=4000)


class IncidentOut(Schema):
    id: UUID
    system: str
    kind: str
    title: str
    detail: str
    opened_at: datetime
    closed_at: datetime | None
    resolution: str

    @staticmethod
    def resolve_system(row: Any) -> str:
        return str(row.system.ref)


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


class DatedGapOut(Schema):
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


@router.post("/systems/{number}/corrections", response=OutcomeOut, summary="Record the stage a system is really in")
def correct_stage(request: ApiRequest, number: int, data: Move) -> dict[str, Any]:
    """An unknown stage is recorded at once; any other correction is decided by someone else."""
    system = system_by_number(request.actor, number)
    done = stage_correct(actor=request.actor, system=system, to_stage=data.to_stage, reason=data.reason)
    return _outcome(request, number, None, done if isinstance(done, Decision) else None)


@router.post("/systems/{number}/withdrawals", response=OutcomeOut, summary="Take a system back a stage, or reject it")
def withdraw_stage(request: ApiRequest, number: int, data: Move) -> dict[str, Any]:
    system = system_by_number(request.actor, number)
    stage_withdraw(actor=request.actor, system=system, to_stage=data.to_stage, reason=data.reason)
    return _outcome(request, number, None)


@router.post("/restrictions/{restriction_id}/lift-requests", response=OutcomeOut, summary="Ask that one be lifted")
def request_lift(request: ApiRequest, restriction_id: UUID, data: GateReason) -> dict[str, Any]:
    found: Restriction = Restriction.objects.select_related("system__unit").get_of(request.actor, pk=restriction_id)
    decision = restriction_lift_request(actor=request.actor, system=found.system, restriction=found, reason=data.reason)
    return _outcome(request, found.system.number, None, decision)


@router.post("/waivers/{waiver_id}/end", response=WaiverOut, summary="End a waiver before its time")
def end_waiver(request: ApiRequest, waiver_id: UUID, data: GateReason) -> Waiver:
    found: Waiver = Waiver.objects.select_related("system__unit").get_of(request.actor, pk=waiver_id)
    return waiver_end(actor=request.actor, waiver=found, reason=data.reason)


@router.post("/break-glass/{glass_id}/end", response=GlassOut, summary="End a break-glass before its time")
def end_break_glass(request: ApiRequest, glass_id: UUID, data: GateReason) -> BreakGlass:
    found: BreakGlass = BreakGlass.objects.select_related("system__unit").get_of(request.actor, pk=glass_id)
    return breakglass_end(actor=request.actor, glass=found, reason=data.reason)


@router.get("/incidents", response=list[IncidentOut], summary="Incidents")
@paginate(Cursor)
def list_incidents(request: ApiRequest, open: bool = True) -> QuerySet[Incident]:  # noqa: A002 - the query's own name
    return incidents(request.actor).filter(closed_at__isnull=open)


@router.post("/incidents/{incident_id}/close", response=IncidentOut, summary="Close an incident")
def close_incident(request: ApiRequest, incident_id: UUID, data: Resolution) -> Incident:
    rows = Incident.objects.select_related("system__unit", "break_glass")
    found: Incident = rows.get_of(request.actor, pk=incident_id)
    return incident_close(actor=request.actor, incident=found, resolution=data.resolution)


@router.get("/gaps", response=list[DatedGapOut], summary="Gaps of inherited systems")
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


def _outcome(
    request: ApiRequest, number: int, outcome: GateOutcome | None, decision: Decision | None = None
) -> dict[str, Any]:
    system = system_by_number(request.actor, number)
    waits = decision or (outcome.decision if outcome else None)
    return {"stage": system.stage, "decision": waits.pk if waits else None}
