"""The tree of units."""

from __future__ import annotations

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.actions import action
from pilothouse.kernel.directory.reach import require_in
from pilothouse.kernel.directory.rules import clean_name
from pilothouse.kernel.ledger.log import lock_log, record

DEEPEST = 12  # a path holds 33 characters a level, and 600 in all


@action("people.manage")
def unit_add(*, actor: Actor, name: str, parent: Unit | None, code: str = "") -> Unit:
    """Add a unit under `parent`, or at the top without one. Raises Conflict when its name is taken there."""
    require_in(actor, "people.manage", parent)
    name = clean_name(name, longest=300)
    lock_log(actor.organisation_id)
    _free(actor, name, parent)
    if parent is not None and _depth(parent.path) >= DEEPEST:
        raise Invalid("The tree is too deep there.", fields={"parent": f"At most {DEEPEST} levels."})
    unit: Unit = Unit.objects.create(
        organisation_id=actor.organisation_id, name=name, parent=parent, code=code.strip()[:60]
    )
    record(actor, "unit.added", unit, after={"name": name, "parent": parent.name if parent else None})
    return unit


@action("people.manage", on="unit")
def unit_rename(*, actor: Actor, unit: Unit, name: str) -> Unit:
    """Give a unit another name."""
    name = clean_name(name, longest=300)
    lock_log(actor.organisation_id)
    current: Unit = Unit.objects.get_of(actor, pk=unit.pk)
    if current.name == name:
        return current
    _free(actor, name, current.parent)
    before = {"name": current.name}
    current.name = name
    current.save(update_fields=("name",))
    record(actor, "unit.renamed", current, before=before, after={"name": name})
    return current


@action("people.manage", on="unit")
def unit_move(*, actor: Actor, unit: Unit, parent: Unit | None) -> Unit:
    """Hang a unit, with all below it, under another one. Roles that are held in a unit reach what is now below it."""
    require_in(actor, "people.manage", parent)
    lock_log(actor.organisation_id)
    current: Unit = Unit.objects.select_related("parent").get_of(actor, pk=unit.pk)
    parent = Unit.objects.get_of(actor, pk=parent.pk) if parent else None
    if current.parent_id == (parent.pk if parent else None):
        return current
    if parent is not None and parent.path.startswith(current.path):
        raise Invalid("A unit cannot be moved into itself.", fields={"parent": "Choose a unit outside this one."})
    _free(actor, current.name, parent)
    below = list(Unit.objects.of(actor).filter(path__startswith=current.path).exclude(pk=current.pk))
    old, new = current.path, (parent.path if parent else "/") + f"{current.pk.hex}/"
    if max(_depth(row.path) for row in [current, *below]) - _depth(old) + _depth(new) > DEEPEST:
        raise Invalid("The tree would be too deep there.", fields={"parent": f"At most {DEEPEST} levels."})
    before = {"parent": current.parent.name if current.parent else None}
    current.parent = parent
    current.save(update_fields=("parent", "path"))
    for row in below:
        row.path = new + row.path.removeprefix(old)
    Unit.objects.bulk_update(below, ["path"], batch_size=500)
    record(actor, "unit.moved", current, before=before, after={"parent": parent.name if parent else None})
    return current


def _free(actor: Actor, name: str, parent: Unit | None) -> None:
    if Unit.objects.of(actor).filter(parent=parent, name=name).exists():
        raise Conflict(f"There is a unit “{name}” there already.", data={"field": "name"})


def _depth(path: str) -> int:
    return path.count("/") - 1
