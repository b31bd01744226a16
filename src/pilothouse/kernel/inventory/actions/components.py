"""What systems are made of, and how they relate."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Model

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.inventory.models import Component, Relation, System
from pilothouse.kernel.ledger.log import lock_log, record

TEXTS = {"name": 300, "version": 120, "supplier": 300, "notes": 20_000}


@action("system.create")
def component_add(
    *, actor: Actor, kind: str, name: str, version: str = "", supplier: str = "", notes: str = ""
) -> Component:
    """Add a model, agent, data source, tool or vendor. The same kind, name and version gives the one that is there."""
    if kind not in dict(Component.KINDS):
        raise Invalid(f"“{kind}” is not a kind of component.", fields={"kind": "Choose one of the list."})
    texts = _texts({"name": name, "version": version, "supplier": supplier, "notes": notes})
    lock_log(actor.organisation_id)
    known = Component.objects.of(actor).filter(kind=kind, name=texts["name"], version=texts["version"]).first()
    if known:
        return known
    component = Component.objects.create(organisation_id=actor.organisation_id, kind=kind, **texts)
    record(actor, "component.added", component, after={"kind": kind, **{k: v for k, v in texts.items() if v}})
    return component


@action("system.bulk")
def component_change(*, actor: Actor, component: Component, changes: Mapping[str, str]) -> Component:
    """Correct a component's name, version, supplier or notes. It touches every system that uses it, hence the right."""
    unknown = sorted(set(changes) - set(TEXTS))
    if unknown:
        raise Invalid(f"A component has no field “{unknown[0]}”.", fields={unknown[0]: "No such field."})
    lock_log(actor.organisation_id)
    current = Component.objects.select_for_update().get_of(actor, pk=component.pk)
    texts = _texts({key: getattr(current, key) for key in TEXTS} | dict(changes))
    after = {key: value for key, value in texts.items() if value != getattr(current, key)}
    if not after:
        return current
    same = Component.objects.of(actor).filter(kind=current.kind, name=texts["name"], version=texts["version"])
    if same.exclude(pk=current.pk).exists():
        raise Conflict("Another component already has this name and version.", data={"field": "name"})
    before = {key: getattr(current, key) for key in after}
    for key, value in after.items():
        setattr(current, key, value)
    current.save()
    record(actor, "component.changed", current, before=before, after=after)
    tell_changed(actor, list(Relation.objects.filter(component=current).values_list("system_id", flat=True)))
    return current


@action("system.change", on="system")
def relation_add(
    *, actor: Actor, system: System, kind: str, component: Component | None = None, other: System | None = None
) -> Relation:
    """Say that a system uses a component, or stands in a relation to another system that the actor may see."""
    kinds = dict(Relation.KINDS)
    if kind not in kinds:
        raise Invalid(f"“{kind}” is not a relation.", fields={"kind": "Choose one of the list."})
    if (component is None) == (other is None):
        raise Invalid("Name one component or one other system.", fields={"target": "Name one."})
    target: Model = component or other  # type: ignore[assignment]
    actor.require("system.view", other) if other else _require_own(actor, component)
    if other is not None and other.pk == system.pk:
        raise Invalid("A system cannot be related to itself.", fields={"target": "Choose another system."})
    lock_log(actor.organisation_id)
    relation, created = Relation.objects.get_or_create(
        organisation_id=actor.organisation_id, system=system, kind=kind, component=component, other=other
    )
    if created:
        said = {"relation": kinds[kind], "to": str(target), "ref": other.ref if other else ""}
        record(actor, "system.related", system, system_id=system.pk, after=said)
        tell_changed(actor, [system.pk])
    return relation


@action("system.change", on="system")
def relation_remove(*, actor: Actor, system: System, relation: Relation) -> None:
    """Take a relation of this system away. Raises NotFound when it belongs to another."""
    lock_log(actor.organisation_id)
    current = Relation.objects.select_related("component", "other").get_of(actor, pk=relation.pk, system=system)
    said = {"relation": current.get_kind_display(), "to": str(current.component or current.other)}
    record(actor, "system.unrelated", system, system_id=system.pk, before=said)
    current.delete()
    tell_changed(actor, [system.pk])


def _require_own(actor: Actor, component: Component | None) -> None:
    if component is not None:
        Component.objects.get_of(actor, pk=component.pk)


def _texts(texts: Mapping[str, str]) -> dict[str, str]:
    clean = {key: value.strip() if key == "notes" else " ".join(value.split()) for key, value in texts.items()}
    wrong = {key: f"At most {limit} characters." for key, limit in TEXTS.items() if len(clean.get(key, "")) > limit}
    if not clean.get("name"):
        wrong["name"] = "Say what it is called."
    if wrong:
        raise Invalid("Please look again at the component.", fields=wrong)
    return clean
