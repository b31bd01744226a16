"""The ledger over REST: entries, proofs, checkpoints, verification, lawful erasure."""

# No `from __future__ import annotations` here: ninja's paginate reads the types of the parameters themselves.
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from ninja import Router, Schema
from ninja.pagination import paginate
from pydantic import Field

from pilothouse.kernel.ledger.actions import checkpoint_make, checkpoint_witness, entry_erase
from pilothouse.kernel.ledger.models import Checkpoint, Entry
from pilothouse.kernel.ledger.proof import proof_of
from pilothouse.kernel.ledger.selectors import checkpoints, entries, entry_of
from pilothouse.kernel.ledger.verify import Report, verify
from pilothouse.web.api import ApiRequest, Cursor

router = Router(tags=["ledger"])


class EntryOut(Schema):
    """One entry. `content` is who acted and what changed; null once it is erased."""

    id: UUID
    seq: int
    at: datetime
    action: str
    subject_type: str
    subject_id: UUID
    system_id: UUID | None
    request_id: str
    commitment: str
    leaf_hash: str
    content: dict[str, Any] | None
    erased_at: datetime | None

    @staticmethod
    def resolve_content(entry: Entry) -> Any:
        return json.loads(entry.content.body) if entry.content.body else None

    @staticmethod
    def resolve_erased_at(entry: Entry) -> datetime | None:
        return entry.content.erased_by.at if entry.content.erased_by else None


class CheckpointOut(Schema):
    """A signed checkpoint; `note` is the text to verify."""

    id: UUID
    size: int
    root: str
    at: datetime
    note: str


class Erasure(Schema):
    reason: str = Field(description="Which request or rule asks for it.")


@router.get("/entries", response=list[EntryOut], summary="Entries, newest first")
@paginate(Cursor, order=("-seq",))
def list_entries(
    request: ApiRequest,
    action: str = "",
    person: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Entry]:
    """Only one `action` (such as system.changed), only what one `person` did, `since` a moment and before `until`."""
    return entries(request.actor, action=action, person=person, since=since, until=until)


@router.get("/entries/{entry_id}", response=EntryOut, summary="One entry")
def get_entry(request: ApiRequest, entry_id: UUID) -> Entry:
    return _seen(request, entry_id)


@router.get("/entries/{entry_id}/proof", response=dict[str, Any], summary="The proof of an entry")
def get_proof(request: ApiRequest, entry_id: UUID) -> dict[str, Any]:
    """Complete in itself; verify it with offline_verifier.py. 409 before a checkpoint covers the entry."""
    return proof_of(request.actor, _seen(request, entry_id))


@router.post("/entries/{entry_id}/erase", response=EntryOut, summary="Erase the content of an entry by law")
def erase_entry(request: ApiRequest, entry_id: UUID, body: Erasure) -> Entry:
    """Returns the erasure, which is an entry of its own."""
    erasure = entry_erase(actor=request.actor, entry=entry_of(request.actor, entry_id), reason=body.reason)
    return entry_of(request.actor, erasure.pk)


@router.get("/checkpoints", response=list[CheckpointOut], summary="Checkpoints, newest first")
@paginate(Cursor, order=("-size",))
def list_checkpoints(request: ApiRequest) -> QuerySet[Checkpoint]:
    request.actor.require("ledger.view")
    return checkpoints(request.actor)


@router.post("/checkpoints", response=CheckpointOut, summary="Sign the log now and hand it to the witness")
def sign(request: ApiRequest) -> Checkpoint:
    checkpoint = checkpoint_make(actor=request.actor)
    checkpoint_witness(actor=request.actor, checkpoint=checkpoint)
    return checkpoint


@router.get("/verification", response=dict[str, Any], summary="Verify the whole log")
def verification(request: ApiRequest) -> dict[str, Any]:
    """What is wrong, row by row; `ok` when nothing is. Takes about three seconds for 100,000 entries."""
    request.actor.require("ledger.view")
    return as_json(verify(request.organisation.pk))


def as_json(report: Report) -> dict[str, Any]:
    """A report as JSON shows it."""
    return {
        "ok": report.ok,
        "organisation": report.organisation,
        "size": report.size,
        "root": report.root,
        "checkpoints": report.checkpoints,
        "witnessed": report.witnessed,
        "erased": [
            {"seq": e.seq, "entry": e.entry, "erased_at": e.erased_at, "by_seq": e.by_seq} for e in report.erased
        ],
        "problems": [{"kind": p.kind, "seq": p.seq, "entry": p.entry, "detail": p.detail} for p in report.problems],
    }


def _seen(request: ApiRequest, entry_id: UUID) -> Entry:
    entry = entry_of(request.actor, entry_id)
    request.actor.require("ledger.view", entry)
    return entry
