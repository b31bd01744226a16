"""Carrying out a plan: systems, what hangs on them, where they came from. Set-based; called by import_apply alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, Model

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.base import new_id
from pilothouse.kernel.imports.models import ImportBatch, Outcome, SourceRecord
from pilothouse.kernel.imports.plan import Plan, Step
from pilothouse.kernel.inventory.models import DatedFact, ExternalId, Practice, Stage, System
from pilothouse.kernel.ledger.log import Event

CHUNK = 500
RUNNING = frozenset({Stage.PILOT, Stage.PRODUCTION})
_SPECIAL = ("date.", "practice.", "external.", "custom.", "unit", "owner")
_UPDATED = (
    "name", "purpose", "outputs", "unit", "owner", "stage", "stage_since", "inherited_at", "impact", "affects",
    "sourcing", "technique", "topic", "vendor", "personal_data", "outcome", "outcome_metric", "contact", "custom",
    "notes", "version", "changed_at",
)  # fmt: skip


@dataclass(slots=True)
class Written:
    """What came of a plan: events for the ledger, and the ids of the systems that were touched."""

    events: list[Event] = field(default_factory=list)
    created: list[System] = field(default_factory=list)
    changed: list[System] = field(default_factory=list)

    @property
    def ids(self) -> list[UUID]:
        return [system.pk for system in (*self.created, *self.changed)]


def carry_out(actor: Actor, batch: ImportBatch, plan: Plan, rows: dict[int, UUID], now: datetime) -> Written:
    """Write everything a plan says. `rows` are the ids of the batch's rows, by line; the caller holds the lock."""
    units = _make_units(actor, plan)
    written = Written()
    records_new: list[SourceRecord] = []
    records_old: list[SourceRecord] = []
    facts = Facts(actor, batch, now)
    number = System.objects.of(actor).aggregate(top=Max("number"))["top"] or 0
    for step in plan.steps:
        if step.outcome == Outcome.CREATE:
            number += 1
            system = _new_system(actor, plan, step, number, units, now)
            written.created.append(system)
            facts.add_all(system, step)
            records_new.append(_record(actor, batch, step, system, rows))
            written.events.append(_created_event(system, step, batch))
        elif step.outcome == Outcome.CHANGE:
            assert step.record is not None
            system = step.record.system
            before = _change(plan, step, system, units, now)
            facts.change(system, step)
            written.changed.append(system)
            records_old.append(_continue_record(batch, step, system, rows, units, now))
            written.events.append(_changed_event(system, step, before, batch))
    System.objects.bulk_create(written.created, batch_size=CHUNK)
    rewrite(written.changed, _UPDATED)
    facts.save()
    SourceRecord.objects.bulk_create(records_new, batch_size=CHUNK)
    rewrite(records_old, ("identity", "fingerprint", "row", "unit", "values", "mapping_version", "changed_at"))
    return written


