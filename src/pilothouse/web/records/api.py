"""Documents of every kind over REST, by one mechanism."""

# No `from __future__ import annotations` here: ninja's paginate reads the types of the parameters themselves.
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Router, Schema
from ninja.pagination import paginate
from pydantic import Field

from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.kernel.domain import RecordKind, registry
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import system_by_number, systems
from pilothouse.kernel.records.actions import (
    kind_of,
    record_confirm,
    record_draft,
    record_seal,
    record_withdraw,
    records_draft,
    records_seal,
)
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import compare, problems_of, record_by_id, records
from pilothouse.web.api import ApiRequest, Cursor, etag, if_match

MOST = 1000  # rows of a request

router = Router(tags=["records"])


class KindOut(Schema):
    """A kind of document; `body_schema` is the JSON Schema of a body."""

    id: str
    title: str
    why: str
    of_system: bool
    many: bool = Field(description="A register of many entries, each with versions of its own.")
    key: str = Field(description="The field that tells entries apart; empty where they are numbered.")
    body_schema: dict[str, Any]


class RecordOut(Schema):
    """One version of a document. `missing` says what keeps a draft from being sealed, by field."""

    id: UUID
    kind: str
    system: int | None = Field(description="The system's number; null when it is about the organisation.")
    key: str = Field(description="Which entry of a register: its name or number; empty of a document.")
    version: int
    state: str
    revision: int
    body: dict[str, Any]
    hash: str
    written_at: datetime
    sealed_at: datetime | None
    missing: dict[str, str]

    @staticmethod
    def resolve_system(record: Record) -> int | None:
        return record.system.number if record.system else None

    @staticmethod
    def resolve_missing(record: Record) -> dict[str, str]:
        return problems_of(record) if record.state == "draft" and record.kind in registry.records else {}


class DraftIn(Schema):
    kind: str
    system: int | None = Field(None, description="The system's number.")
    key: str | None = Field(
        None, description="The entry to write; left out: the one that the body names, or a new one."
    )
    body: dict[str, Any]
    revision: int | None = Field(None, description="The revision you read (0: none), against lost updates.")


class RecordsRow(Schema):
    system: int | None = Field(None, description="The system's number.")
    key: str | None = Field(None, description="The entry of a numbered register; left out: a new one.")
    body: dict[str, Any]


class RecordsIn(Schema):
    """Many documents or entries of one kind."""

    kind: str
    seal: bool = Field(False, description="Seal them; else drafts are saved.")
    records: list[RecordsRow] = Field(min_length=1, max_length=MOST)


class RecordsOut(Schema):
    """What was written, in the order of the request."""

    records: list[RecordOut]


class RecordReason(Schema):
    reason: str


class ChangeOut(Schema):
    """One answer that differs."""

    group: str
    title: str
    before: str
    after: str


@router.get("/kinds", response=list[KindOut], summary="Kinds of documents and their schemas")
def list_kinds(request: ApiRequest) -> list[dict[str, Any]]:
    request.actor.require("organisation.view")
    return [_kind(kind) for kind in registry.records.values() if request.actor.may(kind.view)]


@router.get("", response=list[RecordOut], summary="Documents and entries, by kind, system, key and state")
@paginate(Cursor)
def list_records(
    request: ApiRequest, kind: str = "", system: int | None = None, key: str = "", state: str = ""
) -> QuerySet[Record]:
    request.actor.require(kind_of(kind).view if kind else "system.view")
    if state and state not in dict(Record.STATES):
        raise Invalid(f"“{state}” is no state.", fields={"state": "Choose draft, sealed, superseded or withdrawn."})
    if "\x00" in key:
        raise NotFound("No entry is called that.")
    found = records(request.actor, kind=kind, system=_system(request, system), state=state)
    return found.filter(key=key) if key else found


@router.post("", response=RecordOut, summary="Create or replace the draft of a document or an entry")
def draft(request: ApiRequest, body: DraftIn) -> Record:
    """It may be incomplete; `missing` says what is to be filled in before it can be sealed."""
    return record_draft(
        actor=request.actor,
        system=_system(request, body.system),
        kind=body.kind,
        body=body.body,
        revision=body.revision,
        key=body.key,
    )


@router.post("/bulk", response=RecordsOut, summary="Write many documents or entries of one kind, all or none")
def bulk(request: ApiRequest, body: RecordsIn) -> dict[str, Any]:
    """Drafts, or with `seal` sealed versions. 422 names the first that is not whole: its place, then the field."""
    numbers = {row.system for row in body.records if row.system is not None}
    found = {one.number: one for one in systems(request.actor).filter(number__in=numbers).select_related("unit")}
    if missing := sorted(numbers - set(found)):
        raise NotFound(f"There is no system S-{missing[0]} that you may see.")
    bodies = [(found[row.system] if row.system is not None else None, row.body) for row in body.records]
    write = records_seal if body.seal else records_draft
    return {
        "records": write(actor=request.actor, kind=body.kind, bodies=bodies, keys=[row.key for row in body.records])
    }


@router.get("/{record_id}", response=RecordOut, summary="One version of a document")
def get_record(request: ApiRequest, response: HttpResponse, record_id: UUID) -> Record:
    request.actor.require("organisation.view")
    found = record_by_id(request.actor, record_id)
    etag(response, found.revision)
    return found


@router.post("/{record_id}/seal", response=RecordOut, summary="Seal a draft")
def seal(request: ApiRequest, record_id: UUID) -> Record:
    """From then on it never changes. 422 with every field that is missing or wrong."""
    found = record_by_id(request.actor, record_id)
    return record_seal(actor=request.actor, record=found, revision=if_match(request, found.revision))


@router.post("/{record_id}/withdraw", response=RecordOut, summary="Withdraw a sealed version or drop a draft")
def withdraw(request: ApiRequest, record_id: UUID, body: RecordReason) -> Record:
    return record_withdraw(actor=request.actor, record=record_by_id(request.actor, record_id), reason=body.reason)


@router.post("/{record_id}/confirm", response=RecordOut, summary="Say that a sealed version still holds")
def confirm(request: ApiRequest, record_id: UUID, body: RecordReason) -> Record:
    """For one that is to be looked at again after a material change. 409 where nothing asks for it."""
    return record_confirm(actor=request.actor, record=record_by_id(request.actor, record_id), reason=body.reason)


@router.get("/{record_id}/changes", response=list[ChangeOut], summary="What changed since another version")
def changes(request: ApiRequest, record_id: UUID, since: UUID) -> list[Any]:
    request.actor.require("organisation.view")
    return list(compare(record_by_id(request.actor, since), record_by_id(request.actor, record_id)))


def _system(request: ApiRequest, number: int | None) -> System | None:
    return system_by_number(request.actor, number) if number is not None else None


def _kind(kind: RecordKind) -> dict[str, Any]:
    spec = kind_of(kind.id)
    return {
        "id": spec.id,
        "title": spec.title,
        "why": spec.why,
        "of_system": spec.of_system,
        "many": spec.many,
        "key": spec.key,
        "body_schema": spec.schema.model_json_schema(),
    }
