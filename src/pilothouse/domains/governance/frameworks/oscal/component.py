"""Our controls as an OSCAL component definition, each a component that implements requirements, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.frameworks.documents import Control, Framework, control_of
from pilothouse.domains.governance.frameworks.oscal.words import Json, all_said, metadata, prop, said, token, uid

_LISTS = {"when": "when", "checks": "check", "records": "record", "shown_by": "shown-by"}


def component_definition_of(controls: Iterable[Control], frameworks: Sequence[Framework], modified: datetime) -> Json:
    """Controls as components; each says which requirements of which framework it implements, and how much of each."""
    found = list(controls)
    digest = content_hash([[one.model_dump(mode="json") for one in found], [one.said() for one in frameworks]])
    return {
        "component-definition": {
            "uuid": uid("component-definition", digest),
            "metadata": metadata("Controls", digest.removeprefix("sha256:")[:12], modified),
            "components": [_component(one, frameworks) for one in found],
        }
    }


def _component(control: Control, frameworks: Sequence[Framework]) -> Json:
    props = [prop("control-id", control.id), prop("of", control.of), prop("every-days", str(control.every))]
    props += [prop("does", control.does)] if control.does else []
    props += [prop("why", control.why)] if control.why else []
    props += [prop(word, value) for name, word in _LISTS.items() for value in getattr(control, name)]
    body: Json = {
        "uuid": uid("component", control.id),
        "type": "process-procedure",
        "title": control.title,
        "description": control.does or control.title,
        "props": props,
    }
    served = [one for framework in frameworks if (one := _implemented(control, framework))]
    return body | ({"control-implementations": served} if served else {})


def _implemented(control: Control, framework: Framework) -> Json | None:
    lines = [
        {
            "uuid": uid("implemented", framework.id, requirement.id, control.id),
            "control-id": token(requirement.id),
            "description": f"{control.title}: {relation.value}",
            "props": [prop("relation", relation.value)],
        }
        for requirement in framework.walk()
        if (relation := requirement.by.get(control.id))
    ]
    if not lines:
        return None
    return {
        "uuid": uid("implementation", framework.id, control.id),
        "source": f"{framework.id}.catalog.json",
        "description": f"What it does for {framework.title}",
        "implemented-requirements": lines,
    }


def controls_from(document: Any) -> list[Control]:
    """The controls of a component definition that was written here. Raises Invalid with the path of what is wrong."""
    body = document.get("component-definition") if isinstance(document, dict) else None
    components = body.get("components") if isinstance(body, dict) else None
    if not isinstance(components, list):
        raise Invalid(
            "This is no OSCAL component definition with components.",
            fields={"component-definition.components": "A list is expected here."},
        )
    return [_control(one, f"component-definition.components.{at}") for at, one in enumerate(components)]


def _control(one: Any, path: str) -> Control:
    props = one.get("props") if isinstance(one, dict) else None
    name = said(props, "control-id") if isinstance(props, list) else ""
    if not isinstance(props, list) or not name:
        raise Invalid(
            "This component definition was not written by Pilothouse.",
            fields={f"{path}.props": "A component here names its control in the property “control-id”."},
        )
    every = said(props, "every-days")
    return control_of(
        {
            "id": name,
            "title": one.get("title"),
            "of": said(props, "of") or "system",
            "does": said(props, "does"),
            "why": said(props, "why"),
            "every": int(every) if every.isdecimal() else 365,
            **{field: all_said(props, word) for field, word in _LISTS.items()},
        }
    )
