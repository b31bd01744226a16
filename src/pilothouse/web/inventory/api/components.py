"""/api/v1/components"""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from ninja import Router, Status
from ninja.pagination import paginate

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.inventory.actions import component_add, component_change
from pilothouse.kernel.inventory.models import Component
from pilothouse.kernel.inventory.selectors import component_of, components, systems
from pilothouse.web.api import Cursor
from pilothouse.web.inventory.api.schemas import ComponentChange, ComponentIn, ComponentOut

router = Router(tags=["components"])


@router.get("", response=list[ComponentOut], summary="List components")
@paginate(Cursor, order=("kind", "name", "version", "id"))
def list_components(request: Any, kind: str = "", q: str = "") -> QuerySet[Component]:
    """Models, agents, data sources, tools and vendors of the systems that the token may see."""
    request.actor.require("system.view")
    rows = components(request.actor)
    if kind:
        if kind not in dict(Component.KINDS):
            raise Invalid(f"“{kind}” is not a kind of component.", fields={"kind": "Not one of the kinds."})
        rows = rows.filter(kind=kind)
    for word in q.split():
        rows = rows.filter(name__icontains=word)
    return rows


@router.post("", response={201: ComponentOut}, summary="Add a component")
def create_component(request: Any, body: ComponentIn) -> Status[Component]:
    """Add a component; the same kind, name and version again is the one that is there."""
    return Status(201, component_add(actor=request.actor, **body.model_dump()))


@router.get("{uuid:component_id}", response=ComponentOut, summary="Read a component")
def read_component(request: Any, component_id: UUID) -> Component:
    """One component."""
    return component_of(request.actor, component_id)


@router.patch("{uuid:component_id}", response=ComponentOut, summary="Correct a component")
def change_component(request: Any, component_id: UUID, body: ComponentChange) -> Component:
    """Correct what is sent. It holds for every system that uses it."""
    component = component_of(request.actor, component_id)
    changes = {key: value for key, value in body.model_dump(exclude_unset=True).items() if value is not None}
    return component_change(actor=request.actor, component=component, changes=changes)


@router.get("{uuid:component_id}/systems", response=list[int], summary="List the systems that use a component")
def list_users(request: Any, component_id: UUID) -> list[int]:
    """The numbers of the systems that use it, as far as the token may see them."""
    component = component_of(request.actor, component_id)
    found = systems(request.actor).filter(relations__component=component)
    return list(found.order_by("number").values_list("number", flat=True).distinct())
