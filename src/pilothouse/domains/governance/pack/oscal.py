"""How a pack's items came out, as OSCAL 1.2 assessment results (NIST), and reading them again. Pure.

An item that is asked is a finding on a control objective; what it rests on are observations. OSCAL knows *satisfied*
and *not satisfied* only, so our five states stand beside it as a property. Items that are not asked are excluded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from pilothouse.contracts.canonical import canonical, plain
from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.pack.material import Material
from pilothouse.domains.governance.pack.sections import Judged, JudgedSection, Source

VERSION = "1.2.1"
SPACE = "https://pilothouse.example/ns/oscal"
"""The name space of our own properties: a name, not an address."""


@dataclass(frozen=True, slots=True)
class Result:
    """One item as it came out: what an assessment result says of it."""

    item: str
    title: str
    state: str
    because: str
    sources: tuple[tuple[str, str, str], ...]
    """label, state, digest"""


def written(material: Material, sections: tuple[JudgedSection, ...]) -> bytes:
    """The file. The same material gives the same bytes."""
    return canonical({"assessment-results": document(material, sections)}) + b"\n"


def document(material: Material, sections: tuple[JudgedSection, ...]) -> dict[str, Any]:
    """The same as JSON's own types."""
    name = f"{material.house.id}/{material.system.id}/{plain(material.as_of)}/{material.profile}"
    items = [one for section in sections for one in section.items]
    asked = [one for one in items if one.state != "not_applicable"]
    result: dict[str, Any] = {
        "uuid": _id(name, "result"),
        "title": f"{material.system.ref} {material.system.name}",
        "description": "What an audit pack asks, held against sealed documents, evidence, checks and the log.",
        "start": plain(material.as_of),
        "end": plain(material.as_of),
        "reviewed-controls": {"control-selections": [_selection(asked, items)]},
    }
    if observations := [_observation(name, one, source, material) for one in asked for source in one.sources]:
        result["observations"] = observations
    if asked:
        result["findings"] = [_finding(name, one) for one in asked]
    return {
        "uuid": _id(name, "assessment-results"),
        "metadata": {
            "title": f"Audit pack of {material.system.ref} {material.system.name}",
            "last-modified": plain(material.as_of),
            "version": plain(material.as_of),
            "oscal-version": VERSION,
            "parties": [{"uuid": _id(name, "party"), "type": "organization", "name": material.house.name}],
        },
        "import-ap": {"href": "#", "remarks": "There is no assessment plan: the pack's own table says what is asked."},
        "results": [result],
    }


def _selection(asked: list[Judged], items: list[Judged]) -> dict[str, Any]:
    left = [{"control-id": _token(one)} for one in items if one.state == "not_applicable"]
    chosen: dict[str, Any] = {"include-controls": [{"control-id": _token(one)} for one in asked]}
    if not asked:
        chosen = {"include-all": {}}
    return chosen | ({"exclude-controls": left} if left else {})


def _observation(name: str, one: Judged, source: Source, material: Material) -> dict[str, Any]:
    said: dict[str, Any] = {
        "uuid": _id(name, f"observation/{one.item.id}/{source.kind}/{source.id}"),
        "title": source.label or source.kind,
        "description": source.because or source.label or source.kind,
        "methods": ["EXAMINE"],
        "collected": plain(material.as_of),
        "props": [_property("state", source.state), *([_property("digest", source.digest)] if source.digest else [])],
    }
    if source.until:
        said["expires"] = plain(datetime.combine(source.until, time.max, UTC))
    return said


def _finding(name: str, one: Judged) -> dict[str, Any]:
    holds = one.state == "current"
    said: dict[str, Any] = {
        "uuid": _id(name, f"finding/{one.item.id}"),
        "title": one.item.title,
        "description": one.because or one.item.title,
        "props": [_property("state", one.state)],
        "target": {
            "type": "objective-id",
            "target-id": _token(one),
            "status": {"state": "satisfied" if holds else "not-satisfied", "reason": "pass" if holds else "fail"},
        },
    }
    if one.sources:
        ids = [_id(name, f"observation/{one.item.id}/{source.kind}/{source.id}") for source in one.sources]
        said["related-observations"] = [{"observation-uuid": one_id} for one_id in ids]
    return said


def read(data: bytes) -> tuple[Result, ...]:
    """What a file says of each item that was asked. Raises Invalid with what is wrong and where."""
    try:
        told = json.loads(data)["assessment-results"]["results"]
        found = [one for result in told for one in _results(result)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Invalid(f"These are no OSCAL assessment results as a pack writes them: {error!r}.") from error
    return tuple(found)


def _results(result: Mapping[str, Any]) -> list[Result]:
    seen = {one["uuid"]: one for one in result.get("observations", ())}
    return [
        Result(
            item=one["target"]["target-id"].removeprefix("item-"),
            title=one["title"],
            state=_said(one, "state"),
            because=one["description"],
            sources=tuple(
                (seen[two["observation-uuid"]]["title"], _said(seen[two["observation-uuid"]], "state"),
                 _said(seen[two["observation-uuid"]], "digest"))
                for two in one.get("related-observations", ())
            ),
        )
        for one in result.get("findings", ())
    ]  # fmt: skip


def _said(one: Mapping[str, Any], name: str) -> str:
    return next((str(each["value"]) for each in one.get("props", ()) if each["name"] == name), "")


def _token(one: Judged) -> str:
    """An item's id in the form that OSCAL asks of ids: it begins with a letter."""
    return f"item-{one.item.id}"


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": SPACE, "value": value}


def _id(name: str, part: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{name}/{part}"))
