"""Imports over REST: send a file and see what it would do, then apply it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from ninja import Field, File, Form, Router, Schema, Status, UploadedFile

from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.kernel.imports.actions import import_apply, import_discard, import_preview, import_refresh
from pilothouse.kernel.imports.adapters.registry import ADAPTERS
from pilothouse.kernel.imports.models import ImportBatch, ImportRow, Mapping
from pilothouse.kernel.imports.reading import MAX_BYTES
from pilothouse.kernel.imports.selectors import import_by_id, imports, rows_of
from pilothouse.web.api import ApiRequest, paged

router = Router(tags=["imports"])


class AdapterOut(Schema):
    key: str
    title: str
    note: str


class ImportOut(Schema):
    """An import: what stands in the file, and what it does or did."""

    id: UUID
    status: str = Field(description="uploaded, previewed, applied or discarded")
    adapter: str
    source: str
    filename: str
    sha256: str
    rows: int
    created: int
    changed: int
    unchanged: int
    refused: int
    stages: dict[str, int]
    impact: dict[str, int]
    units: dict[str, int]
    not_in_file: int = Field(description="Systems of this source that the file does not name; they stay.")
    plan_hash: str = Field(description="Of what the preview says; send it with apply.")
    remarks: list[str]
    created_at: datetime
    applied_at: datetime | None

    @staticmethod
    def resolve_rows(batch: ImportBatch) -> int:
        return sum(batch.counts.values())

    @staticmethod
    def resolve_created(batch: ImportBatch) -> int:
        return int(batch.counts.get("create", 0))

    @staticmethod
    def resolve_changed(batch: ImportBatch) -> int:
        return int(batch.counts.get("change", 0))

    @staticmethod
    def resolve_unchanged(batch: ImportBatch) -> int:
        return int(batch.counts.get("leave", 0))

    @staticmethod
    def resolve_refused(batch: ImportBatch) -> int:
        return int(batch.counts.get("refuse", 0))

    @staticmethod
    def resolve_stages(batch: ImportBatch) -> dict[str, int]:
        return dict(batch.facts.get("stages", {}))

    @staticmethod
    def resolve_impact(batch: ImportBatch) -> dict[str, int]:
        return dict(batch.facts.get("impact", {}))

    @staticmethod
    def resolve_units(batch: ImportBatch) -> dict[str, int]:
        return dict(batch.facts.get("units", {}))

    @staticmethod
    def resolve_not_in_file(batch: ImportBatch) -> int:
        return len(batch.gone)


class RowOut(Schema):
    """One row: every cell as it stood, and what becomes of it."""

    line: int
    outcome: str = Field(description="create, change, leave or refuse")
    name: str
    column: str = Field(description="The column to mend, when refused.")
    reason: str
    flags: list[str]
    differences: list[dict[str, Any]]
    raw: dict[str, str]
    system_id: UUID | None


class ApplyIn(Schema):
    plan_hash: str | None = Field(None, description="Refuse (409) unless the preview still says this.")


@router.get("/adapters", response=list[AdapterOut], summary="The kinds of file that can be read")
def adapters(request: ApiRequest) -> list[Any]:
    request.actor.require("system.import")
    return list(ADAPTERS.values())


@router.get("", response=list[ImportOut], summary="Imports, newest first")
@paged("-created_at", "-id")
def imports_list(request: ApiRequest) -> QuerySet[ImportBatch]:
    return imports(request.actor)


@router.post("", response={201: ImportOut}, summary="Send a file and see what it would do")
def imports_create(
    request: ApiRequest,
    file: File[UploadedFile],
    adapter: Form[str],
    mapping: Form[str] = "",
    apply: Form[bool] = False,
) -> Status[ImportBatch]:
    """`mapping` is the source name of a kept mapping, for the adapter `table`. With `apply` it is imported at once."""
    if file.size is not None and file.size > MAX_BYTES:
        raise Invalid(f"At most {MAX_BYTES // 1_000_000} MB can be imported at once.", fields={"file": "Too large."})
    kept = _mapping(request, mapping) if mapping else None
    batch = import_preview(
        actor=request.actor, adapter=adapter, filename=file.name or "file", data=file.read(), mapping=kept
    )
    if apply:
        batch = import_apply(actor=request.actor, batch=batch)
    return Status(201, batch)


def _mapping(request: ApiRequest, source: str) -> Mapping:
    request.actor.require("system.import")
    found: Mapping | None = Mapping.objects.of(request.actor).filter(source=source).order_by("-version").first()
    if found is None:
        raise NotFound(f"There is no mapping “{source}”.")
    return found


@router.get("/{import_id}", response=ImportOut, summary="One import")
def imports_get(request: ApiRequest, import_id: UUID) -> ImportBatch:
    return import_by_id(request.actor, import_id)


@router.get("/{import_id}/rows", response=list[RowOut], summary="Its rows with their outcomes")
@paged("line", "id")
def imports_rows(request: ApiRequest, import_id: UUID, show: str = "") -> QuerySet[ImportRow]:
    """`show`: create, change, leave, refuse, kept (corrections by hand) or flagged; all rows when it is empty."""
    return rows_of(import_by_id(request.actor, import_id), show=show)


@router.post("/{import_id}/apply", response=ImportOut, summary="Do all that the preview says, or nothing")
def imports_apply(request: ApiRequest, import_id: UUID, body: ApplyIn) -> ImportBatch:
    return import_apply(actor=request.actor, batch=import_by_id(request.actor, import_id), expect=body.plan_hash)


@router.post("/{import_id}/refresh", response=ImportOut, summary="Make the preview anew")
def imports_refresh(request: ApiRequest, import_id: UUID) -> ImportBatch:
    return import_refresh(actor=request.actor, batch=import_by_id(request.actor, import_id))


@router.post("/{import_id}/discard", response=ImportOut, summary="Put the preview aside")
def imports_discard(request: ApiRequest, import_id: UUID) -> ImportBatch:
    return import_discard(actor=request.actor, batch=import_by_id(request.actor, import_id))
