"""A framework as an OSCAL catalog, and a catalog (ours or anybody's) as a framework.

Ours comes back equal. Of a foreign one, what is not understood is kept under `kept` and goes out again as it came.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.frameworks.documents import Framework, Group, Requirement, framework_of
from pilothouse.domains.governance.frameworks.oscal.words import (
    Json,
    all_said,
    foreign,
    metadata,
    ours,
    prop,
    said,
    token,
    uid,
)

_DIRECT = "requirements-of-the-group"
_TOP = "requirements-of-the-catalog"
_PLAIN = ("label", "cite", "of", "confidence", "note")
_METADATA = ("title", "version", "oscal-version", "last-modified", "props")


def catalog_of(framework: Framework, modified: datetime) -> Json:
    """The framework as an OSCAL catalog. The same framework and time give the same document."""
    digest = content_hash(framework.said())
    kept = dict(framework.kept)
    props = [prop("framework-id", framework.id)]
    props += [prop(name, value) for name in ("publisher", "edition", "note") if (value := getattr(framework, name))]
    if framework.as_of:
        props.append(prop("as-of", framework.as_of.isoformat()))
    about = kept.pop("metadata", {})
    top = [group for group in framework.groups if _is(group, _TOP)]
    body: Json = {
        "uuid": uid("catalog", framework.id, digest),
        "metadata": metadata(framework.title, framework.edition, modified, [*about.get("props", ()), *props])
        | {key: value for key, value in about.items() if key != "props"},
        **kept,
    }
    if groups := [_group_out(group) for group in framework.groups if not _is(group, _TOP)]:
        body["groups"] = groups
    if controls := [_control_out(one) for group in top for one in group.requirements]:
        body["controls"] = controls
    return {"catalog": body}


def _is(group: Group, marker: str) -> bool:
    return group.kept.get("marker") == marker


def _group_out(group: Group) -> Json:
    kept = {key: value for key, value in group.kept.items() if key not in ("props", "marker")}
    props = [*group.kept.get("props", ()), *_id_prop(group.id)]
    body: Json = {"id": token(group.id), "title": group.title, **({"props": props} if props else {}), **kept}
    requirements = [_control_out(one) for one in group.requirements]
    groups = [_group_out(one) for one in group.groups]
    if requirements and groups:
        # OSCAL's groups hold controls or groups, and not both: ours go into a group of their own.
        marked = {"props": [prop("marker", _DIRECT)], "controls": requirements}
        return body | {"groups": [{"id": f"{token(group.id)}-own", "title": group.title, **marked}, *groups]}
    return body | ({"controls": requirements} if requirements else {}) | ({"groups": groups} if groups else {})


def _id_prop(name: str) -> list[Json]:
    return [] if token(name) == name else [prop("own-id", name)]


def _control_out(one: Requirement) -> Json:
    kept = dict(one.kept)
    props = [*kept.pop("props", ()), *_id_prop(one.id)]
    props += [prop(name, value) for name in _PLAIN if (value := getattr(one, name)) and value != "system"]
    if one.from_:
        props.append(prop("from", one.from_.isoformat()))
    props += [prop("when", name) for name in one.when]
    props += [prop("served-by", control, **{"class": relation.value}) for control, relation in one.by.items()]
    body: Json = {"id": token(one.id), "title": one.title, **({"props": props} if props else {}), **kept}
    if one.text and "parts" not in kept:
        body["parts"] = [{"id": f"{token(one.id)}_smt", "name": "statement", "prose": one.text}]
    inner = [_control_out(each) for each in one.requirements]
    return body | ({"controls": inner} if inner else {})


def framework_from(document: Any, key: str = "") -> Framework:
    """A framework from an OSCAL catalog; `key` is its id, where the catalog does not say one. Raises Invalid with the
    path of what is wrong."""
    body = document.get("catalog") if isinstance(document, dict) else None
    if not isinstance(body, dict):
        raise Invalid("This is no OSCAL catalog.", fields={"catalog": "The document begins with “catalog”."})
    about = _object(body.get("metadata"), "catalog.metadata")
    props = _list(about.get("props"), "catalog.metadata.props")
    own_id = said(props, "framework-id")
    groups = [
        _group_in(one, f"catalog.groups.{at}") for at, one in enumerate(_list(body.get("groups"), "catalog.groups"))
    ]
    if top := _list(body.get("controls"), "catalog.controls"):
        controls = [_control_in(one, f"catalog.controls.{at}") for at, one in enumerate(top)]
        groups.append({"id": "controls", "title": "Controls", "requirements": controls, "kept": {"marker": _TOP}})
    kept = {name: value for name, value in body.items() if name not in ("uuid", "metadata", "groups", "controls")}
    others = {name: value for name, value in about.items() if name not in _METADATA}
    if theirs := foreign(props):
        others["props"] = theirs
    if others:
        kept["metadata"] = others
    return framework_of(
        _without_empty(
            {
                "id": key or own_id or _slug(str(about.get("title", ""))),
                "title": about.get("title"),
                "publisher": said(props, "publisher"),
                "edition": said(props, "edition") if own_id else str(about.get("version", "")),
                "note": said(props, "note"),
                "as_of": said(props, "as-of") or None,
                "groups": groups,
                "kept": kept,
            }
        )
    )


def _group_in(one: Any, path: str) -> Json:
    group = _object(one, path)
    props = _list(group.get("props"), f"{path}.props")
    requirements = [
        _control_in(each, f"{path}.controls.{at}")
        for at, each in enumerate(_list(group.get("controls"), f"{path}.controls"))
    ]
    groups = []
    for at, each in enumerate(_list(group.get("groups"), f"{path}.groups")):
        inner = _object(each, f"{path}.groups.{at}")
        if said(_list(inner.get("props"), f"{path}.groups.{at}.props"), "marker") == _DIRECT:
            requirements += [
                _control_in(own, f"{path}.groups.{at}.controls.{place}")
                for place, own in enumerate(_list(inner.get("controls"), f"{path}.groups.{at}.controls"))
            ]
        else:
            groups.append(_group_in(inner, f"{path}.groups.{at}"))
    kept = {key: value for key, value in group.items() if key not in ("id", "title", "props", "controls", "groups")}
    if theirs := foreign(props):
        kept["props"] = theirs
    name = said(props, "own-id") or str(group.get("id") or _slug(str(group.get("title", ""))))
    return _without_empty(
        {"id": name, "title": group.get("title"), "requirements": requirements, "groups": groups, "kept": kept}
    )


def _control_in(one: Any, path: str) -> Json:
    control = _object(one, path)
    props = _list(control.get("props"), f"{path}.props")
    parts = _list(control.get("parts"), f"{path}.parts")
    name = said(props, "own-id") or str(control.get("id", ""))
    kept = {key: value for key, value in control.items() if key not in ("id", "title", "props", "controls", "parts")}
    if theirs := foreign(props):
        kept["props"] = theirs
    text = _prose(parts)
    if parts and parts != [{"id": f"{token(name)}_smt", "name": "statement", "prose": text}]:
        kept["parts"] = parts
    label = said(props, "label") or next((str(p.get("value", "")) for p in theirs if p.get("name") == "label"), "")
    mine = {key: said(props, key) for key in _PLAIN if key != "label"}
    return _without_empty(
        {
            "id": name,
            "title": control.get("title"),
            "label": label,
            **mine,
            "text": text,
            "from": said(props, "from") or None,
            "when": all_said(props, "when"),
            "by": {p.get("value"): p.get("class") for p in ours(props) if p.get("name") == "served-by"},
            "requirements": [
                _control_in(each, f"{path}.controls.{at}")
                for at, each in enumerate(_list(control.get("controls"), f"{path}.controls"))
            ],
            "kept": kept,
        }
    )


def _prose(parts: list[Any]) -> str:
    """The words of the statement, item by item."""
    found: list[str] = []
    for part in parts:
        if isinstance(part, dict) and part.get("name") in ("statement", "item"):
            if prose := part.get("prose"):
                found.append(str(prose))
            if inner := _prose(part["parts"] if isinstance(part.get("parts"), list) else []):
                found.append(inner)
    return "\n".join(found)


def _without_empty(found: Json) -> Json:
    return {key: value for key, value in found.items() if value not in ("", [], {}, None) or key in ("id", "title")}


def _object(value: Any, path: str) -> Json:
    if not isinstance(value, dict):
        raise Invalid("This OSCAL document cannot be taken as it is.", fields={path: "An object is expected here."})
    return value


def _list(value: Any, path: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Invalid("This OSCAL document cannot be taken as it is.", fields={path: "A list is expected here."})
    return value


def _slug(text: str) -> str:
    slug = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text.lower())
    return "_".join(part for part in slug.split("_") if part)[:60] or "imported"
