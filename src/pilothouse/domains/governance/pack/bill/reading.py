"""Reading a CycloneDX bill of materials, ours or anybody's (JSON, 1.4 to 1.7). Pure.

Of another maker's file the models, data and applications are taken in; what a bill of ours has no place for stays
behind and is counted, so that nobody believes it was kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.pack.bill.values import Bill, Kind, Metric, Thing
from pilothouse.domains.governance.pack.bill.writing import MARK

VERSIONS = ("1.4", "1.5", "1.6", "1.7")
MOST_BYTES = 8 * 1024 * 1024
MOST_THINGS = 5_000
KINDS: Mapping[str, Kind] = {"machine-learning-model": "model", "data": "data_source", "application": "tool"}


@dataclass(frozen=True, slots=True)
class Read:
    """A bill, and what of the file did not fit into it: how many of each, by the path of what they are."""

    bill: Bill
    left: Mapping[str, int]


def read(data: bytes) -> Read:
    """The bill in a file. Raises Invalid with what is wrong and where."""
    if len(data) > MOST_BYTES:
        raise Invalid(f"The file has more than {MOST_BYTES // 2**20} MB.")
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"This is not JSON: {error}.") from error
    if not isinstance(said, Mapping) or said.get("bomFormat") != "CycloneDX":
        raise Invalid("This is not a CycloneDX file: “bomFormat” must say CycloneDX.")
    if said.get("specVersion") not in VERSIONS:
        raise Invalid(f"“specVersion” is {said.get('specVersion')!r}; one of {', '.join(VERSIONS)} can be read.")
    components = list(_components(said.get("components"), "components"))
    left: dict[str, int] = {}
    things = [thing for path, one in components if (thing := _thing(one, path, left)) is not None]
    whole = _mapping(_mapping(said.get("metadata"), "metadata").get("component"), "metadata.component")
    return Read(_bill(said, whole, [*things, *_vendors(whole)]), left)


def _components(value: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every component, those inside others too."""
    found = 0
    ahead = [(path, value)]
    while ahead:
        where, level = ahead.pop(0)
        for number, one in enumerate(_list(level, where)):
            found += 1
            if found > MOST_THINGS:
                raise Invalid(f"The file names more than {MOST_THINGS:,} components.")
            place = f"{where}[{number}]"
            inside = _mapping(one, place)
            yield place, inside
            ahead.append((f"{place}.components", inside.get("components")))


def _thing(one: Mapping[str, Any], path: str, left: dict[str, int]) -> Thing | None:
    kind = KINDS.get(_text(one.get("type"), f"{path}.type"))
    properties = dict(_properties(one, path))
    if kind == "tool" and properties.get(f"{MARK}kind") == "agent":
        kind = "agent"
    if kind is None:
        name = f"components of type {one.get('type')}"
        left[name] = left.get(name, 0) + 1
        return None
    name = _text(one.get("name"), f"{path}.name")
    if not name:
        raise Invalid(f"{path} has no name.")
    _count_left(one, left)
    supplier = _mapping(one.get("supplier") or one.get("manufacturer"), f"{path}.supplier")
    return Thing(
        kind=kind,
        name=name,
        version=_text(one.get("version"), f"{path}.version"),
        supplier=_text(supplier.get("name") or one.get("publisher"), f"{path}.supplier.name"),
        licence=_licence(one, path),
        description=_text(one.get("description"), f"{path}.description"),
        built_on=_ancestor(one, path),
        card=_card(one, path),
        facts={
            key.removeprefix(f"{MARK}fact:"): value
            for key, value in properties.items()
            if key.startswith(f"{MARK}fact:")
        },
    )


TAKEN = frozenset(
    """type bom-ref name version supplier manufacturer publisher description licenses pedigree externalReferences
    properties components modelCard data""".split()
)


def _count_left(one: Mapping[str, Any], left: dict[str, int]) -> None:
    for name in one:
        if name not in TAKEN:
            left[f"components.{name}"] = left.get(f"components.{name}", 0) + 1


