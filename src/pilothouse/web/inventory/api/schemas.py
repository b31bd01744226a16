"""What the API says and takes of systems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from pilothouse.kernel.inventory.query import SystemQuery


class Named(Schema):
    """A thing by id and name."""

    id: UUID
    name: str


class SystemOut(Schema):
    """A system. `number` is its address; `version` is also its ETag."""

    number: int
    ref: str
    id: UUID
    name: str
    purpose: str
    outputs: str
    unit: Named | None
    owner: Named | None
    deputy: Named | None
    former_owner: Named | None = Field(description="The owner who left, while nobody else is named.")
    stage: str
    stage_since: datetime | None
    inherited_at: datetime | None
    tier: str
    intake: dict[str, str]
    impact: str
    affects: str
    sourcing: str
    technique: str
    topic: str
    vendor: str
    personal_data: str
    outcome: str
    outcome_metric: str
    control_point: str
    contact: str
    tags: list[str]
    custom: dict[str, Any]
    notes: str
    version: int
    created_at: datetime
    changed_at: datetime


class SystemIn(Schema):
    """Facts of a system. What is left out stays as it is; custom fields and intake answers change key by key."""

    purpose: str | None = None
    outputs: str | None = None
    unit_id: UUID | None = None
    owner_id: UUID | None = None
    deputy_id: UUID | None = None
    impact: str | None = None
    affects: str | None = None
    sourcing: str | None = None
    technique: str | None = None
    topic: str | None = None
    vendor: str | None = None
    personal_data: str | None = None
    outcome: str | None = None
    outcome_metric: str | None = None
    contact: str | None = None
    intake: dict[str, str | None] | None = None
    tags: list[str] | None = None
    custom: dict[str, Any] | None = None
    notes: str | None = None

    model_config = {"extra": "forbid"}


class SystemNew(SystemIn):
    """A new system. It enters as an idea."""

    name: str


class SystemChange(SystemIn):
    """Changes of a system."""

    name: str | None = None


class SystemFilters(Schema):
    """The same filters as the list's address; repeat one for “or” (`missing` and `finding`: for “and”)."""

    q: str = Field("", description="Every word in name, purpose, number, vendor or an external id.")
    stage: list[str] = Field([], description="idea, development, pilot, production, retired, rejected, unknown.")
    tier: list[str] = Field([], description="low, medium, high, unknown.")
    impact: list[str] = []
    sourcing: list[str] = []
    personal_data: list[str] = []
    control_point: list[str] = []
    unit: list[str] = Field([], description="A unit's id, with everything below it; or none.")
    owner: list[str] = Field([], description="A person's id, none or me.")
    vendor: list[str] = []
    tag: list[str] = []
    missing: list[str] = Field([], description="owner, purpose, outcome, unit, stage and so on.")
    inherited: str = Field("", description="yes or no.")
    changed_since: str = Field("", description="2026-11-16, or 7d for the last seven days.")
    number: list[str] = []
    finding: list[str] = Field([], description="<check>:<status>.")


class ComponentOut(Schema):
    id: UUID
    kind: str
    name: str
    version: str
    supplier: str
    notes: str


class ComponentIn(Schema):
    kind: str
    name: str
    version: str = ""
    supplier: str = ""
    notes: str = ""


class ComponentChange(Schema):
    name: str | None = None
    version: str | None = None
    supplier: str | None = None
    notes: str | None = None

    model_config = {"extra": "forbid"}


class RelationOut(Schema):
    id: UUID
    kind: str
    component: ComponentOut | None
    other: str | None = Field(description="The other system, such as S-42.")


class RelationIn(Schema):
    """Name one component by id, or one other system by number."""

    kind: str = "uses"
    component_id: UUID | None = None
    other: int | None = None


class PracticeOut(Schema):
    key: str
    title: str
    status: str
    words: str
    source: str
    said_at: datetime
    grade: str = Field("attested", description="A statement is always attested, the lowest grade.")


class PracticeIn(Schema):
    status: str
    words: str = ""


class DateOut(Schema):
    kind: str
    value: date | None
    precision: str
    raw: str


class DateIn(Schema):
    text: str = Field(description="2026-03-31, March 2026, Q1 2026 or 2026; empty takes the date away.")


class PerformanceOut(Schema):
    basis: str
    metric: str
    value: Decimal
    unit: str
    population: str
    measured_on: date | None
    source: str


class PerformanceIn(Schema):
    metric: str
    value: Decimal
    unit: str = ""
    population: str
    measured_on: date | None = None
    source: str = ""


class BulkIn(Schema):
    """One change for many systems: for all of them or for none."""

    numbers: list[int] = Field(min_length=1, max_length=5000)
    changes: dict[str, Any] = {}
    add_tags: list[str] = []
    remove_tags: list[str] = []
    preview: bool = Field(False, description="Only say what it would do.")


class BulkOut(Schema):
    number: int
    before: dict[str, Any]
    after: dict[str, Any]
    refused: str


class HistoryOut(Schema):
    """One entry of the ledger about the system, told in words."""

    seq: int
    at: datetime
    action: str
    title: str
    who: str
    via: str
    note: str
    changes: list[dict[str, str]]


def query_of(request: Any) -> SystemQuery:
    """The list's question in the request's address, without what belongs to paging. Raises Invalid."""
    return SystemQuery.parse({key: values for key, values in request.GET.lists() if key not in ("limit", "cursor")})
