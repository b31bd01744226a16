"""Reading documents, always narrowed to the systems that the actor may see."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.domain import Facts, Loader, RecordKind, Ref, registry
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.actions import kind_of, schema_for
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import Difference, difference, full_fields, problems


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


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one kind of document stands for one system. Of a register, `sealed` and `draft` are its newest entries, and
    `entries` counts those that hold."""

    kind: RecordKind
    sealed: Record | None
    draft: Record | None
    versions: int
    entries: int = 0

    @property
    def missing(self) -> int:
        """How many answers keep the draft from being sealed."""
        return len(problems_of(self.draft)) if self.draft else 0


def records(
    actor: Actor, *, kind: str = "", system: System | None = None, state: str = "", permission: str = "system.view"
) -> QuerySet[Record]:
    """Versions of documents that the actor may see, newest version first."""
    rows = Record.objects.of(actor).select_related("system__unit", "written_by", "sealed_by")
    if not actor.scope(permission).everywhere:
        rows = rows.filter(Q(system__in=systems(actor, permission)) | Q(system=None))
    rows = rows.exclude(kind__in=unseen(actor))
    if kind:
        rows = rows.filter(kind=kind)
    if system is not None:
        rows = rows.filter(system=system)
    if state:
        rows = rows.filter(state=state)
    return rows.order_by("system__number", "kind", "key", "-version")


def record_by_id(actor: Actor, record_id: UUID | str) -> Record:
    """One version, or NotFound."""
    found: Record = Record.objects.select_related("system__unit", "written_by", "sealed_by").get_of(actor, pk=record_id)
    if found.kind in unseen(actor) or (found.system is not None and not actor.may("system.view", found.system)):
        raise NotFound
    return found


def unseen(actor: Actor) -> list[str]:
    """The kinds that the actor may not read at all, such as what is kept about people's skills."""
    return [kind.id for kind in registry.records.values() if not actor.may(kind.view)]


def standings(actor: Actor, system: System | None) -> list[Standing]:
    """Every registered kind with where it stands: of a system, or (None) of the organisation. One query."""
    if system is not None:
        actor.require("system.view", system)
    held: dict[str, list[Record]] = {}
    for row in Record.objects.of(actor).filter(system=system).select_related("written_by", "sealed_by"):
        held.setdefault(row.kind, []).append(row)
    return [
        Standing(
            kind,
            next((r for r in held.get(kind.id, ()) if r.state == "sealed"), None),
            next((r for r in held.get(kind.id, ()) if r.state == "draft"), None),
            len(held.get(kind.id, ())),
            sum(r.state == "sealed" for r in held.get(kind.id, ())),
        )
        for kind in registry.records.values()
        if kind.of_system == (system is not None) and actor.may(kind.view)
    ]


def problems_of(document: Record) -> dict[str, str]:
    """What keeps a draft from being sealed: dotted path → plain words."""
    return problems(schema_for(kind_of(document.kind), document.system), document.body)


def compare(before: Record, after: Record) -> list[Difference]:
    """What changed from one version to another of the same kind."""
    if before.kind != after.kind:
        raise NotFound("These are two different kinds of document.")
    return difference(kind_of(after.kind).schema, before.body, after.body)


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
    """A loader for checks: each system's sealed entries of a register, as a tuple in the order of their keys. One query."""

    def load(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
        found: dict[UUID, tuple[Sealed, ...]] = {}
        for system, sealed in _sealed(organisation_id, kind, system_ids):
            if system:
                found[system] = (*found.get(system, ()), sealed)
        return found

    return load


@functools.cache
def organisation_entries(kind: str) -> Loader:
    """A loader for checks: the organisation's own sealed entries of `kind`, the same tuple for every system. One query."""

    def load(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
        return Everywhere(sealed_of_organisation(organisation_id, kind))

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

    __hash__ = None  # type: ignore[assignment]


def sealed_of_organisation(organisation_id: UUID, kind: str) -> tuple[Sealed, ...]:
    """The organisation's own sealed entries of a register (or its one document), in the order of their keys."""
    return tuple(sealed for system, sealed in _sealed(organisation_id, kind, None) if system is None)


def sealed_of_systems(organisation_id: UUID, kind: str) -> list[tuple[UUID, Sealed]]:
    """Every sealed document or entry of `kind` about a system, with the system's id. One query."""
    return [(system, sealed) for system, sealed in _sealed(organisation_id, kind, None) if system is not None]


def _sealed(
    organisation_id: UUID, kind: str, system_ids: Sequence[UUID] | None
) -> Iterator[tuple[UUID | None, Sealed]]:
    rows = Record.objects.filter(organisation_id=organisation_id, kind=kind, state="sealed").order_by("key")
    if system_ids is not None:
        rows = rows.filter(system_id__in=system_ids)
    for system, pk, version, digest, at, by, body, key in rows.values_list(
        "system_id", "pk", "version", "hash", "sealed_at", "sealed_by_id", "body", "key"
    ):
        if at is not None:
            yield system, Sealed(pk, kind, version, digest, at, by, body, key)
