"""Checks, findings, gaps and rulebooks over REST."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from ninja import Field, Query, Router
from ninja.pagination import paginate

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.checks import selectors
from pilothouse.kernel.checks.actions import (
    parse_body,
    rulebook_activate,
    rulebook_adopt,
    rulebook_propose,
    rulebook_withdraw,
    set_intake,
)
from pilothouse.kernel.checks.active import active_rulebook
from pilothouse.kernel.checks.impact import rulebook_impact
from pilothouse.kernel.checks.models import FindingRow, Rulebook
from pilothouse.kernel.checks.rules import compare
from pilothouse.kernel.checks.trends import trend
from pilothouse.kernel.domain import TrendPoint, registry
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.api import Cursor
from pilothouse.web.checks.schemas import (
    ActivateIn,
    AdoptIn,
    BodyIn,
    CheckOut,
    DifferenceOut,
    FindingOut,
    GapFilters,
    GapPage,
    GateReportOut,
    ImpactOut,
    IntakeIn,
    IntakeOut,
    PastFindingOut,
    PointOut,
    ProposalIn,
    RulebookOut,
)
from pilothouse.web.checks.told import check_out, finding_out, gap_out, impact_out

PREFIX = ""
router = Router(tags=["checks"])


@router.get("/checks", response=list[CheckOut], summary="Every check, and how the systems stand")
def list_checks(request: Any) -> list[dict[str, Any]]:
    """Counts only systems that the token may see."""
    request.actor.require("rulebook.view")
    tallies = selectors.tally(request.actor) if request.actor.may("system.view") else {}
    return [check_out(check_id, tallies) for check_id in registry.checks]


@router.get("/checks/{check_id}", response=CheckOut, summary="One check")
def get_check(request: Any, check_id: str) -> dict[str, Any]:
    request.actor.require("rulebook.view")
    if check_id not in registry.checks:
        raise NotFound
    return check_out(check_id, selectors.tally(request.actor) if request.actor.may("system.view") else {})


@router.get("/trend", response=list[PointOut], summary="The share met, day by day")
def get_trend(
    request: Any, check: str = "", domain: str = "", days: Annotated[int, Field(ge=2, le=1100)] = 90
) -> list[TrendPoint]:
    """Of one check, one domain or all."""
    request.actor.require("system.view")
    return trend(request.actor, check=check, domain=domain, days=days)


@router.get("/gaps", response=GapPage, summary="What systems lack")
def list_gaps(request: Any, filters: Query[GapFilters], page: Query[Cursor.Input]) -> dict[str, Any]:
    """The heaviest first. `unit` and `owner` are ids, or `none`."""
    request.actor.require("system.view")
    rows = selectors.gaps(request.actor, **filters.dict())
    found = Cursor(order=selectors.GAP_ORDER).paginate_queryset(rows, page, request)
    told = zip(found["items"], selectors.as_gaps(request.actor, found["items"]), strict=True)
    return {"items": [{"id": row.pk} | gap_out(gap) for row, gap in told], "next": found["next"]}


@router.get("/systems/{number}/findings", response=list[FindingOut], summary="What the checks say of a system")
def list_findings(request: Any, number: int) -> list[dict[str, Any]]:
    system = system_by_number(request.actor, number)
    return [finding_out(line) for line in selectors.findings_now(request.actor, system)]


@router.get(
    "/systems/{number}/findings/{day}", response=list[PastFindingOut], summary="What they said at the end of a day"
)
def list_findings_on(request: Any, number: int, day: date) -> Any:
    """What did not apply then is not in the list."""
    system = system_by_number(request.actor, number)
    rows = selectors.findings_on(request.actor, day, system).order_by("check_id")
    return [{"check": row.check_id, **_past(row)} for row in rows]


@router.get("/systems/{number}/gate/{stage}", response=GateReportOut, summary="What a gate asks of a system")
def get_gate_report(request: Any, number: int, stage: str) -> dict[str, Any]:
    """Judged anew. `stage` is development, pilot, production or retired."""
    report = selectors.gate_report(request.actor, system_by_number(request.actor, number), stage)
    return {
        "stage": report.stage,
        "tier": report.tier,
        "blocked": report.blocked,
        "signers": [list(group) for group in report.signers],
        "requirements": [
            {
                "check": line.check_id,
                "title": line.title,
                "status": line.finding.status,
                "because": line.standing.because,
                "grade": line.finding.grade,
                "least_grade": line.least,
                "blocking": line.blocking,
                "waivable": line.waivable,
                "protects": line.protects,
            }
            for line in report.requirements
        ],
    }


@router.put("/systems/{number}/intake", response=IntakeOut, summary="Answer the intake questions")
def put_intake(request: Any, number: int, payload: IntakeIn) -> Any:
    """The tier follows from the answers."""
    system = system_by_number(request.actor, number)
    return set_intake(actor=request.actor, system=system, answers=dict(payload.answers))


@router.get("/rulebook", response=RulebookOut, summary="The rulebook that holds now")
def get_rulebook(request: Any) -> Rulebook:
    request.actor.require("rulebook.view")
    active = active_rulebook(request.actor.organisation_id)
    if active is None:
        raise NotFound("The organisation has not adopted a rulebook yet.")
    return active


@router.get("/rulebook/versions", response=list[RulebookOut], summary="Every version, newest first")
@paginate(Cursor, order=("-version",))
def list_rulebooks(request: Any) -> Any:
    return selectors.rulebooks(request.actor)


@router.get("/rulebook/versions/{version}", response=RulebookOut, summary="One version")
def get_rulebook_version(request: Any, version: int) -> Rulebook:
    return selectors.rulebook_version(request.actor, version)


@router.get("/rulebook/diff", response=DifferenceOut, summary="What one version asks less and more than another")
def diff_rulebooks(request: Any, old: int, new: int) -> Any:
    before, after = (selectors.rulebook_version(request.actor, version) for version in (old, new))
    return compare(before.rules, after.rules)


@router.post("/rulebook/impact", response=ImpactOut, summary="What a rulebook would change")
def post_impact(request: Any, payload: BodyIn) -> dict[str, Any]:
    """Judges every system that the token may see under both rulebooks, in memory."""
    return impact_out(rulebook_impact(request.actor, parse_body(payload.body)))


@router.post("/rulebook/adopt", response=RulebookOut, summary="Adopt a rulebook that ships, as the first")
def post_adopt(request: Any, payload: AdoptIn) -> Rulebook:
    return rulebook_adopt(actor=request.actor, base=payload.base)


@router.post("/rulebook/proposals", response=RulebookOut, summary="Propose a change of the rulebook")
def post_proposal(request: Any, payload: ProposalIn) -> Rulebook:
    """A loosening waits for somebody else's decision; the rest may be activated."""
    return rulebook_propose(actor=request.actor, body=payload.body, reason=payload.reason, title=payload.title)


@router.post("/rulebook/versions/{version}/activate", response=RulebookOut, summary="Make a proposal the active one")
def post_activate(request: Any, version: int, payload: ActivateIn) -> Rulebook:
    book = selectors.rulebook_version(request.actor, version)
    return rulebook_activate(actor=request.actor, rulebook=book, decision_id=payload.decision_id)


@router.post("/rulebook/versions/{version}/withdraw", response=RulebookOut, summary="Take back a draft or proposal")
def post_withdraw(request: Any, version: int) -> Rulebook:
    return rulebook_withdraw(actor=request.actor, rulebook=selectors.rulebook_version(request.actor, version))


def _past(row: FindingRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("status", "grade", "reason", "from_at", "to_at")}
