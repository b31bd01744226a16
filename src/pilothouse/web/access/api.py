"""People, roles, units, deputies and tokens over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Field, Router, Schema, Status

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.access.models import Deputy, Membership, Organisation, Person, Role, Token, Unit
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.directory import actions as do
from pilothouse.kernel.directory.power import power_request, role_change_propose
from pilothouse.kernel.directory.selectors import PeopleQuery, people_found, person_of, role_of, tokens
from pilothouse.web.api import ApiRequest, paged

PREFIX = ""
router = Router(tags=["People and access"])


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


@router.get("/me", response=MeOut)
def me(request: ApiRequest) -> dict[str, Any]:
    """Who this token acts as, and what it may do."""
    actor = request.actor
    return {
        "organisation": request.organisation.slug,
        "person": actor.person_id,
        "name": actor.name,
        "permissions": sorted(permission for permission, scope in actor.grants.items() if scope),
    }


@router.get("/organisation", response=OrganisationOut)
def organisation_read(request: ApiRequest) -> Organisation:
    """The token's organisation."""
    request.actor.require("organisation.view")
    return request.organisation


@router.patch("/organisation", response=OrganisationOut)
def organisation_change(request: ApiRequest, body: OrganisationIn) -> Organisation:
    """Change its name, time zone or currency."""
    return do.organisation_change(actor=request.actor, changes=body.dict(exclude_unset=True, exclude_none=True))


@router.get("/people", response=list[PersonOut])
@paged()
def person_list(request: ApiRequest, q: str = "", role: str = "", unit: UUID | None = None, state: str = "all") -> Any:
    """People, in the order in which they were added. `state`: here, left, signs_in, no_sign_in or all."""
    request.actor.require("people.view")
    return people_found(request.actor, PeopleQuery(q=q, unit=unit, role=role, state=state))


@router.post("/people", response={201: PersonOut})
def person_add(request: ApiRequest, body: PersonIn) -> Status[Any]:
    """Add a person."""
    facts = body.dict() | {"unit": _unit(request, body.unit)}
    return Status(201, do.person_add(actor=request.actor, **facts))


@router.get("/people/{person_id}", response=PersonOut)
def person_read(request: ApiRequest, person_id: UUID) -> Person:
    """One person."""
    request.actor.require("people.view")
    return person_of(request.actor, person_id)


@router.patch("/people/{person_id}", response=PersonOut)
def person_change(request: ApiRequest, person_id: UUID, body: PersonPatch) -> Person:
    """Change a person; what the body leaves out stays."""
    changes: dict[str, Any] = body.dict(exclude_unset=True)
    if "unit" in changes:
        changes["unit"] = _unit(request, body.unit)
    changes = {key: value for key, value in changes.items() if value is not None or key == "unit"}
    return do.person_change(actor=request.actor, person=_managed(request, person_id), changes=changes)


@router.post("/people/{person_id}/invite", response=PersonOut)
def person_invite(request: ApiRequest, person_id: UUID) -> Person:
    """Let a person sign in with their e-mail address."""
    do.person_invite(actor=request.actor, person=_managed(request, person_id))
    return _managed(request, person_id)


@router.post("/people/{person_id}/leave", response=LeftOut)
def person_leave(request: ApiRequest, person_id: UUID, body: LeaveIn) -> dict[str, int]:
    """A person leaves: roles, tokens and deputies end, their systems become ownerless."""
    lost = do.person_leave(actor=request.actor, person=_managed(request, person_id), reason=body.reason)
    return {"systems_without_them": lost}


@router.post("/people/{person_id}/return", response=PersonOut)
def person_return(request: ApiRequest, person_id: UUID) -> Person:
    """Someone who left is back, with no roles."""
    return do.person_return(actor=request.actor, person=_managed(request, person_id))


@router.post("/people/{person_id}/roles", response={201: MembershipOut})
def membership_grant(request: ApiRequest, person_id: UUID, body: MembershipIn) -> Status[Any]:
    """Give a role. A powerful one is refused with the code needs_second_person: ask for it under /power."""
    request.actor.require("people.manage")
    person, role = _managed(request, person_id), role_of(request.actor, body.role)
    unit = _unit(request, body.unit)
    return Status(201, do.membership_grant(actor=request.actor, person=person, role=role, unit=unit))


@router.delete("/people/{person_id}/roles/{membership_id}", response={204: None})
def membership_revoke(request: ApiRequest, person_id: UUID, membership_id: UUID) -> Status[Any]:
    """Take a role away."""
    request.actor.require("people.manage")
    person = _managed(request, person_id)
    membership: Membership = Membership.objects.get_of(request.actor, pk=membership_id, person=person)
    do.membership_revoke(actor=request.actor, membership=membership)
    return Status(204, None)


@router.post("/people/{person_id}/power", response={202: AskedOut})
def power_ask(request: ApiRequest, person_id: UUID, body: PowerIn) -> Status[Any]:
    """Ask that a powerful role be given or taken; someone else decides."""
    request.actor.require("people.manage")
    decision = power_request(
        actor=request.actor,
        person=_managed(request, person_id),
        role=role_of(request.actor, body.role),
        unit=_unit(request, body.unit),
        give=body.give,
        reason=body.reason,
    )
    return Status(202, decision)


