"""Where a document stands, and the addresses of its pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.domain import RecordKind
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.records.kinds import check_place, kind_of, may_read, may_write
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import records
from pilothouse.web.page import Request


@dataclass(frozen=True, slots=True)
class Place:
    """One document, one entry of a register (by its key), or one that is not there yet (`key` is None)."""

    slug: str
    actor: Actor
    kind: RecordKind
    system: System | None
    key: str | None = ""

    @property
    def fresh(self) -> bool:
        return self.key is None

    @property
    def title(self) -> str:
        return f"{self.kind.title} {self.key}" if self.key else self.kind.title

    @property
    def may_write(self) -> bool:
        return may_write(self.actor, self.kind, self.system)

    @property
    def home(self) -> str:
        """The page of the document, or of the register that holds it."""
        return self._to("document", "kind")

    @property
    def edit(self) -> str:
        """Where it is written; of an entry see `edit_of`."""
        return self._to("edit", "edit_organisation")

    @property
    def new(self) -> str:
        """Where a new entry is written."""
        return self._to("new", "new_organisation")

    def edit_of(self, record: Record) -> str:
        """Where the next version of `record` is written."""
        if self.kind.many:
            return reverse("records:edit_entry", kwargs={"slug": self.slug, "record_id": record.pk})
        return self.edit

    def standing(self, state: str) -> Record | None:
        """Its sealed version, or its draft."""
        if self.key is None:
            return None
        found = records(self.actor, kind=self.kind.id, state=state).filter(system=self.system, key=self.key)
        return found.first()

    def _to(self, of_system: str, of_organisation: str) -> str:
        given: dict[str, Any] = {"slug": self.slug, "kind": self.kind.id}
        if self.system is not None:
            return reverse(f"records:{of_system}", kwargs=given | {"number": self.system.number})
        return reverse(f"records:{of_organisation}", kwargs=given)


def place_of(request: Request, kind: str, number: int | None = None, key: str | None = "") -> Place:
    """The place that an address names. Raises NotFound for a kind or a system that the reader may not see."""
    spec = kind_of(kind)
    if number is not None:
        request.actor.require("system.view")
    system = system_by_number(request.actor, number) if number is not None else None
    if not spec.of_system and system is not None:
        raise NotFound
    if system is not None or not spec.of_system:
        _readable(request, spec, system)
    else:
        request.actor.require(spec.view)
    return Place(request.organisation.slug, request.actor, spec, system, key)


def place_of_record(request: Request, record: Record) -> Place:
    """The place of a version that was found already."""
    return Place(request.organisation.slug, request.actor, kind_of(record.kind), record.system, record.key)


def to_write(place: Place) -> Place:
    """The place, if the reader may write there. Raises Forbidden, or Invalid where a system is missing."""
    check_place(place.actor, place.kind, place.system)
    return place


def _readable(request: Request, spec: RecordKind, system: System | None) -> None:
    if may_read(request.actor, spec, system):
        return
    request.actor.require(spec.view, system)
    raise NotFound
