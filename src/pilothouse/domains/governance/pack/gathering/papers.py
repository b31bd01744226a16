"""Documents and evidence as they held at the moment."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Q
from pydantic import BaseModel

from pilothouse.domains.governance.pack.gathering.pertinent import pertinent
from pilothouse.domains.governance.pack.material import Document, Piece
from pilothouse.kernel.domain import RecordKind, registry
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.evidence.rules import standing_of
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.verify import intact


def documents(system: System, as_of: datetime) -> tuple[Document, ...]:
    """Every version sealed until the moment: of the system, and of the organisation's own what it rests on.

    Of a kind that asks for more than seeing the system, the hash alone.
    """
    common = [kind.id for kind in registry.records.values() if not kind.of_system and kind.judges]
    rows = list(
        Record.objects.filter(organisation=system.organisation_id, sealed_at__lte=as_of)
        .filter(Q(system=system) | Q(system=None, kind__in=common))
        .select_related("sealed_by")
        .order_by("kind", "key", "-version")
    )
    withdrawn = _withdrawn(system.organisation_id, [row.pk for row in rows if row.state == "withdrawn"])
    held: set[tuple[str, str]] = set()
    found = []
    for row in rows:
        kind = registry.records.get(row.kind)
        if kind is None:
            continue
        left = withdrawn.get(row.pk)
        if left is not None and left <= as_of:
            state = "withdrawn"
        elif (row.kind, row.key) in held:
            state = "superseded"
        else:
            state = "sealed"
            held.add((row.kind, row.key))
        found.append(_document(row, kind, state))
    return pertinent(found, system.number)


def evidence(system: System, as_of: datetime) -> tuple[Piece, ...]:
    """Every piece added until the moment, with its standing then."""
    rows = Evidence.objects.filter(system=system, added_at__lte=as_of).select_related("superseded_by")
    return tuple(_piece(row, as_of) for row in rows.order_by("added_at", "pk"))


def _withdrawn(organisation_id: UUID, ids: list[Any]) -> dict[Any, datetime]:
    """When each of these versions was withdrawn, as the ledger tells."""
    rows = Entry.objects.filter(
        organisation=organisation_id, subject_type="records.record", subject_id__in=ids, action="record.withdrawn"
    )
    return dict(rows.values_list("subject_id", "at")) if ids else {}


def _document(row: Record, kind: RecordKind, state: str) -> Document:
    return Document(
        id=str(row.pk),
        kind=row.kind,
        title=kind.title,
        domain=row.kind.partition(".")[0],
        key=row.key,
        version=row.version,
        state=state,
        hash=row.hash,
        body=row.body if kind.view == "system.view" else None,
        sealed_at=row.sealed_at or row.written_at,
        sealed_by=row.sealed_by.name if row.sealed_by else "",
        of_system=row.system_id is not None,
        intact=intact(row),
        choices=_choices(kind.schema),
    )


@cache
def _choices(schema: type[BaseModel]) -> frozenset[str]:
    """Every word that a schema offers in a list."""
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            found.update(one for one in (*value.get("enum", ()), value.get("const")) if isinstance(one, str))
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(schema.model_json_schema())
    return frozenset(found)


def _piece(row: Evidence, as_of: datetime) -> Piece:
    newer = row.superseded_by
    return Piece(
        id=str(row.pk),
        kind=row.kind,
        title=row.title,
        supports=tuple(sorted(row.supports)),
        sha256=row.sha256,
        filename=row.filename,
        media_type=row.media_type,
        size=row.size,
        url=row.url,
        figure=row.figure,
        effective_on=row.effective_on,
        expires_on=row.expires_on,
        added_at=row.added_at,
        added_by=row.added_by_name,
        standing=standing_of(
            effective_on=row.effective_on,
            expires_on=row.expires_on,
            superseded=newer is not None and newer.added_at <= as_of,
            withdrawn=row.withdrawn_at is not None and row.withdrawn_at <= as_of,
            today=as_of.date(),
        ),
        path=row.file.path if row.file else "",
    )
