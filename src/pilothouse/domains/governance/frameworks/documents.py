"""What a control and a framework are: documents that ship with Pilothouse, or that a person brings or writes.

Both are read from YAML or JSON. What is wrong with one is said with its path and, where the text is at hand, its line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.frameworks.conditions import CONDITIONS

MAX_BYTES = 5 * 1024 * 1024
MAX_REQUIREMENTS = 5000

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,79}$")]
Line = Annotated[str, Field(pattern=r"^(\S([^\r\n]*\S)?)?$", max_length=300)]
"""One line of text, or nothing."""
Text = Annotated[str, Field(pattern=r"^\S([^\r\n]*\S)?$", max_length=500)]
Long = Annotated[str, Field(max_length=20_000)]
Of = Literal["system", "organisation"]
Condition = Annotated[str, Field(json_schema_extra={"enum": list(CONDITIONS)})]


class Relation(StrEnum):
    """How a control stands to a requirement (OSCAL control mapping; NIST IR 8477, set theory)."""

    EQUAL = "equal"
    SUPERSET = "superset"
    SUBSET = "subset"
    INTERSECTS = "intersects"

    @property
    def whole(self) -> bool:
        """Does the control do all that the requirement asks?"""
        return self in (Relation.EQUAL, Relation.SUPERSET)


RELATIONS: dict[str, str] = {
    "equal": "does just what is asked",
    "superset": "does all that is asked, and more",
    "subset": "does a part of what is asked",
    "intersects": "does some of it, and other things",
}
CONFIDENCE: dict[str, str] = {
    "verified_text": "Checked against the text",
    "secondary_x2+": "Two or more independent sources",
    "secondary_x1": "One detailed source",
    "inference": "Our reading; have it confirmed",
    "": "Not stated",
}
Confidence = Literal["verified_text", "secondary_x2+", "secondary_x1", "inference", ""]


class Document(BaseModel):
    """It takes no field that it does not know, so a misspelt one is pointed out."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, str_strip_whitespace=True)


class Control(Document):
    """Something that is done again and again, in our own words, with what shows that it works."""

    id: Name
    title: Text
    of: Of = "system"
    does: Long = ""
    why: Long = ""
    every: int = Field(365, ge=1, le=3660)
    when: list[Condition] = []
    checks: list[Name] = []
    records: list[Name] = []
    shown_by: list[Text] = []

    @model_validator(mode="after")
    def _known(self) -> Control:
        _check_conditions(self.when)
        if self.of == "organisation" and self.checks:
            raise ValueError("checks judge systems, so a control of the organisation has none")
        return self


class Requirement(Document):
    """One thing that a framework asks. `by` names the controls that serve it. `kept` is what an imported document said
    beside what is understood here; it goes out again as it came."""

    id: Name
    label: Line = ""
    title: Text
    text: Long = ""
    cite: Line = ""
    of: Of = "system"
    from_: date | None = Field(None, alias="from")
    when: list[Condition] = []
    confidence: Confidence = ""
    note: Long = ""
    by: dict[Name, Relation] = {}
    requirements: list[Requirement] = []
    kept: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """What people call it."""
        return self.label or self.id

    @model_validator(mode="after")
    def _known(self) -> Requirement:
        _check_conditions(self.when)
        return self


class Group(Document):
    """A chapter of a framework."""

    id: Name
    title: Text
    requirements: list[Requirement] = []
    groups: list[Group] = []
    kept: dict[str, Any] = {}


class Framework(Document):
    """A law, a standard or a list of one's own, as requirements in groups."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
    title: Text
    publisher: Line = ""
    edition: Line = ""
    as_of: date | None = None
    note: Long = ""
    groups: list[Group] = []
    kept: dict[str, Any] = {}

    @model_validator(mode="after")
    def _whole(self) -> Framework:
        seen: set[str] = set()
        for requirement in self.walk():
            if requirement.id in seen:
                raise ValueError(f"two requirements are called “{requirement.id}”")
            seen.add(requirement.id)
        if len(seen) > MAX_REQUIREMENTS:
            raise ValueError(f"more than {MAX_REQUIREMENTS} requirements")
        return self

    def walk(self) -> Iterator[Requirement]:
        """Every requirement, in reading order, those within others too."""
        for group in self.groups:
            yield from _of_group(group)

    def requirement(self, requirement_id: str) -> Requirement | None:
        """The requirement of that id, or None."""
        return next((one for one in self.walk() if one.id == requirement_id), None)

    def said(self) -> dict[str, Any]:
        """The document in JSON's types, without what is left at its default."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _of_group(group: Group) -> Iterator[Requirement]:
    for requirement in group.requirements:
        yield from _within(requirement)
    for inner in group.groups:
        yield from _of_group(inner)