def _bill(said: Mapping[str, Any], whole: Mapping[str, Any], things: list[Thing]) -> Bill:
    card = _mapping(whole.get("modelCard"), "metadata.component.modelCard")
    considered = _mapping(card.get("considerations"), "metadata.component.modelCard.considerations")
    measured = _mapping(card.get("quantitativeAnalysis"), "metadata.component.modelCard.quantitativeAnalysis")
    metrics = [_mapping(one, "performanceMetrics") for one in _list(measured.get("performanceMetrics"), "metrics")]
    risks = [_mapping(one, "ethicalConsiderations") for one in _list(considered.get("ethicalConsiderations"), "risks")]
    return Bill(
        serial=_serial(said),
        at=_time(_mapping(said.get("metadata"), "metadata").get("timestamp")),
        maker=_text(_mapping(whole.get("manufacturer"), "manufacturer").get("name"), "manufacturer.name"),
        ref=_text(whole.get("bom-ref"), "metadata.component.bom-ref"),
        name=_text(whole.get("name"), "metadata.component.name"),
        purpose=_first(considered.get("useCases"), "useCases"),
        users=_first(considered.get("users"), "users"),
        risks=tuple(_text(one.get("name"), "ethicalConsiderations.name") for one in risks),
        metrics=tuple(
            Metric(_text(one.get("type"), "type"), _text(one.get("value"), "value"), _text(one.get("slice"), "slice"))
            for one in metrics
        ),
        things=tuple(things),
    )


def _vendors(whole: Mapping[str, Any]) -> Iterator[Thing]:
    for name, value in _properties(whole, "metadata.component"):
        if name != f"{MARK}vendor":
            continue
        try:
            said = _mapping(json.loads(value), name)
        except ValueError as error:
            raise Invalid(f"The property {name} of metadata.component is not JSON.") from error
        texts = {key: _text(said.get(key), name) for key in ("name", "version", "supplier", "notes")}
        yield Thing("vendor", texts["name"], texts["version"], texts["supplier"], description=texts["notes"])


def _properties(one: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for number, entry in enumerate(_list(one.get("properties"), f"{path}.properties")):
        said = _mapping(entry, f"{path}.properties[{number}]")
        yield _text(said.get("name"), f"{path}.properties"), _text(said.get("value"), f"{path}.properties")


def _licence(one: Mapping[str, Any], path: str) -> str:
    """The licences' names, ids or expression; several are joined by “and”."""
    found = []
    for number, entry in enumerate(_list(one.get("licenses"), f"{path}.licenses")):
        said = _mapping(entry, f"{path}.licenses[{number}]")
        licence = _mapping(said.get("license"), f"{path}.licenses[{number}].license")
        found.append(_text(licence.get("name") or licence.get("id") or said.get("expression"), f"{path}.licenses"))
    return " and ".join(name for name in found if name)


def _ancestor(one: Mapping[str, Any], path: str) -> str:
    pedigree = _mapping(one.get("pedigree"), f"{path}.pedigree")
    found = _list(pedigree.get("ancestors"), f"{path}.pedigree.ancestors")
    return _text(_mapping(found[0], f"{path}.pedigree.ancestors[0]").get("name"), path) if found else ""


def _card(one: Mapping[str, Any], path: str) -> str:
    for number, entry in enumerate(_list(one.get("externalReferences"), f"{path}.externalReferences")):
        said = _mapping(entry, f"{path}.externalReferences[{number}]")
        if said.get("type") == "model-card":
            return _text(said.get("url"), f"{path}.externalReferences[{number}].url")
    return ""


def _serial(said: Mapping[str, Any]) -> str:
    text = _text(said.get("serialNumber"), "serialNumber").removeprefix("urn:uuid:")
    try:
        return str(UUID(text)) if text else ""
    except ValueError as error:
        raise Invalid(f"“serialNumber” is no UUID: {text}.") from error


def _time(value: Any) -> datetime:
    text = _text(value, "metadata.timestamp")
    try:
        at = datetime.fromisoformat(text) if text else datetime(1970, 1, 1, tzinfo=UTC)
    except ValueError as error:
        raise Invalid(f"“metadata.timestamp” is no time: {text}.") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _first(value: Any, path: str) -> str:
    found = _list(value, path)
    return _text(found[0], path) if found else ""


def _mapping(value: Any, path: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Invalid(f"{path} must be an object.")
    return value


def _list(value: Any, path: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Invalid(f"{path} must be a list.")
    return value


def _text(value: Any, path: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(f"{path} must be text.")
    return value
