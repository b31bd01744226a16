"""What the API of checks, findings, gaps and rulebooks takes and gives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema


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
    """How much was met (`numerator`) of what was asked, at the end of a day; `value` is of 100, or null."""

    day: date
    value: float | None
    numerator: int
    denominator: int
    unknown: int


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
