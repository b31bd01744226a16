"""The mapping of a framework to our controls as an OSCAL mapping collection (new in OSCAL 1.2), and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.frameworks.documents import Framework, Relation
from pilothouse.domains.governance.frameworks.oscal.words import Json, metadata, prop, token, uid

CONTROLS = "controls"
RELATIONSHIPS = {
    Relation.EQUAL: "equal-to",
    Relation.SUPERSET: "superset-of",
    Relation.SUBSET: "subset-of",
    Relation.INTERSECTS: "intersects-with",
}
_BACK = {word: relation for relation, word in RELATIONSHIPS.items()} | {"equivalent-to": Relation.EQUAL}


def mapping_of(framework: Framework, modified: datetime) -> Json:
    """The mapping as an OSCAL mapping collection: sources are our controls, targets the framework's requirements.
    Raises Invalid where nothing is mapped, since OSCAL has no empty mapping."""
    digest = content_hash(framework.said())
    maps = [
        {
            "uuid": uid("map", framework.id, control, requirement.id, relation.value),
            "relationship": RELATIONSHIPS[relation],
            "sources": [{"type": "control", "id-ref": control}],
            "targets": [{"type": "control", "id-ref": token(requirement.id)}],
        }
        for requirement in framework.walk()
        for control, relation in requirement.by.items()
    ]
    if not maps:
        raise Invalid("No control serves it yet, so there is no mapping to export.")
    lacking = [token(requirement.id) for requirement in framework.walk() if not requirement.by]
    mapping: Json = {
        "uuid": uid("mapping", framework.id, digest),
        "source-resource": {"type": "catalog", "href": f"{CONTROLS}.component-definition.json"},
        "target-resource": {"type": "catalog", "href": f"{framework.id}.catalog.json"},
        "maps": maps,
    }
    if lacking:
        gap = {"uuid": uid("gap", framework.id, digest), "unmapped-controls": [{"with-ids": lacking}]}
        mapping["target-gap-summary"] = gap
    return {
        "mapping-collection": {
            "uuid": uid("mapping-collection", framework.id, digest),
            "metadata": metadata(
                f"Controls mapped to {framework.title}",
                framework.edition,
                modified,
                [prop("framework-id", framework.id)],
            ),
            "provenance": {
                "method": "human",
                "matching-rationale": "functional",
                "status": "complete" if not lacking else "draft",
                "mapping-description": "Which controls serve which requirement, and how much of it.",
            },
            "mappings": [mapping],
        }
    }


def mapping_from(document: Any, framework: Framework) -> Framework:
    """The framework with the mapping that an OSCAL mapping collection says; what maps to another one is left aside.
    Raises Invalid with the path of what is wrong."""
    body = document.get("mapping-collection") if isinstance(document, Mapping) else None
    if not isinstance(body, Mapping) or not isinstance(body.get("mappings"), list | Mapping):
        raise Invalid(
            "This is no OSCAL mapping collection.",
            fields={"mapping-collection": "The document begins with “mapping-collection” and has “mappings”."},
        )
    mappings = body["mappings"] if isinstance(body["mappings"], list) else [body["mappings"]]
    places = {token(requirement.id): requirement.id for requirement in framework.walk()}
    found: dict[str, dict[str, Relation]] = {}
    for at, mapping in enumerate(mappings):
        for number, one in enumerate(mapping.get("maps", ()) if isinstance(mapping, Mapping) else ()):
            _read(one, f"mapping-collection.mappings.{at}.maps.{number}", places, found)
    changed = framework.model_copy(deep=True)
    for requirement in changed.walk():
        requirement.by = found.get(requirement.id, {})
    return changed


def _read(one: Any, path: str, places: Mapping[str, str], found: dict[str, dict[str, Relation]]) -> None:
    try:
        word = one["relationship"]
        sources = [item["id-ref"] for item in one["sources"]]
        targets = [item["id-ref"] for item in one["targets"]]
    except (KeyError, TypeError):
        raise Invalid(
            "This OSCAL document cannot be taken as it is.",
            fields={path: "A map has a relationship, sources and targets, each with an id-ref."},
        ) from None
    if word == "no-relationship":
        return
    if word not in _BACK:
        raise Invalid(
            "This OSCAL document cannot be taken as it is.",
            fields={f"{path}.relationship": f"“{word}” is not known; there are {', '.join(_BACK)}."},
        )
    for target in targets:
        if target in places:
            found.setdefault(places[target], {}).update(dict.fromkeys(sources, _BACK[word]))