def _within(requirement: Requirement) -> Iterator[Requirement]:
    yield requirement
    for inner in requirement.requirements:
        yield from _within(inner)


def _check_conditions(when: list[str]) -> None:
    unknown = [name for name in when if name not in CONDITIONS]
    if unknown:
        raise ValueError(f"“{unknown[0]}” is no condition; there are {', '.join(CONDITIONS)}")


def framework_of(said: Any, lines: dict[tuple[Any, ...], int] | None = None) -> Framework:
    """A framework from JSON's types. Raises Invalid with path (and line) of what is wrong."""
    try:
        return Framework.model_validate(plain_json(said))
    except ValidationError as error:
        raise wrong("This framework", error, lines) from None
    except RecursionError:
        raise Invalid("It is nested too deeply.", fields={"document": "At most some twenty levels."}) from None


def control_of(said: Any, lines: dict[tuple[Any, ...], int] | None = None) -> Control:
    """A control from JSON's types. Raises Invalid with path (and line) of what is wrong."""
    try:
        return Control.model_validate(plain_json(said))
    except ValidationError as error:
        raise wrong("This control", error, lines) from None


def plain_json(said: Any) -> Any:
    """`said` in JSON's types, dates as ISO 8601. Raises Invalid for what no database keeps: NUL, half a character,
    numbers that are none."""
    try:
        text = json.dumps(said, default=str, allow_nan=False, ensure_ascii=False)
        text.encode()
    except (TypeError, ValueError):
        raise Invalid("It holds something that is not JSON.", fields={"document": "Text, numbers, lists."}) from None
    found = json.loads(text)
    if any("\x00" in one for one in _texts(found)):
        raise Invalid("It holds a NUL character.", fields={"document": "Take it out."})
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield key
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def wrong(what: str, error: ValidationError, lines: dict[tuple[Any, ...], int] | None) -> Invalid:
    """A pydantic error as ours: field path → what is wrong, at most twenty of them."""
    fields: dict[str, str] = {}
    for one in error.errors(include_url=False)[:20]:
        path = tuple(one["loc"])
        line = _line(path, lines or {})
        at = ".".join(str(part) for part in path) or "document"
        fields[at] = one["msg"].removeprefix("Value error, ") + (f" (line {line})" if line else "")
    return Invalid(f"{what} cannot be taken as it is.", fields=fields)


def _line(path: tuple[Any, ...], lines: dict[tuple[Any, ...], int]) -> int | None:
    while path not in lines and path:
        path = path[:-1]
    return lines.get(path)


def yaml_of(text: str) -> tuple[Any, dict[tuple[Any, ...], int]]:
    """The value of a YAML (or JSON) text, with the line of each path. Raises Invalid with the line of a fault.

    Aliases are refused: a few lines of them can stand for gigabytes.
    """
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=yaml.SafeLoader)):
            raise Invalid("Write it without YAML aliases (*name).", fields={"document": "Aliases are not taken."})
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        value = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "document"
        raise Invalid(f"This is not YAML or JSON: {error.problem}.", fields={where: str(error.problem)}) from None
    except (yaml.YAMLError, ValueError) as error:
        raise Invalid("This is not YAML or JSON.", fields={"document": str(error)[:200]}) from None
    except RecursionError:
        raise Invalid("It is nested too deeply.", fields={"document": "At most some twenty levels."}) from None
    lines: dict[tuple[Any, ...], int] = {}
    _mark(node, (), lines)
    return value, lines


def _mark(node: Any, path: tuple[Any, ...], lines: dict[tuple[Any, ...], int]) -> None:
    if node is None:
        return
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _mark(value, (*path, key.value), lines)
    elif isinstance(node, yaml.SequenceNode):
        for at, value in enumerate(node.value):
            _mark(value, (*path, at), lines)
