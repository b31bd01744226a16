"""What writing one document and writing many have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.domain import RecordKind
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import Event
from pilothouse.kernel.records.bodies import changed, kept
from pilothouse.kernel.records.kinds import confidential, title_of
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import unknown_fields


def hash_of(document: Record) -> str:
    """The content hash of a version: over its kind, system, key, version and body."""
    return content_hash(
        {
            "kind": document.kind,
            "system": document.system_id,
            "key": document.key,
            "version": document.version,
            "body": document.body,
        }
    )


def said_of(kind: RecordKind, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as it is kept. Raises Invalid for what cannot be, and for fields that the kind does not have."""
    said = kept(body)
    if extra := unknown_fields(kind.schema, said):
        raise Invalid(f"“{kind.title}” has no field “{extra[0]}”.", fields=dict.fromkeys(extra, "No such field."))
    return said


def write(actor: Actor, draft: Record, said: dict[str, Any]) -> dict[str, Any]:
    """Put what was said into a draft; returns what it said before. The caller saves it."""
    before: dict[str, Any] = draft.body
    draft.body = said
    draft.revision += 1
    draft.written_by_id = actor.person_id
    draft.written_at = clock.now()
    return before


def seal(actor: Actor, row: Record) -> None:
    """Make a row a sealed version, with its hash. The caller saves it."""
    row.hash = hash_of(row)
    row.state = "sealed"
    row.sealed_by_id = actor.person_id
    row.sealed_at = clock.now()


def drafting(kind: RecordKind, row: Record, before: Mapping[str, Any]) -> Event:
    """What the ledger keeps of a draft: the answers that changed; of what is confidential only which they are."""
    old, new = changed(before, row.body)
    if confidential(kind):
        old, new = {}, {"answers": sorted(new)}
    return Event("record.drafted", row, system_id=row.system_id, before=old, after=new, note=title_of(kind, row))


def sealing(kind: RecordKind, row: Record, before: Record | None) -> Event:
    """What the ledger keeps of a seal: which version took the place of which, by hash."""
    return Event(
        "record.sealed",
        row,
        system_id=row.system_id,
        before={"version": before.version, "hash": before.hash} if before else None,
        after={"version": row.version, "hash": row.hash},
        note=title_of(kind, row),
    )


def tell(actor: Actor, kind: RecordKind, system_ids: Iterable[UUID | None]) -> None:
    """Have the systems judged anew that a change concerns. What is kept about the organisation may be read by a check
    of any of them, so then it is all; checks read what is sealed, so a draft of it concerns none."""
    if kind.of_system:
        tell_changed(actor, list(dict.fromkeys(pk for pk in system_ids if pk is not None)))
    elif kind.judges:
        tell_changed(actor, list(System.objects.of(actor).values_list("pk", flat=True)))
