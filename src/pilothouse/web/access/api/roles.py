"""Roles, what they may do, and deputies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Status

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.access.models import Deputy, Person, Role
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.directory import actions as do
from pilothouse.kernel.directory.power import role_change_propose
from pilothouse.kernel.directory.selectors import role_of
from pilothouse.web.access.api.found import router
from pilothouse.web.access.api.schemas import (
    AskedOut,
    DeputyIn,
    DeputyOut,
    RoleChangeIn,
    RoleOut,
)
from pilothouse.web.api import ApiRequest, paged


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
