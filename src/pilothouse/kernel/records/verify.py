"""Is every sealed document still what was sealed? Its text against its hash, and its hash against the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.records.actions import hash_of
from pilothouse.kernel.records.models import Record


@dataclass(frozen=True, slots=True)
class Tampered:
    """A document that is not what was sealed, and how one sees it."""

    record: UUID
    name: str
    detail: str


def intact(record: Record) -> bool:
    """Does the text of a sealed version still have its hash? A draft has none yet."""
    return not record.hash or record.hash == hash_of(record)


def verify_records(organisation_id: UUID) -> Iterator[Tampered]:
    """Every sealed version that was changed since. Two queries; use it with the ledger's own verification.

    An entry whose content was lawfully erased no longer tells the hash; then the text is held against its own alone.
    """
    told: dict[UUID, str] = {}
    entries = Entry.objects.filter(organisation=organisation_id, action="record.sealed")
    for subject, body in entries.values_list("subject_id", "content__body").iterator(chunk_size=2000):
        told[subject] = json.loads(body)["after"]["hash"] if body else ""
    for record in Record.objects.filter(organisation=organisation_id).exclude(hash="").iterator(chunk_size=2000):
        name = f"{record.kind}, version {record.version}"
        if not intact(record):
            yield Tampered(record.pk, name, "Its text was changed after it was sealed.")
        elif record.pk not in told:
            yield Tampered(record.pk, name, "The ledger does not know that it was sealed.")
        elif told[record.pk] and told[record.pk] != record.hash:
            yield Tampered(record.pk, name, "The ledger holds another hash: text and hash were replaced.")