@router.get("/roles", response=list[RoleOut])
@paged("key")
def role_list(request: ApiRequest) -> Any:
    """Roles and what each may do."""
    request.actor.require("people.view")
    return Role.objects.of(request.actor)


@router.post("/roles/{key}/change", response={202: AskedOut})
def role_change(request: ApiRequest, key: str, body: RoleChangeIn) -> Status[Any]:
    """Propose what a role may do from now on; someone else decides."""
    request.actor.require("role.change")
    role = role_of(request.actor, key)
    decision: Decision = role_change_propose(
        actor=request.actor, role=role, permissions=body.permissions, reason=body.reason
    )
    return Status(202, decision)


@router.get("/deputies", response=list[DeputyOut])
@paged()
def deputy_list(request: ApiRequest) -> Any:
    """Who stands in for whom, past, present and to come."""
    request.actor.require("people.view")
    return Deputy.objects.of(request.actor)


@router.post("/deputies", response={201: DeputyOut})
def deputy_appoint(request: ApiRequest, body: DeputyIn) -> Status[Any]:
    """Appoint a deputy for oneself, or for someone one manages."""
    people = {p.pk: p for p in Person.objects.of(request.actor).filter(pk__in=[body.person, body.deputy])}
    if {body.person, body.deputy} - set(people):
        raise NotFound
    row = do.deputy_appoint(
        actor=request.actor,
        person=people[body.person],
        deputy=people[body.deputy],
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        reason=body.reason,
    )
    return Status(201, row)


@router.post("/deputies/{deputy_id}/end", response=DeputyOut)
def deputy_end(request: ApiRequest, deputy_id: UUID) -> Deputy:
    """End an appointment now."""
    row: Deputy = Deputy.objects.get_of(request.actor, pk=deputy_id)
    return do.deputy_end(actor=request.actor, appointment=row)


@router.get("/units", response=list[UnitOut])
@paged()
def unit_list(request: ApiRequest) -> Any:
    """The tree of units; a parent comes before its children unless it was moved."""
    request.actor.require("organisation.view")
    return Unit.objects.of(request.actor)


@router.post("/units", response={201: UnitOut})
def unit_add(request: ApiRequest, body: UnitIn) -> Status[Any]:
    """Add a unit."""
    request.actor.require("people.manage")
    unit = do.unit_add(actor=request.actor, name=body.name, parent=_unit(request, body.parent), code=body.code)
    return Status(201, unit)


@router.patch("/units/{unit_id}", response=UnitOut)
def unit_change(request: ApiRequest, unit_id: UUID, body: UnitPatch) -> Unit:
    """Rename a unit, or hang it under another one (`parent`: null for the top)."""
    request.actor.require("people.manage")
    unit = _unit(request, unit_id)
    assert unit is not None
    if body.name is not None:
        unit = do.unit_rename(actor=request.actor, unit=unit, name=body.name)
    if "parent" in body.dict(exclude_unset=True):
        unit = do.unit_move(actor=request.actor, unit=unit, parent=_unit(request, body.parent))
    return unit


@router.get("/tokens", response=list[TokenOut])
@paged()
def token_list(request: ApiRequest) -> Any:
    """One's own tokens; with token.manage, everyone's."""
    return tokens(request.actor)


@router.post("/tokens", response={201: IssuedOut})
def token_issue(request: ApiRequest, body: TokenIn, response: HttpResponse) -> Status[Any]:
    """Issue a token. Its secret is in this answer and nowhere else."""
    response["Cache-Control"] = "no-store"
    issued = do.token_issue(
        actor=request.actor, name=body.name, scopes=body.scopes, expires_at=body.expires_at, service=body.service
    )
    return Status(201, {"token": issued.token, "secret": issued.secret})


@router.post("/tokens/{token_id}/rotate", response=IssuedOut)
def token_rotate(request: ApiRequest, token_id: UUID, response: HttpResponse) -> dict[str, Any]:
    """Give a token a new secret; the old one stops at once."""
    response["Cache-Control"] = "no-store"
    token: Token = Token.objects.get_of(request.actor, pk=token_id)
    issued = do.token_rotate(actor=request.actor, token=token)
    return {"token": issued.token, "secret": issued.secret}


@router.post("/tokens/{token_id}/revoke", response=TokenOut)
def token_revoke(request: ApiRequest, token_id: UUID) -> Token:
    """Make a token worthless now."""
    token: Token = Token.objects.get_of(request.actor, pk=token_id)
    return do.token_revoke(actor=request.actor, token=token)


def _unit(request: ApiRequest, unit_id: UUID | None) -> Unit | None:
    unit: Unit | None = Unit.objects.get_of(request.actor, pk=unit_id) if unit_id else None
    return unit


def _managed(request: ApiRequest, person_id: UUID) -> Person:
    """A person whom the actor manages. Someone without the permission learns that first, whoever they ask about."""
    request.actor.require("people.manage")
    return person_of(request.actor, person_id, "people.manage")
