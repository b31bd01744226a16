"""Evidence over REST."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from ninja.pagination import paginate

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel import clock
from pilothouse.kernel.evidence.actions import evidence_add, evidence_withdraw
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.evidence.selectors import evidence_by_id, evidence_list, standing
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.api import ApiRequest, Cursor

PREFIX = ""
router = Router(tags=["Evidence"])


class EvidenceOut(Schema):
    id: UUID
    system: int = Field(alias="system.number")
    kind: str
    title: str
    supports: list[str]
    grade: str
    standing: str
    sha256: str
    filename: str
    media_type: str
    size: int
    url: str
    effective_on: date
    expires_on: date | None
    added_at: datetime
    withdrawn_because: str

    @staticmethod
    def resolve_standing(row: Evidence) -> str:
        return standing(row, clock.now().date())


class EvidenceIn(Schema):
    title: str
    url: str = ""
    supports: list[str] = []
    effective_on: date | None = None
    expires_on: date | None = None
    replaces: UUID | None = None


class WithdrawIn(Schema):
    reason: str


@router.get("/evidence", response=list[EvidenceOut])
@paginate(Cursor, order=("id",))
def list_evidence(request: ApiRequest, show: str = "", q: str = "") -> QuerySet[Evidence]:
    """Evidence about systems that you may see; `show` is current, expiring, expired, superseded or withdrawn."""
    request.actor.require("system.view")
    return evidence_list(request.actor, show=show, search=q, today=clock.now().date())


@router.post("/systems/{number}/evidence", response={201: EvidenceOut})
def add_evidence(
    request: ApiRequest, number: int, facts: Form[EvidenceIn], file: File[UploadedFile | None] = None
) -> Any:
    """Add a file (multipart) or a link to a system."""
    system = system_by_number(request.actor, number)
    told = facts.dict()
    replaces = told.pop("replaces")
    return Status(
        201,
        evidence_add(
            actor=request.actor,
            system=system,
            filename=(file.name or "") if file else "",
            data=file.read() if file else None,
            replaces=evidence_by_id(request.actor, replaces) if replaces else None,
            **told,
        ),
    )


@router.get("/evidence/{evidence_id}", response=EvidenceOut)
def get_evidence(request: ApiRequest, evidence_id: UUID) -> Evidence:
    """One piece of evidence."""
    return evidence_by_id(request.actor, evidence_id)


@router.get("/evidence/{evidence_id}/file", response={200: bytes})
def get_evidence_file(request: ApiRequest, evidence_id: UUID) -> HttpResponseBase:
    """The file itself."""
    evidence = evidence_by_id(request.actor, evidence_id)
    if not evidence.file:
        raise NotFound
    return FileResponse(
        evidence.file.open("rb"), as_attachment=True, filename=evidence.filename, content_type=evidence.media_type
    )


@router.post("/evidence/{evidence_id}/withdraw", response=EvidenceOut)
def withdraw_evidence(request: ApiRequest, evidence_id: UUID, body: WithdrawIn) -> Evidence:
    """Say that a piece no longer counts, and why."""
    return evidence_withdraw(
        actor=request.actor, evidence=evidence_by_id(request.actor, evidence_id), reason=body.reason
    )
