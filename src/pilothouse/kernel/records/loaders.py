"""What checks and answers read: sealed documents and entries, each loader in one query, or all of them in two."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

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
    look_again: str = ""

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
        return dict(_of_systems(organisation_id, kind, system_ids))

    return load


@functools.cache
def entries(kind: str) -> Loader:
    """A loader for checks: each system's sealed entries of a register, a tuple in the order of their keys."""

    def load(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
        found: dict[UUID, list[Sealed]] = {}
        for system, sealed in _of_systems(organisation_id, kind, system_ids):
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
    shelf = _shelf.get()
    if shelf is not None and shelf.holds(organisation_id, kind):
        found = shelf.read.get(kind, [])
    else:
        found = _read(Record.objects.filter(organisation_id=organisation_id, kind=kind, system=None)).get(kind, [])
    return tuple(sealed for system, sealed in found if system is None)


def sealed_of_systems(organisation_id: UUID, kind: str) -> list[tuple[UUID, Sealed]]:
    """Every sealed document or entry of `kind` about a system, with the system's id. One query."""
    return _of_systems(organisation_id, kind, None)


Read = dict[str, list[tuple[UUID | None, Sealed]]]
"""Kind → what is sealed of it, each with its system."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What was read together: everything that checks may read about these systems (None: all) and the organisation."""

    organisation_id: UUID
    system_ids: frozenset[UUID] | None
    kinds: frozenset[str]
    read: Read

    def holds(self, organisation_id: UUID, kind: str, system_ids: Sequence[UUID] | None = ()) -> bool:
        """Is all of this on the shelf? Without systems it is asked for the organisation's own."""
        if organisation_id != self.organisation_id or kind not in self.kinds:
            return False
        return self.system_ids is None or (system_ids is not None and self.system_ids.issuperset(system_ids))


_shelf: ContextVar[Shelf | None] = ContextVar("records_shelf", default=None)


@contextmanager
def read_together(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Iterator[None]:
    """Within this block the loaders share two queries, where each would have sent its own: judging one system asks for
    some forty kinds of document."""
    ours = {kind.id for kind in registry.records.values() if kind.judges and not kind.of_system}
    theirs = {kind.id for kind in registry.records.values() if kind.of_system}
    about = Record.objects.filter(organisation_id=organisation_id, kind__in=theirs)
    if system_ids is not None:
        about = about.filter(system_id__in=system_ids)
    # One query each, for neither goes by an index that the other could use.
    read = _read(about) | _read(Record.objects.filter(organisation_id=organisation_id, kind__in=ours))
    asked = None if system_ids is None else frozenset(system_ids)
    token = _shelf.set(Shelf(organisation_id, asked, frozenset(ours | theirs), read))
    try:
        yield
    finally:
        _shelf.reset(token)


def _of_systems(organisation_id: UUID, kind: str, system_ids: Sequence[UUID] | None) -> list[tuple[UUID, Sealed]]:
    shelf = _shelf.get()
    if shelf is not None and shelf.holds(organisation_id, kind, system_ids):
        found = shelf.read.get(kind, [])
        asked = None if system_ids is None else frozenset(system_ids)
        return [(system, one) for system, one in found if system and (asked is None or system in asked)]
    rows = Record.objects.filter(organisation_id=organisation_id, kind=kind, system__isnull=False)
    if system_ids is not None:
        rows = rows.filter(system_id__in=system_ids)
    return [(system, sealed) for system, sealed in _read(rows).get(kind, []) if system]


def _read(rows: QuerySet[Record]) -> Read:
    found: Read = {}
    fields = ("system_id", "pk", "kind", "version", "hash", "sealed_at", "sealed_by_id", "body", "key", "look_again")
    for system, pk, kind, version, digest, at, by, body, key, again in rows.filter(state="sealed").values_list(*fields):
        if at is not None:
            found.setdefault(kind, []).append(
                (system, Sealed(pk, kind, version, digest, at, by, body, key, again or ""))
            )
    # Databases order text each in their own way, and 10 before 2.
    for sealed in found.values():
        sealed.sort(key=lambda one: in_order(one[1].key))
    return found


def in_order(key: str) -> tuple[int, str]:
    """What entries are sorted by: numbers by their size, names by their letters."""
    return (int(key), "") if key.isdecimal() else (0, key)
