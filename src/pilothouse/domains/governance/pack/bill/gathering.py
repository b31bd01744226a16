"""From a pack's material to the bill: components of the inventory, joined with what the registers say of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from pilothouse.domains.governance.pack.bill.values import Bill, Kind, Metric, Thing
from pilothouse.domains.governance.pack.material import Document, Material, Measure

MODEL, VERSION, SOURCE = "model_lifecycle.model", "model_lifecycle.version", "platform.data_source"
READINESS, AGENT = "platform.data_readiness", "architecture.agent"
OVERSIGHT = "experience.oversight"
KINDS: tuple[Kind, ...] = ("model", "agent", "data_source", "tool", "vendor")
# Fields of the registers that have a place of their own in a bill, or are about people.
PLACED = {"name", "version", "model", "provider", "licence", "base", "card", "provenance", "role", "holds", "owner"}


def bill_of(material: Material) -> Bill:
    """Everything that the system is made of, each thing once, in the order of its kind and name."""
    found = {(one.kind, one.name, one.version): one for one in _registered(material)}
    known = {(kind, name) for kind, name, _ in found}
    for thing in [*_models(material), *_sources(material), *_agents(material)]:
        key = thing.kind, thing.name, thing.version
        # The inventory's bare line gives way to what a register says of the same thing.
        if (thing.kind, thing.name) in known:
            found.pop((thing.kind, thing.name, ""), None)
        found[key] = thing
    system = material.system
    return Bill(
        serial=str(uuid5(NAMESPACE_URL, f"{material.house.id}/{system.id}/{material.as_of.isoformat()}")),
        at=material.as_of,
        maker=material.house.name,
        ref=system.ref,
        name=system.name,
        purpose=str(system.facts.get("purpose", "")).strip(),
        users=str(system.facts.get("affects", "")).strip(),
        risks=_risks(material),
        metrics=tuple(_metric(one) for one in system.performance),
        things=tuple(sorted(found.values(), key=lambda one: (KINDS.index(one.kind), one.name, one.version))),
    )


def _registered(material: Material) -> list[Thing]:
    return [
        Thing(kind=part.kind, name=part.name, version=part.version, supplier=part.supplier, description=part.notes)
        for part in material.system.parts
        if part.relation == "uses" and part.kind in KINDS
    ]


def _models(material: Material) -> list[Thing]:
    """Each version in use, with what the register of models says of its model."""
    models = {one.key: _body(one) for one in material.holding(MODEL)}
    return [_model(_body(one), models.get(str(_body(one).get("model")), {})) for one in material.holding(VERSION)]


def _model(version: Mapping[str, Any], model: Mapping[str, Any]) -> Thing:
    return Thing(
        kind="model",
        name=str(version.get("model", "")),
        version=str(version.get("version", "")),
        supplier=str(model.get("provider") or ""),
        licence=str(model.get("licence") or ""),
        description=str(version.get("role") or model.get("provenance") or ""),
        built_on=str(model.get("base") or ""),
        card=str(version.get("card") or model.get("card") or ""),
        facts=_facts(model) | _facts(version),
    )


def _sources(material: Material) -> list[Thing]:
    """The data sources that its data-readiness assessment names."""
    readiness = material.document(READINESS)
    named = {str(name) for name in (_body(readiness).get("sources") or ())} if readiness else set()
    return [
        Thing(
            kind="data_source",
            name=one.key,
            description=str(_body(one).get("holds") or ""),
            facts=_facts(_body(one)),
        )
        for one in material.holding(SOURCE)
        if one.key in named
    ]


def _agents(material: Material) -> list[Thing]:
    return [Thing(kind="agent", name=one.key, facts=_facts(_body(one))) for one in material.holding(AGENT)]


def _body(document: Document) -> Mapping[str, Any]:
    return document.body or {}


def _facts(body: Mapping[str, Any]) -> dict[str, str]:
    """The plain answers of a document by their field, without those that have a place of their own."""
    said = {name: value for name, value in body.items() if name not in PLACED and value not in (None, "")}
    return {
        name: ("yes" if value else "no") if isinstance(value, bool) else str(value)
        for name, value in sorted(said.items())
        if isinstance(value, bool | int | float | str)
    }


def _risks(material: Material) -> tuple[str, ...]:
    """What the human-oversight plan says is at stake, if there is one."""
    plan = material.document(OVERSIGHT)
    words = str(_body(plan).get("at_stake") or "") if plan else ""
    return (words,) if words else ()


def _metric(one: Measure) -> Metric:
    when = f", {one.measured_on.isoformat()}" if one.measured_on else ""
    value = f"{one.value:f}".rstrip("0").rstrip(".") if "." in f"{one.value:f}" else f"{one.value:f}"
    return Metric(f"{one.metric} ({one.basis}{when})", f"{value} {one.unit}".strip(), one.population)
