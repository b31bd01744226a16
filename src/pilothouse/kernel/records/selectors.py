"""Reading documents, always narrowed to the systems that the actor may see."""

from __future__ import annotations

import functools
from collections.abc import Sequence
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
from pilothouse.kernel.records.actions import kind_of
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import Difference, difference, problems


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

    @property
    def ref(self) -> Ref:
        return Ref("records.record", str(self.id), f"version {self.version}")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one kind of document stands for one system."""

    kind: RecordKind
    sealed: Record | None
    draft: Record | None
    versions: int

    @property
    def missing(self) -> int:
        """How many answers keep the draft from being sealed."""
        return len(problems(self.kind.schema, self.draft.body)) if self.draft else 0


def records(
    actor: Actor, *, kind: str = "", system: System | None = None, state: str = "", permission: str = "system.view"
) -> QuerySet[Record]:
    """Versions of documents that the actor may see, newest version first."""
    rows = Record.objects.of(actor).select_related("system__unit", "written_by", "sealed_by")
    if not actor.scope(permission).everywhere:
        rows = rows.filter(Q(system__in=systems(actor, permission)) | Q(system=None))
    if kind:
        rows = rows.filter(kind=kind)
    if system is not None:
        rows = rows.filter(system=system)
    if state:
        rows = rows.filter(state=state)
    return rows.order_by("system__number", "kind", "-version")


def record_by_id(actor: Actor, record_id: UUID | str) -> Record:
    """One version, or NotFound."""
    found: Record = Record.objects.select_related("system__unit", "written_by", "sealed_by").get_of(actor, pk=record_id)
    if found.system is not None and not actor.may("system.view", found.system):
        raise NotFound
    return found


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
        )
        for kind in registry.records.values()
        if kind.of_system == (system is not None)
    ]


def problems_of(document: Record) -> dict[str, str]:
    """What keeps a draft from being sealed: dotted path → plain words."""
    return problems(kind_of(document.kind).schema, document.body)


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
        rows = Record.objects.filter(organisation_id=organisation_id, kind=kind, state="sealed").exclude(system=None)
        if system_ids is not None:
            rows = rows.filter(system_id__in=system_ids)
        return {
            system: Sealed(pk, kind, version, digest, at, by, body)
            for system, pk, version, digest, at, by, body in rows.values_list(
                "system_id", "pk", "version", "hash", "sealed_at", "sealed_by_id", "body"
            )
            if system is not None and at is not None
        }

    return load
