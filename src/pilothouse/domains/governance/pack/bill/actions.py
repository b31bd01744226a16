"""Taking a bill of materials over into the register."""

from __future__ import annotations

from dataclasses import dataclass

from pilothouse.domains.governance.pack.bill.reading import Read, read
from pilothouse.domains.governance.pack.bill.values import Thing
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.inventory.actions import component_add, relation_add
from pilothouse.kernel.inventory.models import Component, Relation, System


@dataclass(frozen=True, slots=True)
class Brought:
    """What a file brought: things that were new to the system, things that it already used, and what was left."""

    new: tuple[Thing, ...]
    known: tuple[Thing, ...]
    read: Read


@action("system.change", on="system")
def bill_bring(*, actor: Actor, system: System, data: bytes, dry_run: bool = False) -> Brought:
    """Say of a system that it uses what a CycloneDX file names. Nothing is taken away, and nothing is there twice.

    Raises Invalid with what is wrong in the file and where. With `dry_run` nothing is written.
    """
    found = read(data)
    used = set(
        Relation.objects.filter(system=system, kind="uses", component__isnull=False).values_list(
            "component__kind", "component__name", "component__version"
        )
    )
    new = tuple(one for one in found.bill.things if (one.kind, one.name, one.version) not in used)
    known = tuple(one for one in found.bill.things if (one.kind, one.name, one.version) in used)
    if not dry_run:
        for one in new:
            relation_add(actor=actor, system=system, kind="uses", component=_component(actor, one))
    return Brought(new, known, found)


def _component(actor: Actor, one: Thing) -> Component:
    return component_add(
        actor=actor,
        kind=one.kind,
        name=one.name,
        version=one.version,
        supplier=one.supplier,
        notes=one.description,
    )
