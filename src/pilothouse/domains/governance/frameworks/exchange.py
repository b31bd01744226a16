"""Reading what people upload (our YAML, OSCAL, a table) and writing what they take away."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import yaml

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.frameworks.documents import (
    MAX_BYTES,
    Control,
    Framework,
    control_of,
    framework_of,
    yaml_of,
)
from pilothouse.domains.governance.frameworks.oscal.catalog import framework_from

COLUMNS = ("id", "title", "group", "label", "text", "citation", "from", "of", "when", "confidence", "note", "controls")
"""The columns of a table; `id` and `title` are needed. `when` and `controls` hold several, apart by semicolons, and a
control says how it stands to the requirement: `SEC-5 superset; MOD-9 subset`."""


def text_of(data: bytes) -> str:
    """An upload as text. Raises Invalid for one that is too large or no UTF-8."""
    if len(data) > MAX_BYTES:
        raise Invalid("The file is too large.", fields={"file": f"At most {MAX_BYTES >> 20} MB."})
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("The file is not UTF-8 text.", fields={"file": f"Byte {error.start} is none."}) from None


def json_of(text: str) -> Any:
    """The value of a JSON text. Raises Invalid with the line of a fault."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Invalid("This is not JSON.", fields={where: error.msg}) from None
    except RecursionError:
        raise Invalid("It is nested too deeply.", fields={"document": "At most some twenty levels."}) from None


def read_framework(filename: str, data: bytes, key: str = "", title: str = "") -> Framework:
    """A framework from an upload: ours in YAML or JSON, an OSCAL catalog, or a table in CSV. `key` and `title` name it
    where the file does not. Raises Invalid with the path or line of what is wrong."""
    text = text_of(data)
    if filename.lower().endswith(".csv"):
        return framework_of(table_of(text, key, title))
    if text.lstrip().startswith("{"):
        said = json_of(text)
        if isinstance(said, Mapping) and "catalog" in said:
            return framework_from(said, key)
        return framework_of(said)
    value, lines = yaml_of(text)
    if isinstance(value, Mapping) and "catalog" in value:
        return framework_from(value, key)
    return framework_of(value, lines)


def table_of(text: str, key: str, title: str) -> dict[str, Any]:
    """A framework from a table with a head, apart by commas or semicolons. Raises Invalid with the line."""
    head = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or not {"id", "title"} <= set(names):
        wrong = (
            f"“{unknown[0]}” is not known; there are {', '.join(COLUMNS)}." if unknown else "id and title are needed."
        )
        raise Invalid("The table's head cannot be read.", fields={"line 1": wrong})
    reader.fieldnames = names
    groups: dict[str, list[dict[str, Any]]] = {}
    try:
        for row in reader:
            if None in row:
                raise Invalid(
                    "The table cannot be read.", fields={f"line {reader.line_num}": "More cells than columns."}
                )
            cells = {name: (value or "").strip() for name, value in row.items()}
            if any(cells.values()):
                groups.setdefault(cells.pop("group", "") or "Requirements", []).append(_row(cells, reader.line_num))
    except csv.Error as error:
        raise Invalid("The table cannot be read.", fields={f"line {reader.line_num}": str(error)}) from None
    return {
        "id": key,
        "title": title or key,
        "groups": [
            {"id": f"g{at}", "title": name, "requirements": rows} for at, (name, rows) in enumerate(groups.items(), 1)
        ],
    }


def _row(cells: dict[str, str], line: int) -> dict[str, Any]:
    found: dict[str, Any] = {name: value for name, value in cells.items() if value and name not in _SPECIAL}
    if cells.get("citation"):
        found["cite"] = cells["citation"]
    if cells.get("when"):
        found["when"] = [one.strip() for one in cells["when"].split(";") if one.strip()]
    by = {}
    for one in filter(None, (part.strip() for part in cells.get("controls", "").split(";"))):
        control, _, relation = one.partition(" ")
        if not relation.strip():
            raise Invalid(
                "The table cannot be read.",
                fields={f"line {line}": f"Say how “{control}” stands to it, such as subset."},
            )
        by[control] = relation.strip()
    return found | ({"by": by} if by else {})


_SPECIAL = ("citation", "when", "controls")


def framework_yaml(framework: Framework) -> str:
    """A framework in our YAML, such as read_framework takes."""
    return _yaml(framework.said())


def controls_yaml(controls: list[Control]) -> str:
    """Controls in our YAML, such as read_controls takes."""
    return _yaml({"controls": [one.model_dump(mode="json", exclude_defaults=True) for one in controls]})


def read_controls(data: bytes) -> list[Control]:
    """Controls from our YAML or JSON. Raises Invalid with the path or line of what is wrong."""
    value, lines = yaml_of(text_of(data))
    listed = value.get("controls") if isinstance(value, Mapping) else None
    if not isinstance(listed, list):
        raise Invalid("These are no controls.", fields={"controls": "A list is expected here."})
    return [
        control_of(one, {path[2:]: line for path, line in lines.items() if path[:2] == ("controls", at)})
        for at, one in enumerate(listed)
    ]


def _yaml(said: Any) -> str:
    text: str = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=120)
    return text
