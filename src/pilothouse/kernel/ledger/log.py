"""Appending to an organisation's log, inside the caller's transaction.

A leaf is the hash of an envelope that says when, what and to which thing, with a salted commitment to the content. Who
acted and what changed is the content: it lies beside the entry and can be erased by law without breaking the proof.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import connection, models, transaction

from pilothouse.contracts import merkle
from pilothouse.contracts.canonical import canonical
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.base import new_id
from pilothouse.kernel.ledger.models import Content, Entry, Log


@dataclass(frozen=True, slots=True)
class Event:
    """What one entry says. `before` and `after` hold only the fields that differ."""

    action: str
    subject: models.Model
    system_id: UUID | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    note: str = ""


def record(
    actor: Actor,
    action: str,
    subject: models.Model,
    *,
    system_id: UUID | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
) -> Entry:
    """Append one entry. Must run inside the transaction of the write that it describes."""
    return record_many(actor, [Event(action, subject, system_id, before, after, note)])[0]


def record_many(actor: Actor, events: Iterable[Event]) -> list[Entry]:
    """Append entries in order, in a constant number of queries."""
    if not connection.in_atomic_block:
        raise RuntimeError("the ledger is written in the same transaction as the change")
    events = list(events)
    if not events:
        return []
    log = lock_log(actor.organisation_id)
    frontier = [bytes.fromhex(h) for h in log.frontier]
    now = clock.now()
    who = content_actor(actor)
    entries, contents = [], []
    for event in events:
        salt = secrets.token_bytes(32)
        body = canonical({"actor": who, "before": event.before, "after": event.after, "note": event.note})
        entry = Entry(
            id=new_id(),
            organisation_id=actor.organisation_id,
            seq=log.size,
            at=now,
            action=event.action,
            subject_type=event.subject._meta.label_lower,
            subject_id=event.subject.pk,
            system_id=event.system_id,
            request_id=actor.request_id[:64],
            commitment=hashlib.sha256(salt + body).hexdigest(),
        )
        leaf = merkle.leaf_hash(envelope(entry))
        entry.leaf_hash = leaf.hex()
        frontier = merkle.extend(frontier, log.size, leaf)
        log.size += 1
        entries.append(entry)
        contents.append(Content(entry=entry, salt=salt.hex(), body=body.decode(), person_id=actor.person_id))
    Entry.objects.bulk_create(entries, batch_size=500)
    Content.objects.bulk_create(contents, batch_size=500)
    log.frontier = [h.hex() for h in frontier]
    log.save(update_fields=("size", "frontier"))
    return entries


class Envelope(Protocol):
    """What a leaf is made of: an Entry, or a row read with the same names."""

    @property
    def organisation_id(self) -> UUID: ...
    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def action(self) -> str: ...
    @property
    def subject_type(self) -> str: ...
    @property
    def subject_id(self) -> UUID: ...
    @property
    def system_id(self) -> UUID | None: ...
    @property
    def request_id(self) -> str: ...
    @property
    def commitment(self) -> str: ...


def envelope(entry: Envelope) -> bytes:
    """The bytes a leaf is the hash of. Everything here is permanent, so it names no person."""
    return canonical(
        {
            "v": 1,
            "organisation": entry.organisation_id,
            "seq": entry.seq,
            "at": entry.at,
            "action": entry.action,
            "subject": [entry.subject_type, entry.subject_id],
            "system": entry.system_id,
            "request": entry.request_id,
            "commitment": entry.commitment,
        }
    )


def content_actor(actor: Actor) -> dict[str, Any]:
    """Who acted, for whom and through which face, as the content keeps it."""
    others = sorted(str(i) for i in actor.stands_for if i != actor.person_id)
    return {
        "person": actor.person_id,
        "name": actor.name,
        "acting_for": others,
        "roles": sorted(actor.roles),
        "via": actor.via,
        "token": actor.token_id,
    }


def lock_log(organisation_id: UUID) -> Log:
    """Make the organisation's writers queue until this transaction ends, and read the log's head.

    Whoever allocates a number (S-42) takes this first, so two writers never choose the same.
    """
    # PostgreSQL locks the row until the commit; SQLite's IMMEDIATE transaction already holds the only write lock.
    logs = Log.objects.select_for_update()
    try:
        return logs.get(organisation_id=organisation_id)
    except Log.DoesNotExist:
        with transaction.atomic():
            Log.objects.bulk_create([Log(organisation_id=organisation_id)], ignore_conflicts=True)
        return logs.get(organisation_id=organisation_id)
