"""What the policy's operations take and answer."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from pilothouse.contracts.policy.request import CHECK
from pilothouse.kernel.policy.models import GatewayKey, Price


class GatewayKeyOut(Schema):
    id: UUID
    system: str
    name: str
    prefix: str
    unit_id: UUID | None
    person: str
    persons: list[str] | None
    agents: list[str] | None
    models: list[str] | None = Field(alias="model_names")
    limits: dict[str, int]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @staticmethod
    def resolve_system(row: GatewayKey) -> str:
        return row.system.ref


class GatewayKeyIn(Schema):
    system: int = Field(description="The system's number.")
    name: str
    expires_at: datetime | None = Field(None, description="In 90 days unless said; within a year.")
    unit_id: UUID | None = None
    person: Literal["any", "told", "verified"] = "any"
    persons: list[UUID] | None = None
    agents: list[str] | None = None
    models: list[str] | None = None
    limits: dict[str, int] = {}


class GatewayKeyIssued(Schema):
    key: GatewayKeyOut
    text: str = Field(description="The key itself; told now and never again.")


class Rotation(Schema):
    grace_hours: int = 24
    expires_at: datetime | None = None


class Reason(Schema):
    reason: str = Field(max_length=4000)


class UpstreamOut(Schema):
    id: UUID
    name: str
    base_url: str
    dialect: str
    secret: str = Field(description="Where the gateway finds the secret; never the secret.")
    auth: str
    region: str
    data_classes: list[str] | None
    headers: dict[str, str]
    query: str
    connect_ms: int
    first_byte_ms: int
    total_ms: int
    concurrent: int | None
    active: bool
    version: int


class UpstreamIn(Schema):
    name: str
    base_url: str | None = None
    dialect: Literal["openai", "anthropic"] | None = None
    secret: str | None = None
    auth: Literal["bearer", "x-api-key", "api-key", "none"] | None = None
    region: str | None = None
    data_classes: list[str] | None = None
    headers: dict[str, str] | None = None
    query: str | None = None
    connect_ms: int | None = None
    first_byte_ms: int | None = None
    total_ms: int | None = None
    concurrent: int | None = None
    active: bool | None = None
    version: int | None = Field(None, description="Against lost updates; 0: it must be new.")


class IssuerOut(Schema):
    id: UUID
    name: str
    url: str
    keys_url: str
    audiences: list[str]
    algorithms: list[str]
    claim: str
    keys: list[dict[str, str]] = Field(description="Public keys (JWK).")
    given: bool
    fetched_at: datetime | None
    problem: str
    active: bool
    version: int


class IssuerIn(Schema):
    name: str
    url: str | None = None
    keys_url: str | None = Field(None, description="Empty: where the discovery document says.")
    keys: str | None = Field(None, description="A key set (JWKS) as JSON; it is then never fetched.")
    audiences: list[str] | None = None
    algorithms: list[str] | None = None
    claim: str | None = None
    active: bool | None = None
    version: int | None = Field(None, description="Against lost updates; 0: it must be new.")


class TargetIn(Schema):
    upstream: str
    model: str
    weight: int = 1
    fallback: bool = False


class ModelOut(Schema):
    id: UUID
    name: str
    targets: list[TargetIn]
    replaced_by: str
    endpoints: list[str] | None
    max_output: int
    sticky: bool
    retries: int
    deadline_ms: int
    active: bool
    version: int


class ModelIn(Schema):
    name: str
    targets: list[TargetIn] | None = None
    replaced_by: str | None = None
    endpoints: list[str] | None = None
    max_output: int | None = None
    sticky: bool | None = None
    retries: int | None = None
    deadline_ms: int | None = None
    active: bool | None = None
    version: int | None = Field(None, description="Against lost updates; 0: it must be new.")


class PriceOut(Schema):
    id: UUID
    upstream: str
    model: str
    valid_from: datetime
    currency: str
    rate: Decimal
    input: Decimal
    output: Decimal
    cache_read: Decimal | None
    cache_write: Decimal | None
    reasoning: Decimal | None
    request: Decimal

    @staticmethod
    def resolve_upstream(row: Price) -> str:
        return row.upstream.name


class PriceIn(Schema):
    upstream: str
    model: str
    input: Decimal = Field(description="A million tokens.")
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    reasoning: Decimal | None = None
    request: Decimal | None = None
    valid_from: datetime | None = None
    currency: str = ""
    rate: Decimal = Decimal(1)


class BudgetOut(Schema):
    id: UUID
    name: str
    scope: str
    scope_id: str
    window: str
    cap: Decimal
    version: int


class BudgetIn(Schema):
    name: str
    cap: Decimal
    window: Literal["hour", "day", "month"]
    unit_id: UUID | None = None
    system: int | None = Field(None, description="The system's number.")
    key_id: UUID | None = None
    version: int | None = Field(None, description="Against lost updates; 0: it must be new.")


class StopOut(Schema):
    id: UUID
    kind: str
    target: str
    title: str
    reason: str
    since: datetime
    lifted_at: datetime | None
    lifted_because: str


class StopIn(Schema):
    kind: Literal["organisation", "upstream", "model", "key"]
    target: str = Field("", description="The key's id, or the model's or upstream's name.")
    reason: str = Field(max_length=4000)


class PolicyOut(Schema):
    system: str
    version: int
    rules: dict[str, Any]


class PolicyIn(Schema):
    rules: dict[str, Any]
    version: int | None = Field(None, description="Against lost updates; 0: it must be new.")


class CallIn(Schema):
    """A call that somebody might make. `key` is the key itself; or name one by `key_id`."""

    key: str = ""
    key_id: UUID | None = None
    endpoint: str = CHECK
    model: str = ""
    purpose: str = ""
    data_classes: list[str] = []
    regions: list[str] | None = None
    decision: str = ""
    person: str = Field("", description="An e-mail address.")
    person_verified: bool = Field(False, description="As if a token of their own had shown it.")
    agent: str = ""
    size: int = Field(0, ge=0)


class VerdictOut(Schema):
    allow: bool
    code: str
    reason: str
    change: str
    link: str
    revision: int
    system: str | None
    key: str | None
    model: str | None
    routes: list[str]
    budgets: list[str]
    hold: bool
    marks: list[str]


class PublicationOut(Schema):
    revision: int
    digest: str
    issued_at: datetime | None
    not_after: datetime | None


class RefusedOut(Schema):
    """Calls that would be refused for one reason; `cost` in micro-units."""

    code: str
    reason: str
    change: str
    calls: int
    cost: int


class EffectOut(Schema):
    """How many calls were judged, how many used keys that are over, and what would be refused that now is not."""

    since: datetime
    calls: int
    over: int
    total: int
    held: int
    refused: list[RefusedOut]