def rewrite(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """Write `fields` of rows that exist. An upsert by id: a CASE for each field and row takes ten times as long."""
    if rows:
        model = type(rows[0])
        model._default_manager.bulk_create(
            rows, batch_size=CHUNK, update_conflicts=True, unique_fields=("id",), update_fields=fields
        )


def _make_units(actor: Actor, plan: Plan) -> dict[int, Unit | None]:
    """The unit of each row (by line), making those that are new, one query for each level of the tree."""
    rows = [s for s in plan.steps if s.outcome in (Outcome.CREATE, Outcome.CHANGE) and "unit" in s.draft.values]
    at: dict[int, Unit | None] = {step.draft.line: None for step in rows}
    depth = max((len(step.draft.values["unit"]) for step in rows), default=0)
    for level in range(depth):
        made: list[Unit] = []
        for step in rows:
            path: list[str] = step.draft.values["unit"]
            if level < len(path):
                at[step.draft.line] = _unit_here(actor, plan, at[step.draft.line], path[level], step.draft.code, made)
        Unit.objects.bulk_create(made, batch_size=CHUNK)
    return at


def _unit_here(actor: Actor, plan: Plan, parent: Unit | None, name: str, code: str, made: list[Unit]) -> Unit:
    unit = plan.register.units.child(parent, name, code)
    if unit is None:
        unit = Unit(id=new_id(), organisation_id=actor.organisation_id, parent=parent, name=name)
        unit.code = "" if parent else code
        unit.path = f"{parent.path if parent else '/'}{unit.pk.hex}/"
        plan.register.units.add(unit)
        made.append(unit)
    return unit


def _new_system(
    actor: Actor, plan: Plan, step: Step, number: int, units: dict[int, Unit | None], now: datetime
) -> System:
    values = step.draft.values
    plain = {key: value for key, value in values.items() if not key.startswith(_SPECIAL)}
    owner = values.get("owner")
    return System(
        id=step.system_id,
        organisation_id=actor.organisation_id,
        number=number,
        unit=units.get(step.draft.line),
        owner=plan.register.people[owner] if owner else None,
        custom={key[7:]: value for key, value in values.items() if key.startswith("custom.") and value},
        # It was found running, so nobody let it in: it is inherited, and what it lacks becomes gaps with dates.
        inherited_at=now if values.get("stage") in RUNNING else None,
        created_at=now,
        changed_at=now,
        **plain,
    )


def _change(plan: Plan, step: Step, system: System, units: dict[int, Unit | None], now: datetime) -> dict[str, Any]:
    """Overwrite what may be overwritten; returns the values before."""
    before: dict[str, Any] = {}
    for difference in step.differences:
        if difference.kind != "set":
            continue
        key, value = difference.key, difference.after
        before[key] = difference.before
        if key == "unit":
            system.unit = units[step.draft.line]
        elif key == "owner":
            system.owner = plan.register.people[value] if value else None
        elif key.startswith("custom."):
            system.custom = {**system.custom, key[7:]: value}
        elif not key.startswith(_SPECIAL):
            setattr(system, key, value)
        if key == "stage":
            system.stage_since = now
            if value in RUNNING and system.inherited_at is None:
                system.inherited_at = now
    system.version += 1
    system.changed_at = now
    return before


def _record(actor: Actor, batch: ImportBatch, step: Step, system: System, rows: dict[int, UUID]) -> SourceRecord:
    return SourceRecord(
        id=new_id(),
        organisation_id=actor.organisation_id,
        source=batch.source,
        identity=step.draft.identity,
        fingerprint=step.draft.fingerprint,
        system=system,
        row_id=rows[step.draft.line],
        unit=system.unit,
        values=step.draft.values,
        mapping_version=batch.mapping_version,
        changed_at=system.created_at,
    )


def _continue_record(
    batch: ImportBatch,
    step: Step,
    system: System,
    rows: dict[int, UUID],
    units: dict[int, Unit | None],
    now: datetime,
) -> SourceRecord:
    record = step.record
    assert record is not None
    record.identity, record.fingerprint = step.draft.identity, step.draft.fingerprint
    record.row_id = rows[step.draft.line]
    if any(difference.kind == "set" and difference.key == "unit" for difference in step.differences):
        record.unit = units[step.draft.line]
    record.values = {**record.values, **step.draft.values}
    record.mapping_version = batch.mapping_version
    record.changed_at = now
    return record


def _created_event(system: System, step: Step, batch: ImportBatch) -> Event:
    told = {key: value for key, value in step.draft.values.items() if value not in (None, "", [])}
    note = f"Imported from {batch.filename}, line {step.draft.line}."
    return Event("system.imported", system, system.pk, after=told, note=note)


def _changed_event(system: System, step: Step, before: dict[str, Any], batch: ImportBatch) -> Event:
    after = {d.key: d.after for d in step.differences if d.kind == "set"}
    for difference in step.differences:
        if difference.kind == "file":
            title = f"source: {batch.titles.get(difference.key, difference.key)}"
            before[title], after[title] = difference.before, difference.after
    kept = [difference.key for difference in step.differences if difference.kind == "kept"]
    note = f"Imported from {batch.filename}, line {step.draft.line}."
    if kept:
        note += f" Corrections by hand kept: {', '.join(kept)}."
    return Event("system.import_changed", system, system.pk, before=before, after=after, note=note)


class Facts:
    """Dates, practices and external ids that a plan adds, replaces or empties."""

    def __init__(self, actor: Actor, batch: ImportBatch, now: datetime) -> None:
        self.organisation_id = actor.organisation_id
        self.said_by = f"{batch.source}: {batch.filename}"[:200]
        self.now = now
        self.dates: list[DatedFact] = []
        self.practices: list[Practice] = []
        self.externals: list[ExternalId] = []
        self.emptied: dict[type[Model], list[tuple[UUID, str]]] = {DatedFact: [], Practice: [], ExternalId: []}

    def add_all(self, system: System, step: Step) -> None:
        for key, value in step.draft.values.items():
            if value is not None:
                self._add(system, key, value)

    def change(self, system: System, step: Step) -> None:
        for difference in step.differences:
            if difference.kind == "set":
                self._empty(system, difference.key, always=difference.key.startswith("external."))
                if difference.after is not None:
                    self._add(system, difference.key, difference.after)
                else:
                    self._empty(system, difference.key, always=True)

    def _add(self, system: System, key: str, value: Any) -> None:
        kind, _, name = key.partition(".")
        base = {"id": new_id(), "organisation_id": self.organisation_id, "system": system}
        if kind == "date":
            day = date.fromisoformat(value["value"]) if value["value"] else None
            self.dates.append(DatedFact(**base, kind=name, value=day, precision=value["precision"], raw=value["raw"]))
        elif kind == "practice":
            self.practices.append(Practice(**base, key=name, **value, source=self.said_by, said_at=self.now))
        elif kind == "external":
            self.externals.append(ExternalId(**base, source=name, value=value))

    def _empty(self, system: System, key: str, *, always: bool) -> None:
        kind, _, name = key.partition(".")
        model = {"date": DatedFact, "practice": Practice, "external": ExternalId}.get(kind)
        if model is not None and always:
            self.emptied[model].append((system.pk, name))

    def save(self) -> None:
        for model, column in ((DatedFact, "kind"), (Practice, "key"), (ExternalId, "source")):
            for name in {name for _, name in self.emptied[model]}:
                ids = [system_id for system_id, key in self.emptied[model] if key == name]
                for part in _parts(ids):
                    model.objects.filter(system_id__in=part, **{column: name}).delete()
        DatedFact.objects.bulk_create(
            self.dates,
            batch_size=CHUNK,
            update_conflicts=True,
            unique_fields=("system", "kind"),
            update_fields=("value", "precision", "raw"),
        )
        Practice.objects.bulk_create(
            self.practices,
            batch_size=CHUNK,
            update_conflicts=True,
            unique_fields=("system", "key"),
            update_fields=("status", "words", "source", "said_at"),
        )
        ExternalId.objects.bulk_create(self.externals, batch_size=CHUNK, ignore_conflicts=True)


def _parts(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
