"""People: who is here, and what happens to them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Status

from pilothouse.kernel.access.models import Membership, Person
from pilothouse.kernel.directory import actions as do
from pilothouse.kernel.directory.power import power_request
from pilothouse.kernel.directory.selectors import PeopleQuery, people_found, person_of, role_of
from pilothouse.web.access.api.found import managed, router, unit_of
from pilothouse.web.access.api.schemas import (
    AskedOut,
    LeaveIn,
    LeftOut,
    MembershipIn,
    MembershipOut,
    PersonIn,
    PersonOut,
    PersonPatch,
    PowerIn,
)
from pilothouse.web.api import ApiRequest, paged


@router.get("/people", response=list[PersonOut])
@paged()
def person_list(request: ApiRequest, q: str = "", role: str = "", unit: UUID | None = None, state: str = "all") -> Any:
    """People, in the order in which they were added. `state`: here, left, signs_in, no_sign_in or all."""
    request.actor.require("people.view")
    return people_found(request.actor, PeopleQuery(q=q, unit=unit, role=role, state=state))


@router.post("/people", response={201: PersonOut})
def person_add(request: ApiRequest, body: PersonIn) -> Status[Any]:
    """Add a person."""
    facts = body.dict() | {"unit": unit_of(request, body.unit)}
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
        changes["unit"] = unit_of(request, body.unit)
    changes = {key: value for key, value in changes.items() if value is not None or key == "unit"}
    return do.person_change(actor=request.actor, person=managed(request, person_id), changes=changes)


@router.post("/people/{person_id}/invite", response=PersonOut)
def person_invite(request: ApiRequest, person_id: UUID) -> Person:
    """Let a person sign in with their e-mail address."""
    do.person_invite(actor=request.actor, person=managed(request, person_id))
    return managed(request, person_id)


@router.post("/people/{person_id}/leave", response=LeftOut)
def person_leave(request: ApiRequest, person_id: UUID, body: LeaveIn) -> dict[str, int]:
    """A person leaves: roles, tokens and deputies end, their systems become ownerless."""
    lost = do.person_leave(actor=request.actor, person=managed(request, person_id), reason=body.reason)
    return {"systems_without_them": lost}


@router.post("/people/{person_id}/return", response=PersonOut)
def person_return(request: ApiRequest, person_id: UUID) -> Person:
    """Someone who left is back, with no roles."""
    return do.person_return(actor=request.actor, person=managed(request, person_id))


@router.post("/people/{person_id}/roles", response={201: MembershipOut})
def membership_grant(request: ApiRequest, person_id: UUID, body: MembershipIn) -> Status[Any]:
    """Give a role. A powerful one is refused with the code needs_second_person: ask for it under /power."""
    request.actor.require("people.manage")
    person, role = managed(request, person_id), role_of(request.actor, body.role)
    unit = unit_of(request, body.unit)
    return Status(201, do.membership_grant(actor=request.actor, person=person, role=role, unit=unit))


@router.delete("/people/{person_id}/roles/{membership_id}", response={204: None})
def membership_revoke(request: ApiRequest, person_id: UUID, membership_id: UUID) -> Status[Any]:
    """Take a role away."""
    request.actor.require("people.manage")
    person = managed(request, person_id)
    membership: Membership = Membership.objects.get_of(request.actor, pk=membership_id, person=person)
    do.membership_revoke(actor=request.actor, membership=membership)
    return Status(204, None)


@router.post("/people/{person_id}/power", response={202: AskedOut})
def power_ask(request: ApiRequest, person_id: UUID, body: PowerIn) -> Status[Any]:
    """Ask that a powerful role be given or taken; someone else decides."""
    request.actor.require("people.manage")
    decision = power_request(
        actor=request.actor,
        person=managed(request, person_id),
        role=role_of(request.actor, body.role),
        unit=unit_of(request, body.unit),
        give=body.give,
        reason=body.reason,
    )
    return Status(202, decision)
