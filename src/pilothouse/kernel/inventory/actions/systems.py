"""Adding and changing systems, one or many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Max

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.inventory.actions.facts import (
    apply,
    check_references,
    check_version,
    cleaned,
    differences,
    told,
)
from pilothouse.kernel.inventory.fields import FIELDS
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.inventory.models import Stage, System
from pilothouse.kernel.inventory.rules import BadValueError, clean_tags
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.ledger.log import Event, lock_log, record, record_many

BULK_LIMIT = 5000


@action("system.create")
def system_create(*, actor: Actor, name: str, **facts: Any) -> System:
    """Add a system under the organisation's next number. `facts` are fields of EDITABLE.

    A system enters as an idea: any later stage is reached through a gate, or by an import of what already runs.
    Whoever may change only their own systems becomes the owner of what they add, if they name no one else.
    Raises Invalid, naming every field that is wrong.
    """
    clean = cleaned(actor, {"name": name, **facts})
    if not clean.get("owner_id") and actor.person_id and not actor.scope("system.change").everywhere:
        clean["owner_id"] = actor.person_id
    names = check_references(actor, clean)
    now = clock.now()
    system = System(
        organisation_id=actor.organisation_id,
        number=next_number(actor),
        created_at=now,
        changed_at=now,
        stage=Stage.IDEA,
        stage_since=now,
    )
    after = {key: value for key, value in differences(system, clean).items() if value not in ("", None, [], {})}
    for key, value in after.items():
        setattr(system, key, value)
    system.save(force_insert=True)
    record(actor, "system.created", system, system_id=system.pk, after=told(after, names))
    tell_changed(actor, [system.pk])
    return system


@action("system.change", on="system")
def system_change(*, actor: Actor, system: System, changes: Mapping[str, Any], version: int | None = None) -> System:
    """Change fields of a system. `version`, if given, must be the one that the caller read (else Conflict).

    Custom fields and intake answers are merged key by key; a None or an empty text takes one away.
    """
    return _change(actor, system, changes, version, "system.changed")


@action("system.change", on="system")
def owner_assign(
    *, actor: Actor, system: System, owner_id: UUID | None, deputy_id: UUID | None = None, version: int | None = None
) -> System:
    """Name who answers for a system, and optionally a deputy."""
    changes: dict[str, Any] = {"owner_id": owner_id}
    if deputy_id is not None:
        changes["deputy_id"] = deputy_id
    return _change(actor, system, changes, version, "system.owner_assigned")


@action("system.change", on="system")
def system_tag(*, actor: Actor, system: System, add: Sequence[str] = (), remove: Sequence[str] = ()) -> System:
    """Add and remove tags."""
    current = _locked(actor, system)
    return _change(actor, current, {"tags": _tags(current.tags, add, remove)}, None, "system.tagged")


@dataclass(frozen=True, slots=True)
class BulkChange:
    """One change for many systems: fields that get the same value, and tags to add and remove."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes or self.add_tags or self.remove_tags)


@dataclass(slots=True)
class BulkRow:
    """What a bulk change does to one system; `refused` says why it cannot."""

    number: int
    system: System | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    refused: str = ""


def bulk_preview(actor: Actor, numbers: Sequence[int], change: BulkChange) -> list[BulkRow]:
    """What `change` would do to each system, without doing it. Raises Invalid when the change itself is wrong."""
    actor.require("system.bulk")
    clean, _ = _bulk_clean(actor, change)
    found = {s.number: s for s in systems(actor).select_related("unit", "owner").filter(number__in=numbers)}
    return [_bulk_row(actor, number, found.get(number), clean, change) for number in dict.fromkeys(numbers)]


@action("system.bulk")
def system_bulk_change(*, actor: Actor, numbers: Sequence[int], change: BulkChange) -> list[BulkRow]:
    """Apply one change to many systems: to all of them, or (Invalid with `data["rows"]`) to none.

    Each system must be one that the actor may change; the reasons of refusal are given row by row.
    """
    clean, names = _bulk_clean(actor, change)
    if not change:
        raise Invalid("Choose at least one field to change.")
    numbers = list(dict.fromkeys(numbers))
    if len(numbers) > BULK_LIMIT:
        raise Invalid(f"At most {BULK_LIMIT} systems can be changed at once; these are {len(numbers)}.")
    lock_log(actor.organisation_id)
    locked = systems(actor).select_related("unit").filter(number__in=numbers).order_by("pk")
    found = {s.number: s for s in locked.select_for_update(of=("self",))}
    rows = [_bulk_row(actor, number, found.get(number), clean, change) for number in numbers]
    if refused := [row for row in rows if row.refused]:
        raise Invalid(
            f"Nothing was changed: {len(refused)} of {len(rows)} systems cannot be changed so.",
            data={"rows": [{"number": row.number, "reason": row.refused} for row in refused]},
        )
    _write_bulk(actor, [row for row in rows if row.after], names)
    return rows


