"""The register as an import sees it: what each imported system says now, in the form that rows say it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.imports.models import SourceRecord
from pilothouse.kernel.imports.words import key_of
from pilothouse.kernel.inventory.models import DatedFact, ExternalId, Practice, System

NOTHING: dict[str, Any] = {}


@dataclass(slots=True)
class Units:
    """The organisation's tree of units, found by names as sources write them. A root is found by its code too."""

    children: dict[tuple[UUID | None, str], Unit] = field(default_factory=dict)
    codes: dict[str, Unit] = field(default_factory=dict)
    by_id: dict[UUID, Unit] = field(default_factory=dict)

    def add(self, unit: Unit) -> None:
        self.by_id[unit.pk] = unit
        self.children.setdefault((unit.parent_id, key_of(unit.name)), unit)
        if unit.parent_id is None and unit.code:
            self.codes.setdefault(key_of(unit.code), unit)

    def child(self, parent: Unit | None, name: str, code: str = "") -> Unit | None:
        """The unit of that name under `parent`; a root also by its code."""
        found = self.children.get((parent.pk if parent else None, key_of(name)))
        return self.codes.get(key_of(code)) if found is None and parent is None and code else found

    def find(self, path: Iterable[str], code: str) -> Unit | None:
        """The unit at the end of `path`, or None when any part of it is new."""
        unit: Unit | None = None
        for name in path:
            unit = self.child(unit, name, code)
            if unit is None:
                return None
        return unit

    def names(self, unit_id: UUID | None) -> list[str]:
        path: list[str] = []
        while unit_id is not None:
            unit = self.by_id[unit_id]
            path.append(unit.name)
            unit_id = unit.parent_id
        return path[::-1]


def load_units(actor: Actor) -> Units:
    units = Units()
    for unit in Unit.objects.of(actor).order_by("path"):
        units.add(unit)
    return units


@dataclass(slots=True)
class Register:
    """What is known of the systems that one source brought. Loaded in a constant number of queries."""

    records: list[SourceRecord]
    units: Units
    people: dict[str, Person]
    dates: dict[UUID, dict[str, DatedFact]]
    practices: dict[UUID, dict[str, Practice]]
    externals: dict[UUID, dict[str, ExternalId]]

    def present(self, system: System, key: str, record: SourceRecord) -> Any:
        """What the register says of `key` now, in the form that a row says it."""
        kind, _, name = key.partition(".")
        if kind == "date":
            fact = self.dates.get(system.pk, NOTHING).get(name)
            return fact and {
                "value": fact.value.isoformat() if fact.value else None,
                "precision": fact.precision,
                "raw": fact.raw,
            }
        if kind == "practice":
            said = self.practices.get(system.pk, NOTHING).get(name)
            return said and {"status": said.status, "words": said.words}
        if kind == "external":
            other = self.externals.get(system.pk, NOTHING).get(name)
            return other and other.value
        if kind == "custom":
            return system.custom.get(name)
        if kind == "unit":
            # The unit that the import chose may have been renamed or moved since: that is no correction of the system.
            same = system.unit_id == record.unit_id
            return record.values.get("unit") if same else self.units.names(system.unit_id)
        if kind == "owner":
            return system.owner.email.lower() if system.owner else ""
        return getattr(system, key)


def load_register(actor: Actor, source: str, *, emails: Iterable[str] = ()) -> Register:
    """Everything that an import of `source` compares with, in a constant number of queries."""
    records = SourceRecord.objects.of(actor).filter(source=source).select_related("system__owner", "row")
    mine = System.objects.of(actor).filter(source_records__source=source)
    wanted = sorted({email for email in emails if email})
    people = Person.objects.of(actor).filter(email__in=wanted, left_at=None) if wanted else Person.objects.none()
    return Register(
        records=list(records),
        units=load_units(actor),
        people={person.email.lower(): person for person in people},
        dates=_by_system(DatedFact.objects.of(actor).filter(system__in=mine), "kind"),
        practices=_by_system(Practice.objects.of(actor).filter(system__in=mine), "key"),
        externals=_by_system(ExternalId.objects.of(actor).filter(system__in=mine), "source"),
    )


def _by_system(rows: QuerySet[Any], key: str) -> dict[UUID, dict[str, Any]]:
    found: defaultdict[UUID, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        found[row.system_id][getattr(row, key)] = row
    return found
