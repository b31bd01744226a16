"""Frameworks, controls and coverage over REST."""

# No `from __future__ import annotations` here: ninja reads the types of the parameters themselves.
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from pilothouse.contracts.errors import NotFound
from pilothouse.domains.governance.frameworks import actions, shipped
from pilothouse.domains.governance.frameworks.coverage import field_of, overview, overviews
from pilothouse.domains.governance.frameworks.documents import control_of, framework_of
from pilothouse.domains.governance.frameworks.library_of import Adopted, adopted, library
from pilothouse.domains.governance.frameworks.models import FrameworkVersion
from pilothouse.domains.governance.frameworks.oscal.catalog import catalog_of, framework_from
from pilothouse.domains.governance.frameworks.oscal.mapping import mapping_of
from pilothouse.domains.governance.frameworks.told import control_section, overview_out, row_out
from pilothouse.kernel import clock
from pilothouse.kernel.access.models import Person
from pilothouse.kernel.evidence.selectors import evidence_by_id
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.records.judging import today
from pilothouse.web.api import ApiRequest

PREFIX = ""
router = Router(tags=["frameworks"])


class CoverageCounts(Schema):
    """`figure` is met ÷ asked; null where nothing is asked. Due counts as met until its last day."""

    met: int
    asked: int
    current: int
    due: int
    stale: int
    missing: int
    not_applicable: int
    figure: float | None


class FrameworkOut(Schema):
    """An adopted framework over the systems that the token sees. `ahead` counts what does not apply yet, too."""

    id: str
    title: str
    edition: str
    version: int
    systems: int
    now: CoverageCounts
    ahead: CoverageCounts


class FrameworkRequirementOut(Schema):
    """`systems` counts systems by state; of a requirement of the organisation it is null and `state` says all."""

    id: str
    label: str
    title: str
    citation: str
    of: str
    applies_from: str | None
    applies: str
    state: str
    systems: CoverageCounts | None
    controls: dict[str, str]


class FrameworkDetail(FrameworkOut):
    requirements: list[FrameworkRequirementOut]


class FrameworkVersionOut(Schema):
    """The version that was written."""

    key: str
    version: int
    title: str
    state: str
    hash: str


class FrameworkIn(Schema):
    """A framework in our form (`document`) or as an OSCAL catalog (`oscal`); `id` names the latter."""

    document: dict[str, Any] | None = None
    oscal: dict[str, Any] | None = None
    id: str = ""
    because: str = ""
    version: int | None = Field(None, description="The version you read, against lost updates.")


class RequirementControlsIn(Schema):
    by: dict[str, str] = Field(description="Control → equal, superset, subset or intersects.")
    because: str = ""


class LibraryControlOut(Schema):
    """A control of the library, or of one's own."""

    id: str
    title: str
    of: str
    does: str
    why: str
    every: int
    when: list[str]
    checks: list[str]
    records: list[str]
    shown_by: list[str]


class LibraryControlIn(Schema):
    id: str
    title: str
    of: str = "system"
    does: str = ""
    why: str = ""
    every: int = 365
    when: list[str] = []
    checks: list[str] = []
    records: list[str] = []
    shown_by: list[str] = []


class ControlSettingsIn(Schema):
    """What is left out is settled no more."""

    system: int | None = Field(None, description="The system's number; left out: for the organisation.")
    owner: UUID | None = Field(None, description="A person's id.")
    every: int | None = None
    cost_low: Decimal | None = None
    cost_high: Decimal | None = None
    currency: str = ""
    not_applicable: str = ""
    not_applicable_until: date | None = None


class ControlSettingsOut(Schema):
    control: str
    owner_id: UUID | None
    every: int | None
    cost_low: Decimal | None
    cost_high: Decimal | None
    currency: str
    not_applicable: str
    not_applicable_until: date | None


class ControlAttachIn(Schema):
    evidence: UUID


class ControlsOfSystem(Schema):
    """The controls of one system with what shows each, and its frameworks requirement by requirement."""

    as_of: date
    basis: str
    controls: list[dict[str, Any]]
    frameworks: list[dict[str, Any]]


@router.get("/frameworks", response=list[FrameworkOut], summary="Adopted frameworks with their coverage")
def list_frameworks(request: ApiRequest) -> list[dict[str, Any]]:
    request.actor.require("system.view")
    return [overview_out(one) for one in overviews(request.actor, today(clock.now()))]