def next_number(actor: Actor) -> int:
    """The next free number. The log stays locked until the commit, so two writers never get the same one."""
    return allocate_numbers(actor.organisation_id, 1)[0]


def allocate_numbers(organisation_id: UUID, count: int) -> range:
    """`count` free numbers in a row, kept for this transaction (see next_number)."""
    lock_log(organisation_id)
    top = System.objects.filter(organisation_id=organisation_id).aggregate(top=Max("number"))["top"] or 0
    return range(top + 1, top + 1 + count)


def _locked(actor: Actor, system: System) -> System:
    # Every writer takes the log before any row, so that no two can each hold what the other waits for.
    lock_log(actor.organisation_id)
    current: System = System.objects.of(actor).select_for_update().get(pk=system.pk)
    return current


def _change(actor: Actor, system: System, changes: Mapping[str, Any], version: int | None, name: str) -> System:
    clean = cleaned(actor, changes)
    current = _locked(actor, system)
    check_version(current, version)
    after = differences(current, clean)
    if not after:
        return current
    names: dict[Any, str] = dict(check_references(actor, after))
    names |= _names_now(current, after)
    before = apply(current, after)
    current.changed_at = clock.now()
    current.save()
    record(actor, name, current, system_id=current.pk, before=told(before, names), after=told(after, names))
    tell_changed(actor, [current.pk])
    return current


def _names_now(system: System, keys: Mapping[str, Any]) -> dict[UUID, str]:
    """The names of the people and the unit that are about to be replaced."""
    things = [getattr(system, key.removesuffix("_id")) for key in keys if key in ("owner_id", "deputy_id", "unit_id")]
    return {thing.pk: str(thing) for thing in things if thing is not None}


def _tags(tags: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> list[str]:
    try:
        gone = set(clean_tags(remove))
        return clean_tags([tag for tag in [*tags, *clean_tags(add)] if tag not in gone])
    except BadValueError as reason:
        raise Invalid(str(reason), fields={"tags": str(reason)}) from None


def _bulk_clean(actor: Actor, change: BulkChange) -> tuple[dict[str, Any], dict[Any, str]]:
    not_bulk = [key for key in change.changes if key not in FIELDS or not (FIELDS[key].bulk or key == "custom")]
    if not_bulk:
        raise Invalid(
            f"“{not_bulk[0]}” cannot be changed for many systems at once.",
            fields=dict.fromkeys(not_bulk, "Change it on each system's own page."),
        )
    clean = cleaned(actor, change.changes)
    _tags((), change.add_tags, change.remove_tags)
    return clean, dict(check_references(actor, clean))


def _bulk_row(
    actor: Actor, number: int, system: System | None, clean: Mapping[str, Any], change: BulkChange
) -> BulkRow:
    if system is None:
        return BulkRow(number, refused="There is no such system, or it is not yours to see.")
    row = BulkRow(number, system)
    if not actor.may("system.change", system):
        row.refused = "Your roles do not let you change this system."
        return row
    row.after = differences(system, clean)
    try:
        tags = _tags(system.tags, change.add_tags, change.remove_tags)
    except Invalid as error:
        row.refused = error.detail
        return row
    if tags != system.tags:
        row.after["tags"] = tags
    row.before = {key: getattr(system, key) for key in row.after}
    return row


def _write_bulk(actor: Actor, rows: Sequence[BulkRow], names: Mapping[Any, str]) -> None:
    now = clock.now()
    changed: list[System] = []
    events: list[Event] = []
    for row in rows:
        if row.system is None:
            continue
        apply(row.system, row.after)
        row.system.changed_at = now
        changed.append(row.system)
        before, after = told(row.before, names), told(row.after, names)
        events.append(Event("system.changed", row.system, row.system.pk, before, after, "Bulk edit"))
    keys = {key for row in rows for key in row.after}
    fields = [System._meta.get_field(key).name for key in sorted(keys)]
    if changed:
        System.objects.bulk_update(changed, [*fields, "former_owner", "version", "changed_at"], batch_size=200)
        record_many(actor, events)
        tell_changed(actor, [system.pk for system in changed])
