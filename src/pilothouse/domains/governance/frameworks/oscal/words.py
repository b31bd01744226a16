"""What our OSCAL documents share: the version, our namespace, ids that are the same for the same content, properties.

OSCAL 1.2 (NIST): https://pages.nist.gov/OSCAL/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

VERSION = "1.2.1"
NS = "https://pilothouse.example/ns/oscal"
_ROOT = uuid5(NAMESPACE_URL, NS)
_VALUE = re.compile(r"\S([^\r\n]*\S)?")

Json = dict[str, Any]


def uid(*parts: str) -> str:
    """A UUID (version 5) of its parts: the same content has the same id everywhere."""
    return str(uuid5(_ROOT, "\x1f".join(parts)))


def prop(name: str, value: str, **more: str) -> Json:
    """A property of ours. A value that is no line of text, which OSCAL does not take, goes into the remarks."""
    if _VALUE.fullmatch(value):
        return {"name": name, "ns": NS, "value": value} | more
    return {"name": name, "ns": NS, "value": "see-remarks", "remarks": value} | more


def ours(props: Sequence[Json]) -> list[Json]:
    """The properties in our namespace."""
    return [one for one in props if isinstance(one, Mapping) and one.get("ns") == NS]


def foreign(props: Sequence[Json]) -> list[Json]:
    """The properties that are not ours, as they came."""
    return [one for one in props if not (isinstance(one, Mapping) and one.get("ns") == NS)]


def said(props: Sequence[Json], name: str) -> str:
    """The value of our property of that name; nothing where there is none."""
    return next((_value(one) for one in ours(props) if one.get("name") == name), "")


def all_said(props: Sequence[Json], name: str) -> list[str]:
    """The values of all our properties of that name, in order."""
    return [_value(one) for one in ours(props) if one.get("name") == name]


def _value(one: Json) -> str:
    if one.get("value") == "see-remarks" and "remarks" in one:
        return str(one["remarks"])
    return str(one.get("value", ""))


def token(name: str) -> str:
    """An id as OSCAL takes it: one that begins with a digit gets an underscore before it."""
    return name if name[:1].isalpha() or name[:1] == "_" else f"_{name}"


def metadata(title: str, version: str, modified: datetime, props: Sequence[Json] = (), **more: Any) -> Json:
    """The metadata that every OSCAL document begins with."""
    when = modified.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    found: Json = {"title": title, "last-modified": when, "version": version or "unstated", "oscal-version": VERSION}
    return found | ({"props": list(props)} if props else {}) | more