@router.get("/frameworks/shipped", response=list[dict[str, Any]], summary="Frameworks that can be adopted")
def list_shipped(request: ApiRequest) -> list[dict[str, Any]]:
    request.actor.require("system.view")
    return [
        {"id": key, "title": one.title, "publisher": one.publisher, "edition": one.edition, "as_of": one.as_of}
        for key, one in shipped.frameworks().items()
    ]


@router.post("/frameworks", response={201: FrameworkVersionOut}, summary="Write a framework, or its next version")
def save_framework(request: ApiRequest, body: FrameworkIn) -> Any:
    """422 with the path of what is wrong."""
    request.actor.require(actions.MANAGE)
    document = framework_from(body.oscal, body.id) if body.oscal is not None else framework_of(body.document or {})
    made = actions.framework_save(
        actor=request.actor,
        framework=document,
        origin="imported" if body.oscal is not None else "own",
        because=body.because,
        version=body.version,
    )
    return Status(201, made)


@router.get("/frameworks/{framework_id}", response=FrameworkDetail, summary="One framework, by requirement")
def get_framework(request: ApiRequest, framework_id: str) -> dict[str, Any]:
    found = _adopted(request, framework_id)
    over = overview(request.actor, field_of(request.actor, today(clock.now())), found)
    return overview_out(over) | {"requirements": [row_out(row) for row in over.rows]}


@router.get("/frameworks/{framework_id}/oscal", response=dict[str, Any], summary="One framework as OSCAL")
def get_oscal(request: ApiRequest, framework_id: str, mapping: bool = False) -> dict[str, Any]:
    """A catalog, or with `mapping` the mapping collection to the controls."""
    found = _adopted(request, framework_id)
    return (mapping_of if mapping else catalog_of)(found.document, found.row.written_at)


@router.post("/frameworks/{framework_id}/adopt", response={201: FrameworkVersionOut}, summary="Adopt what ships")
def adopt_framework(request: ApiRequest, framework_id: str) -> Any:
    return Status(201, actions.framework_adopt(actor=request.actor, key=framework_id))


@router.put(
    "/frameworks/{framework_id}/requirements/{requirement_id}/controls",
    response=FrameworkVersionOut,
    summary="Say which controls serve a requirement",
)
def map_requirement(
    request: ApiRequest, framework_id: str, requirement_id: str, body: RequirementControlsIn
) -> FrameworkVersion:
    request.actor.require(actions.MANAGE)
    return actions.framework_map(
        actor=request.actor, key=framework_id, requirement=requirement_id, by=body.by, because=body.because
    )


@router.get("/controls", response=list[LibraryControlOut], summary="All controls")
def list_controls(request: ApiRequest) -> list[Any]:
    request.actor.require("system.view")
    return list(library(request.actor.organisation_id).controls.values())


@router.post("/controls", response={201: LibraryControlOut}, summary="Add a control, or put one in other words")
def save_control(request: ApiRequest, body: LibraryControlIn) -> Any:
    request.actor.require(actions.MANAGE)
    found = control_of(body.dict())
    actions.control_save(actor=request.actor, control=found)
    return Status(201, found)


@router.put(
    "/controls/{control_id}/settings", response=ControlSettingsOut, summary="Settle owner, cadence, cost, applicability"
)
def settle_control(request: ApiRequest, control_id: str, body: ControlSettingsIn) -> Any:
    request.actor.require(actions.MANAGE)
    said = body.dict()
    number, owner_id = said.pop("system"), said.pop("owner")
    owner: Person | None = Person.objects.get_of(request.actor, pk=owner_id) if owner_id else None
    system = system_by_number(request.actor, number) if number is not None else None
    return actions.control_settle(actor=request.actor, control=control_id, system=system, owner=owner, **said)


@router.post("/controls/{control_id}/evidence", response={204: None}, summary="Attach evidence to a control")
def attach_evidence(request: ApiRequest, control_id: str, body: ControlAttachIn) -> Any:
    """It then serves every framework that the control does."""
    request.actor.require("evidence.add")
    evidence = evidence_by_id(request.actor, body.evidence)
    actions.evidence_attach(actor=request.actor, evidence=evidence, control=control_id)
    return Status(204, None)


@router.get("/systems/{number}/controls", response=ControlsOfSystem, summary="The controls of one system")
def system_controls(request: ApiRequest, number: int) -> dict[str, Any]:
    return control_section(request.actor, system_by_number(request.actor, number), today(clock.now()))


def _adopted(request: ApiRequest, key: str) -> Adopted:
    request.actor.require("system.view")
    found = next((one for one in adopted(request.actor.organisation_id) if one.key == key), None)
    if found is None:
        raise NotFound
    return found
