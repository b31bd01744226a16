"""The organisation, its units, and who one is in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Status

from pilothouse.kernel.access.models import Organisation, Unit
from pilothouse.kernel.directory import actions as do
from pilothouse.web.access.api.found import router, unit_of
from pilothouse.web.access.api.schemas import (
    MeOut,
    OrganisationIn,
    OrganisationOut,
    UnitIn,
    UnitOut,
    UnitPatch,
)
from pilothouse.web.api import ApiRequest, paged


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
    unit = do.unit_add(actor=request.actor, name=body.name, parent=unit_of(request, body.parent), code=body.code)
    return Status(201, unit)


@router.patch("/units/{unit_id}", response=UnitOut)
def unit_change(request: ApiRequest, unit_id: UUID, body: UnitPatch) -> Unit:
    """Rename a unit, or hang it under another one (`parent`: null for the top)."""
    request.actor.require("people.manage")
    unit = unit_of(request, unit_id)
    assert unit is not None
    if body.name is not None:
        unit = do.unit_rename(actor=request.actor, unit=unit, name=body.name)
    if "parent" in body.dict(exclude_unset=True):
        unit = do.unit_move(actor=request.actor, unit=unit, parent=unit_of(request, body.parent))
    return unit
