"""What goes in and out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ninja import Field, Schema

from pilothouse.kernel.access.models import Membership, Person


class OrganisationOut(Schema):
    slug: str
    name: str
    time_zone: str
    currency: str
    is_demo: bool


class OrganisationIn(Schema):
    name: str | None = None
    time_zone: str | None = None
    currency: str | None = None


class MembershipOut(Schema):
    id: UUID
    role: str = Field(alias="role.key")
    unit: UUID | None = Field(alias="unit_id")


class PersonOut(Schema):
    id: UUID
    name: str
    email: str
    title: str
    unit: UUID | None = Field(alias="unit_id")
    external_id: str
    left_at: datetime | None
    can_sign_in: bool
    roles: list[MembershipOut]

    @staticmethod
    def resolve_can_sign_in(row: Person) -> bool:
        return row.user_id is not None and row.left_at is None

    @staticmethod
    def resolve_roles(row: Person) -> list[Membership]:
        return list(row.memberships.all())


class PersonIn(Schema):
    name: str
    email: str = ""
    title: str = ""
    unit: UUID | None = None
    external_id: str = ""


class PersonPatch(Schema):
    name: str | None = None
    email: str | None = None
    title: str | None = None
    unit: UUID | None = None
    external_id: str | None = None


class LeaveIn(Schema):
    reason: str = ""


class LeftOut(Schema):
    systems_without_them: int = Field(description="Systems that lost their owner or deputy.")


class RoleOut(Schema):
    key: str
    title: str
    permissions: dict[str, str] = Field(description="Permission to reach: all, or own.")


class RoleChangeIn(Schema):
    permissions: dict[str, str]
    reason: str


class MembershipIn(Schema):
    role: str
    unit: UUID | None = None


class PowerIn(Schema):
    role: str
    unit: UUID | None = None
    give: bool = True
    reason: str


class AskedOut(Schema):
    id: UUID
    title: str
    state: str
    deadline: datetime


class DeputyIn(Schema):
    person: UUID
    deputy: UUID
    starts_at: datetime
    ends_at: datetime
    reason: str = ""


class DeputyOut(Schema):
    id: UUID
    person: UUID = Field(alias="person_id")
    deputy: UUID = Field(alias="deputy_id")
    starts_at: datetime
    ends_at: datetime
    reason: str


class UnitOut(Schema):
    id: UUID
    name: str
    code: str
    parent: UUID | None = Field(alias="parent_id")


class UnitIn(Schema):
    name: str
    parent: UUID | None = None
    code: str = ""


class UnitPatch(Schema):
    name: str | None = None
    parent: UUID | None = None


class TokenOut(Schema):
    id: UUID
    name: str
    prefix: str
    person: UUID | None = Field(alias="person_id", description="Null for a service's.")
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class TokenIn(Schema):
    name: str
    scopes: list[str]
    expires_at: datetime
    service: bool = False


class IssuedOut(Schema):
    token: TokenOut
    secret: str = Field(description="Told now and never again.")


class MeOut(Schema):
    organisation: str
    person: UUID | None
    name: str
    permissions: list[str]
