"""Checks, findings, gaps and rulebooks over REST."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema
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
from pilothouse.kernel.checks.selectors import FindingNow
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.api import Cursor

PREFIX = ""
router = Router(tags=["checks"])


class TallyOut(Schema):
    """How systems stand. `figure` is met ÷ total, null where nothing applies."""

    met: int
    in_progress: int
    not_met: int
    unknown: int
    waived: int
    total: int
    figure: float | None


class CheckOut(Schema):
    id: str
    version: int
    domain: str
    title: str
    question: str
    protects: str
    effort: float = Field(description="Person-days to mend it, about.")
    tally: TallyOut


class RefOut(Schema):
    type: str
    id: str
    label: str


class FindingOut(Schema):
    """One check's finding. `judged` is what the check itself said, before the rulebook's least grade and waivers."""

    check: str
    title: str
    status: str
    judged: str
    grade: str
    because: str
    refs: list[RefOut]
    since: datetime | None
    least_grade: str
    gate: str
    failed: bool = Field(description="The check failed to run.")


class PastFindingOut(Schema):
    check: str
    status: str
    grade: str
    reason: str
    from_at: datetime
    to_at: datetime | None


class GapOut(Schema):
    id: int
    system_number: int
    system: str
    tier: str
    stage: str
    check: str
    title: str
    status: str
    because: str
    since: datetime
    weight: int = Field(description="Risk taken away for each day of work, × 100.")
    due: datetime | None
    remedy: str


class GapPage(Schema):
    items: list[GapOut]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class GapFilters(Schema):
    check: str = ""
    status: str = ""
    tier: str = ""
    stage: str = ""
    unit: str = ""
    owner: str = ""
    overdue: bool = False
    text: str = ""


class PointOut(Schema):
    day: date
    met: int
    unknown: int
    total: int
    percent: float | None


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


class GateReportOut(Schema):
    """What stands between a system and a stage. Each list of `signers` is one signature: any of these roles."""

    stage: str
    tier: str
    blocked: bool
    requirements: list[RequirementOut]
    signers: list[list[str]]


class RulebookOut(Schema):
    version: int
    title: str
    base: str
    state: str
    kind: str
    loosenings: list[str]
    reason: str
    hash: str
    proposed_at: datetime | None
    activated_at: datetime | None
    body: dict[str, Any]


class ProposalIn(Schema):
    body: dict[str, Any] = Field(description="A whole rulebook, as `body` of GET /rulebook.")
    reason: str
    title: str = ""


class BodyIn(Schema):
    body: dict[str, Any]


class AdoptIn(Schema):
    base: str = Field(description="sme_light, enterprise, us_federal or eu_high_risk.")


class ActivateIn(Schema):
    decision_id: UUID | None = None


class DifferenceOut(Schema):
    kind: Literal["loosening", "tightening", "neutral"]
    loosens: list[str]
    tightens: list[str]


class MovedOut(Schema):
    number: int
    name: str
    before: str = ""
    after: str = ""


class CheckMovedOut(Schema):
    check_id: str
    before: int
    after: int


class ImpactOut(Schema):
    """What a rulebook would change. Nothing is kept."""

    difference: DifferenceOut
    systems: int
    ready_before: int
    ready_after: int
    gaps_before: int
    gaps_after: int
    tiers: list[MovedOut]
    no_longer_ready: list[MovedOut]
    newly_ready: list[MovedOut]
    deadlines: list[MovedOut]
    checks: list[CheckMovedOut]


class IntakeIn(Schema):
    answers: dict[str, Literal["yes", "no", "unknown"]]


class IntakeOut(Schema):
    tier: str
    intake: dict[str, str]


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
) -> list[selectors.Point]:
    """Of one check, one domain or all."""
    request.actor.require("system.view")
    return selectors.trend(request.actor, check=check, domain=domain, days=days)


@router.get("/gaps", response=GapPage, summary="What systems lack")
def list_gaps(request: Any, filters: Query[GapFilters], page: Query[Cursor.Input]) -> dict[str, Any]:
    """The heaviest first. `unit` and `owner` are ids, or `none`."""
    request.actor.require("system.view")
    rows = selectors.gaps(request.actor, **filters.dict())
    found = Cursor(order=("-weight", "id")).paginate_queryset(rows, page, request)
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


def check_out(check_id: str, tallies: dict[str, selectors.Tally]) -> dict[str, Any]:
    """A check as the API and the CLI tell it."""
    check = registry.checks[check_id]
    names = ("id", "version", "domain", "title", "question", "protects", "effort")
    return {name: getattr(check, name) for name in names} | {"tally": tally_out(tallies.get(check_id))}


def tally_out(tally: selectors.Tally | None) -> dict[str, Any]:
    """A tally with its figure."""
    told = tally or selectors.Tally()
    names = ("met", "in_progress", "not_met", "unknown", "waived", "total", "figure")
    return {name: getattr(told, name) for name in names}


def finding_out(line: FindingNow) -> dict[str, Any]:
    """A finding as the API and the CLI tell it."""
    said = line.standing.finding
    return {
        "check": line.ask.check,
        "title": line.title,
        "status": said.status.value,
        "judged": line.standing.judged.value,
        "grade": said.grade.value,
        "because": line.standing.because,
        "refs": [{"type": ref.type, "id": ref.id, "label": ref.label} for ref in said.refs],
        "since": line.since,
        "least_grade": line.ask.grade.value,
        "gate": line.ask.gate,
        "failed": line.standing.raised,
    }


def gap_out(gap: selectors.Gap) -> dict[str, Any]:
    """A gap as the API and the CLI tell it."""
    return {
        "system_number": gap.system.number,
        "system": gap.system.name,
        "tier": gap.system.tier,
        "stage": gap.system.stage,
        "check": gap.check.id,
        "title": gap.check.title,
        "status": gap.status.value,
        "because": gap.reason,
        "since": gap.since,
        "weight": gap.weight,
        "due": gap.due,
        "remedy": gap.check.remedy_label,
    }


def impact_out(found: Any) -> dict[str, Any]:
    """An impact as the API and the CLI tell it."""

    def moved(rows: Any) -> list[dict[str, Any]]:
        return [
            {
                "number": row.system.number,
                "name": row.system.name,
                "before": str(row.before),
                "after": str(row.after),
            }
            for row in rows
        ]

    numbers = ("systems", "ready_before", "ready_after", "gaps_before", "gaps_after")
    return {
        "difference": {
            "kind": found.difference.kind,
            "loosens": list(found.difference.loosens),
            "tightens": list(found.difference.tightens),
        },
        **{name: getattr(found, name) for name in numbers},
        "tiers": moved(found.tiers),
        "no_longer_ready": moved(found.no_longer_ready),
        "newly_ready": [{"number": row.number, "name": row.name} for row in found.newly_ready],
        "deadlines": moved(found.deadlines),
        "checks": [{"check_id": c.check_id, "before": c.before, "after": c.after} for c in found.checks],
    }


def _past(row: FindingRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("status", "grade", "reason", "from_at", "to_at")}
