"""The shapes of traffic over REST."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Query, Schema

Dimension = Literal["system", "model", "unit", "person", "key", "agent", "upstream", "purpose", "source", "endpoint"]
Page = Annotated[int, Query(ge=1, le=10_000, description="From 1.")]
Size = Annotated[int, Query(ge=1, le=1_000, description="Rows in a page.")]


class Narrowed(Schema):
    """Which calls. A period is one of the choices, or `since` and `until` (days of the organisation, both included)."""

    period: Literal["", "today", "7d", "30d", "90d", "month", "last-month"] = ""
    since: date | None = None
    until: date | None = None
    system: str | None = Field(None, description="A system's id.")
    model: str | None = None
    unit: str | None = None
    person: str | None = None
    key: str | None = None
    agent: str | None = None
    upstream: str | None = None
    purpose: str | None = None
    source: str | None = None
    endpoint: str | None = None


class SumsOut(Schema):
    """Sums of calls. `cost` is in the organisation's currency; `unpriced` calls have a cost that nobody knows."""

    calls: int
    cost: Decimal
    input: int
    output: int
    cached: int
    reasoning: int
    failed: int
    estimated: int
    unpriced: int


class UsageLineOut(SumsOut):
    value: str
    name: str


class UsageDayOut(Schema):
    day: date
    calls: int
    cost: Decimal


class UsageOut(Schema):
    """Usage of a period as a whole, by one dimension and by day."""

    since: date
    until: date
    currency: str
    by: str
    totals: SumsOut
    lines: list[UsageLineOut]
    days: list[UsageDayOut]


class CallOut(Schema):
    """One call that was made. No text of it is kept."""

    id: str
    call: str
    at: datetime
    system: str
    key: str
    unit: str
    person: str = Field(description="A hash; empty for nobody.")
    agent: str
    source: str
    endpoint: str
    model: str
    upstream: str
    target: str
    model_reported: str
    purpose: str
    input: int
    output: int
    cache_read: int
    cache_write: int
    reasoning: int
    cost: Decimal
    currency: str
    latency_ms: int
    ttft_ms: int | None
    status: int
    finish: str
    estimated: bool
    attempts: int
    revision: int


class CallsOut(Schema):
    items: list[CallOut]
    more: bool


class RefusalOut(Schema):
    id: str
    call: str
    at: datetime
    system: str
    key: str
    person: str
    source: str
    endpoint: str
    model: str
    code: str
    reason: str
    status: int
    revision: int


class RefusalsOut(Schema):
    """Refusals of a period: how many for each reason, and one page of them."""

    total: int
    codes: dict[str, int]
    items: list[RefusalOut]
    more: bool


class FindingLineOut(Schema):
    kind: str
    value: str
    name: str
    found: int
    calls: int
    refused: int


class TrafficFeedbackOut(Schema):
    at: datetime
    rating: int | None
    edit_distance: int | None
    accepted: bool | None
    comment: str


class CallDetailOut(Schema):
    """Everything that is kept of one call."""

    usage: list[CallOut]
    refusals: list[RefusalOut]
    findings: dict[str, int]
    feedback: list[TrafficFeedbackOut]


class BurnOut(Schema):
    """A budget in its window. `forecast` is the sum at the window's end at this pace; null too early to say."""

    id: str
    name: str
    scope: str
    scope_id: str
    window: str
    begins: datetime
    ends: datetime
    cap: Decimal
    spent: Decimal
    forecast: Decimal | None
    exhausted_at: datetime | None


class UpstreamHealthOut(Schema):
    """How an upstream answered in the last 24 hours; times in milliseconds."""

    upstream: str
    calls: int
    failed: int
    p50: float | None
    p95: float | None
    p99: float | None
    ttft_p50: float | None
    last_good: datetime | None


class LiveOut(Schema):
    """The last 15 minutes."""

    calls: int
    refused: int
    failed: int
    tokens: int
    cost: Decimal
    under_way: int


class ToldOut(Schema):
    """What became of usage that was sent: refused rows by number, with the reason."""

    new: int
    known: int
    unassigned: int
    refused: list[tuple[int, str]]


class RetentionIn(Schema):
    days: int = Field(ge=7, le=3_660)


class RetentionOut(Schema):
    days: int


class ForgetIn(Schema):
    person: str = Field(max_length=254, description="The e-mail address or id that calls named.")
    reason: str = Field(max_length=300)


class ForgottenOut(Schema):
    rows: int


class ModelChangeOut(Schema):
    """`call` is the first that was answered so."""

    id: UUID
    upstream: str
    target: str
    before: str
    after: str
    fingerprint_before: str
    fingerprint_after: str
    call: str
    noticed_at: datetime
