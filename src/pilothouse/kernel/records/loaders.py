"""What checks and answers read: sealed documents and entries, each loader in one query."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pilothouse.kernel.domain import Facts, Loader, Ref, registry
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import full_fields


@dataclass(frozen=True, slots=True)
class Sealed:
    """The sealed version of a document, as a check reads it."""

    id: UUID
    kind: str
    version: int
    hash: str
    sealed_at: datetime
    sealed_by_id: UUID | None
    body: dict[str, Any]
    key: str = ""

    @property
    def ref(self) -> Ref:
        named = f"“{self.key}”, " if self.key else ""
        return Ref("records.record", str(self.id), f"{named}version {self.version}")

    @property
    def short(self) -> bool:
        """Was it sealed in the short form, with what only the full form asks left open?"""
        kind = registry.records.get(self.kind)
        return kind is not None and any(self.body.get(name) is None for name in full_fields(kind.schema))


@functools.cache
def latest_sealed(kind: str) -> Loader:
    """A loader for checks: the sealed version of `kind` of each system that has one. One query.

    The same kind gives the same loader, so the engine calls it once a run however many checks share it.
    """

    def load(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
        return {system: sealed for system, sealed in _sealed(organisation_id, kind, system_ids) if system}

    return load


@functools.cache
def entries(kind: str) -> Loader:
    """A loader for checks: each system's sealed entries of a register, a tuple in the order of their keys."""

    def load(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
        found: dict[UUID, list[Sealed]] = {}
        for system, sealed in _sealed(organisation_id, kind, system_ids):
            if system:
                found.setdefault(system, []).append(sealed)
        return {system: tuple(rows) for system, rows in found.items()}

    return load


@functools.cache
def organisation_entries(kind: str) -> Loader:
    """A loader for checks: the organisation's own sealed entries of `kind`, one tuple for every system. One query."""

    def load(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
        return Everywhere(sealed_of_organisation(organisation_id, kind))

    return load


@functools.cache
def organisation_register(kind: str) -> Loader:
    """A loader for checks that look entries up: the organisation's own, by their keys, for every system. One query."""

    def load(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
        return Everywhere({sealed.key: sealed for sealed in sealed_of_organisation(organisation_id, kind)})

    return load


class Everywhere(dict[UUID, Any]):
    """What a loader found about the organisation, and so about every system of it."""

    def __init__(self, found: Any) -> None:
        super().__init__()
        self._found = found

    def get(self, key: UUID, default: Any = None) -> Any:
        return self._found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Everywhere) and self._found == other._found

    __hash__ = None


def sealed_of_organisation(organisation_id: UUID, kind: str) -> tuple[Sealed, ...]:
    """The organisation's own sealed entries of a register (or its one document), in the order of their keys."""
    return tuple(sealed for system, sealed in _sealed(organisation_id, kind, None) if system is None)


def sealed_of_systems(organisation_id: UUID, kind: str) -> list[tuple[UUID, Sealed]]:
    """Every sealed document or entry of `kind` about a system, with the system's id. One query."""
    return [(system, sealed) for system, sealed in _sealed(organisation_id, kind, None) if system is not None]


def _sealed(organisation_id: UUID, kind: str, system_ids: Sequence[UUID] | None) -> list[tuple[UUID | None, Sealed]]:
    rows = Record.objects.filter(organisation_id=organisation_id, kind=kind, state="sealed")
    if system_ids is not None:
        rows = rows.filter(system_id__in=system_ids)
    fields = ("system_id", "pk", "version", "hash", "sealed_at", "sealed_by_id", "body", "key")
    found = [
        (system, Sealed(pk, kind, version, digest, at, by, body, key))
        for system, pk, version, digest, at, by, body, key in rows.values_list(*fields)
        if at is not None
    ]
    # Databases order text each in their own way, and 10 before 2.
    return sorted(found, key=lambda one: in_order(one[1].key))


def in_order(key: str) -> tuple[int, str]:
    """What entries are sorted by: numbers by their size, names by their letters."""
    return (int(key), "") if key.isdecimal() else (0, key)
