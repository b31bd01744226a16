"""Audit packs over REST: what one would lack, sealing, progress, the file."""

# No `from __future__ import annotations` here: ninja's paginate reads the types of the parameters themselves.
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse
from ninja import Router, Schema
from ninja.pagination import paginate
from pydantic import Field

from pilothouse.domains.governance.pack.actions import pack_fetch, pack_request, pack_seal, packs_request
from pilothouse.domains.governance.pack.building import judged
from pilothouse.domains.governance.pack.models import Pack
from pilothouse.domains.governance.pack.rules import complete, counts, gaps
from pilothouse.domains.governance.pack.selectors import high_risk, pack_by_id, packs, progress, run_by_id
from pilothouse.kernel import clock
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.api import ApiRequest, Cursor

PREFIX = "packs"
router = Router(tags=["audit packs"])


class PackOut(Schema):
    """A pack. `complete` and `counts` are null and empty until it is sealed."""

    id: UUID
    system: int
    profile: str
    as_of: datetime
    state: str
    step: str
    trouble: str
    requested_at: datetime
    sealed_at: datetime | None
    seconds: float | None
    complete: bool | None
    counts: dict[str, int]
    manifest: str
    size: int
    run_id: UUID | None

    @staticmethod
    def resolve_system(pack: Pack) -> int:
        return pack.system.number


class PackIn(Schema):
    system: int = Field(description="The system's number.")
    as_of: datetime | None = Field(None, description="A moment that has passed; now if none.")
    profile: Literal["full", "redacted"] = "full"
    purpose: str = Field("", max_length=300, description="Who asked for it, on which ground.")
    wait: bool = Field(True, description="Answer when it is sealed; else it is made within a minute.")


class PackRunIn(Schema):
    as_of: datetime | None = None
    profile: Literal["full", "redacted"] = "full"
    title: str = Field("", max_length=200)


class PackRunOut(Schema):
    id: UUID
    title: str
    as_of: datetime
    profile: str
    total: int
    sealed: int
    failed: int
    complete: int


class LackOut(Schema):
    item: str
    title: str
    reference: str
    state: str
    because: str
    owner: str
    owner_role: str


class LacksOut(Schema):
    complete: bool
    counts: dict[str, int]
    gaps: list[LackOut]


@router.get("", response=list[PackOut], summary="Packs, newest first")
@paginate(Cursor, order=("-requested_at", "-id"))
def list_packs(request: ApiRequest, system: int | None = None) -> QuerySet[Pack]:
    """Only those of one `system`, by its number."""
    chosen = system_by_number(request.actor, system) if system is not None else None
    return packs(request.actor, system=chosen)


@router.get("/gaps/{number}", response=LacksOut, summary="What a pack of this system would lack now")
def get_gaps(request: ApiRequest, number: int) -> dict[str, Any]:
    system = system_by_number(request.actor, number)
    request.actor.require("pack.fetch", system)
    _, sections = judged(system, clock.now())
    rows = [
        {
            "item": one.item.id,
            "title": one.item.title,
            "reference": one.item.cite,
            "state": one.state,
            "because": one.because,
            "owner": one.owner,
            "owner_role": one.role,
        }
        for one in gaps(sections)
    ]
    return {"complete": complete(sections), "counts": counts(sections), "gaps": rows}


@router.post("", response=PackOut, summary="Seal the pack of a system")
def seal(request: ApiRequest, body: PackIn) -> Pack:
    """The same moment and profile give the same pack."""
    make = pack_seal if body.wait else pack_request
    system = system_by_number(request.actor, body.system)
    made: Pack = make(actor=request.actor, system=system, as_of=body.as_of, profile=body.profile, purpose=body.purpose)
    return made


@router.post("/runs", response=PackRunOut, summary="Seal the packs of all systems of high risk")
def seal_all(request: ApiRequest, body: PackRunIn) -> dict[str, Any]:
    """They are made one after the other by the house itself; ask for the run to see how far it is."""
    run = packs_request(
        actor=request.actor,
        systems=high_risk(request.actor),
        as_of=body.as_of,
        profile=body.profile,
        title=body.title or "All of high risk",
    )
    return get_run(request, run.pk)


@router.get("/runs/{run_id}", response=PackRunOut, summary="How far a run is")
def get_run(request: ApiRequest, run_id: UUID) -> dict[str, Any]:
    run = run_by_id(request.actor, run_id)
    far = progress(request.actor, run)
    said = {"id": run.pk, "title": run.title, "as_of": run.as_of, "profile": run.profile}
    return said | {"total": far.total, "sealed": far.sealed, "failed": far.failed, "complete": far.complete}


@router.get("/{pack_id}", response=PackOut, summary="One pack")
def get_pack(request: ApiRequest, pack_id: UUID) -> Pack:
    return pack_by_id(request.actor, pack_id)


@router.get("/{pack_id}/file", response={200: None}, summary="The pack's ZIP")
def get_file(request: ApiRequest, pack_id: UUID) -> FileResponse:
    """The fetching is an entry of the ledger. 409 while it is not sealed."""
    pack = pack_by_id(request.actor, pack_id)
    path = pack_fetch(actor=request.actor, pack=pack)
    return FileResponse(path.open("rb"), as_attachment=True, filename=pack.filename, content_type="application/zip")
