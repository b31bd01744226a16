"""A bill as CycloneDX 1.7 JSON (ECMA-424), the ML-BOM profile: models with cards, data, agents and tools. Pure.

What CycloneDX has a field for stands in that field; all else is a property under `pilothouse:`, so that reading the
file again gives the same bill.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pilothouse.contracts.canonical import canonical, plain
from pilothouse.domains.governance.pack.bill.values import Bill, Thing

VERSION = "1.7"
SCHEMA = f"http://cyclonedx.org/schema/bom-{VERSION}.schema.json"
TYPES = {"model": "machine-learning-model", "data_source": "data", "agent": "application", "tool": "application"}
"""How CycloneDX calls each kind of thing. A vendor supplies things and is none."""
MARK = "pilothouse:"


def written(bill: Bill) -> bytes:
    """The file. The same bill gives the same bytes."""
    return canonical(document(bill)) + b"\n"


def document(bill: Bill) -> dict[str, Any]:
    """The same as JSON's own types."""
    things = [one for one in bill.things if one.kind in TYPES]
    refs = [_ref(one, number) for number, one in enumerate(things)]
    return {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": VERSION,
        "serialNumber": f"urn:uuid:{bill.serial}",
        "version": 1,
        "metadata": {
            "timestamp": plain(bill.at),
            "lifecycles": [{"phase": "operations"}],
            "tools": {"components": [{"type": "application", "name": "Pilothouse"}]},
            "component": _whole(bill),
        },
        "components": [_component(one, ref) for one, ref in zip(things, refs, strict=True)],
        "dependencies": [{"ref": bill.ref, "dependsOn": refs}, *({"ref": ref} for ref in refs)],
    }


def _whole(bill: Bill) -> dict[str, Any]:
    """The system itself, with its card."""
    vendors = [one for one in bill.things if one.kind == "vendor"]
    considerations = _kept(
        {
            "useCases": [bill.purpose] if bill.purpose else [],
            "users": [bill.users] if bill.users else [],
            "ethicalConsiderations": [{"name": words} for words in bill.risks],
        }
    )
    metrics = [_kept({"type": one.name, "value": one.value, "slice": one.population}) for one in bill.metrics]
    card = _kept(
        {
            "quantitativeAnalysis": {"performanceMetrics": metrics} if metrics else {},
            "considerations": considerations,
        }
    )
    return _kept(
        {
            "type": "application",
            "bom-ref": bill.ref,
            "name": bill.name,
            "manufacturer": {"name": bill.maker},
            "modelCard": card,
            "properties": [_property("vendor", canonical(_vendor(one)).decode()) for one in vendors],
        }
    )


def _vendor(one: Thing) -> dict[str, Any]:
    return _kept({"name": one.name, "version": one.version, "supplier": one.supplier, "notes": one.description})


def _component(one: Thing, ref: str) -> dict[str, Any]:
    said = {
        "type": TYPES[one.kind],
        "bom-ref": ref,
        "name": one.name,
        "version": one.version,
        "supplier": {"name": one.supplier} if one.supplier else {},
        "description": one.description,
        "licenses": [{"license": {"name": one.licence}}] if one.licence else [],
        "pedigree": {"ancestors": [_ancestor(one)]} if one.built_on else {},
        "externalReferences": [{"type": "model-card", "url": one.card}] if one.card else [],
        "properties": [
            *([_property("kind", one.kind)] if TYPES[one.kind] == "application" else []),
            *(_property(f"fact:{name}", value) for name, value in sorted(one.facts.items())),
        ],
    }
    if one.kind == "model":
        said["modelCard"] = {"modelParameters": _kept({"task": one.description})}
    if one.kind == "data_source":
        said["data"] = [_kept({"type": "dataset", "name": one.name, "classification": one.facts.get("personal", "")})]
    return _kept(said, always=("modelCard",))


def _ancestor(one: Thing) -> dict[str, Any]:
    return {"type": TYPES["model"], "name": one.built_on}


def _ref(one: Thing, number: int) -> str:
    """Unique in the file and steady while the things are the same."""
    return f"{one.kind}-{number + 1}"


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": MARK + name, "value": value}


def _kept(said: Mapping[str, Any], always: tuple[str, ...] = ()) -> dict[str, Any]:
    """Without what is empty: an empty field would claim that there is nothing."""
    return {name: value for name, value in said.items() if value or name in always}
