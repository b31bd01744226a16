"""What a record kind's pydantic schema says of a body: is it whole, what is missing, how does one read it. Pure."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Literal, Optional, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError, create_model
from pydantic.fields import FieldInfo

from pilothouse.contracts.canonical import plain

WORDS = {
    "missing": "Still to be filled in.",
    "string_too_short": "Say a little more: at least {min_length} characters.",
    "string_too_long": "Keep it to {max_length} characters.",
    "too_short": "Give at least {min_length}.",
    "too_long": "Give at most {max_length}.",
    "decimal_parsing": "Write a number, such as 12.5.",
    "decimal_type": "Write a number, such as 12.5.",
    "int_parsing": "Write a whole number.",
    "int_type": "Write a whole number.",
    "int_from_float": "Write a whole number.",
    "float_parsing": "Write a number, such as 12.5.",
    "bool_parsing": "Say yes or no.",
    "bool_type": "Say yes or no.",
    "date_from_datetime_parsing": "Write a date, such as 2027-03-31.",
    "date_parsing": "Write a date, such as 2027-03-31.",
    "date_type": "Write a date, such as 2027-03-31.",
    "greater_than": "It must be more than {gt}.",
    "greater_than_equal": "It must be at least {ge}.",
    "less_than": "It must be less than {lt}.",
    "less_than_equal": "It must be at most {le}.",
    "literal_error": "Choose one of the answers.",
    "enum": "Choose one of the answers.",
    "extra_forbidden": "There is no such field.",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One field of a schema, unwrapped. `kind`: text, long_text, number, integer, date, yes_no, choice, texts, model,
    models. `choices` are (value, label); `schema` is the model of a nested field; `refers` is the register whose keys
    the text may be (see fields.refers); `full` fields are not asked for in the short form, and
    `short` ones are shown there though they may be left open."""

    name: str
    title: str
    help: str
    kind: str
    required: bool
    choices: tuple[tuple[str, str], ...] = ()
    schema: type[BaseModel] | None = None
    refers: str = ""
    full: bool = False
    short: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document as people read it; `group` is the title of the part it belongs to. Where it refers to
    something, `refers` is the register and `keys` what it names there."""

    path: str
    group: str
    title: str
    value: str
    refers: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One line that differs between two versions."""

    group: str
    title: str
    before: str
    after: str


@functools.cache
def short_form(schema: type[BaseModel]) -> type[BaseModel]:
    """The same schema with everything that is marked FULL left open: what the low tier is asked for."""
    opened: dict[str, Any] = {}
    for name, info in schema.model_fields.items():
        if name in full_fields(schema):
            freed = copy(info)
            freed.default = None
            opened[name] = (Optional[info.annotation], freed)  # noqa: UP045 - made at run time
    return create_model(schema.__name__, __base__=schema, **opened) if opened else schema


@functools.cache
def full_fields(schema: type[BaseModel]) -> frozenset[str]:
    """The fields that only the full form needs."""
    return frozenset(
        name for name, info in schema.model_fields.items() if info.is_required() and _extra(info).get("full")
    )


def references(schema: type[BaseModel], body: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """What a body refers to: (dotted path, register, key)."""
    for shape in shapes(schema):
        value, path = body.get(shape.name), f"{prefix}{shape.name}"
        if value is None or value == "":
            continue
        if shape.kind == "model" and shape.schema:
            yield from references(shape.schema, value, f"{path}.")
        elif shape.kind == "models" and shape.schema:
            for number, item in enumerate(value):
                yield from references(shape.schema, item, f"{path}.{number}.")
        elif shape.refers:
            for item in value if isinstance(value, list) else [value]:
                yield path, shape.refers, str(item)


def problems(schema: type[BaseModel], body: Mapping[str, Any]) -> dict[str, str]:
    """What still keeps `body` from being sealed: dotted path → plain words. Empty when it is whole."""
    try:
        schema.model_validate(_filled(body))
    except ValidationError as error:
        found: dict[str, str] = {}
        for one in error.errors():
            found.setdefault(".".join(str(part) for part in one["loc"]), _words(one))
        return found
    return {}


def whole(schema: type[BaseModel], body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as it is sealed: validated, in JSON's types. Raises pydantic's ValidationError when it is not whole."""
    return dict(plain(schema.model_validate(_filled(body)).model_dump(mode="json")))


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Do two bodies say the same, whether what is empty was left out or kept as empty?"""
    return bool(_said(one) == _said(other))


def _said(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {key: _said(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        return [_said(item) for item in value]
    return value.strip() if isinstance(value, str) else value


def unknown_fields(schema: type[BaseModel], body: Mapping[str, Any]) -> list[str]:
    """Top-level names in `body` that the schema does not have."""
    return sorted(set(body) - set(schema.model_fields))


def shapes(schema: type[BaseModel]) -> Iterator[Shape]:
    """The fields of a schema, in order."""
    return iter(_shapes(schema))


@functools.cache
def _shapes(schema: type[BaseModel]) -> tuple[Shape, ...]:
    """Worked out once for each schema: tables ask for them row by row."""
    return tuple(_shape(name, info) for name, info in schema.model_fields.items())


def lines(schema: type[BaseModel], body: Mapping[str, Any], prefix: str = "", group: str = "") -> Iterator[Line]:
    """A document in words, field by field; nested parts under their own group."""
    for shape in shapes(schema):
        value = body.get(shape.name)
        path = f"{prefix}{shape.name}"
        if shape.kind == "model" and shape.schema:
            yield from lines(shape.schema, value if isinstance(value, Mapping) else {}, f"{path}.", shape.title)
        elif shape.kind == "models" and shape.schema:
            for number, item in enumerate(value if isinstance(value, list) else []):
                row = item if isinstance(item, Mapping) else {}
                yield from lines(shape.schema, row, f"{path}.{number}.", _row_title(shape, item, number))
        else:
            yield Line(path, group, shape.title, words(shape, value), shape.refers, _keys(shape, value))


def _keys(shape: Shape, value: Any) -> tuple[str, ...]:
    if not shape.refers or value is None or value == "":
        return ()
    return tuple(str(item) for item in (value if isinstance(value, list) else [value]))


def difference(schema: type[BaseModel], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What changed from one body to another, in the order of the schema."""
    old = {line.path: line for line in lines(schema, before)}
    new = {line.path: line for line in lines(schema, after)}
    return [
        Difference(
            (new.get(path) or old[path]).group,
            (new.get(path) or old[path]).title,
            old[path].value if path in old else "",
            new[path].value if path in new else "",
        )
        for path in dict.fromkeys([*new, *old])
        if (old[path].value if path in old else "") != (new[path].value if path in new else "")
    ]


def words(shape: Shape, value: Any) -> str:
    """A value as people read it; empty when nothing was said."""
    if value is None or value == "":
        return ""
    if shape.kind == "choice":
        return dict(shape.choices).get(str(value), str(value))
    if shape.kind == "yes_no":
        return "Yes" if value is True else "No" if value is False else str(value)
    if isinstance(value, list):
        return "\n".join(str(item) for item in value)
    if shape.kind in ("number", "integer"):
        return _grouped(str(value))
    return str(value)


def _grouped(text: str) -> str:
    """A number with its thousands apart; what is none stays as it is."""
    try:
        return format(Decimal(text), ",f")
    except (InvalidOperation, ValueError):
        return text


def _shape(name: str, info: FieldInfo) -> Shape:
    annotation = _bare(info.annotation)
    extra = _extra(info)
    kind, choices, schema = _kind(annotation, info, extra)
    title = info.title or name.replace("_", " ").capitalize()
    return Shape(
        name,
        title,
        info.description or "",
        kind,
        info.is_required(),
        choices,
        schema,
        str(extra.get("refers", "")),
        bool(extra.get("full")),
        bool(extra.get("short")),
    )


def _extra(info: FieldInfo) -> Mapping[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def _kind(
    annotation: Any, info: FieldInfo, extra: Mapping[str, Any]
) -> tuple[str, tuple[tuple[str, str], ...], type[BaseModel] | None]:
    if get_origin(annotation) is Literal:
        labels = extra.get("labels")
        told = labels if isinstance(labels, Mapping) else {}
        return "choice", tuple((str(v), str(told.get(v, _label(v)))) for v in get_args(annotation)), None
    if get_origin(annotation) in (list, tuple, Sequence):
        item = _bare(get_args(annotation)[0])
        if isinstance(item, type) and issubclass(item, BaseModel):
            return "models", (), item
        return "texts", (), None
    if isinstance(annotation, type):
        if issubclass(annotation, BaseModel):
            return "model", (), annotation
        if issubclass(annotation, Enum):
            return "choice", tuple((str(v.value), _label(v.value)) for v in annotation), None
        for base, kind in ((bool, "yes_no"), (int, "integer"), (Decimal, "number"), (float, "number"), (date, "date")):
            if issubclass(annotation, base):
                return kind, (), None
    longest = next((m.max_length for m in _limits(info) if getattr(m, "max_length", None)), None)
    return ("text" if extra.get("refers") or (longest and longest <= 200) else "long_text"), (), None


def _limits(info: FieldInfo) -> Iterator[Any]:
    """What bounds a field's values; of an optional one (`Line | None`) it stands inside the type."""
    yield from info.metadata
    for part in get_args(info.annotation):
        for limit in getattr(part, "__metadata__", ()):
            yield from limit.metadata if isinstance(limit, FieldInfo) else (limit,)


def _bare(annotation: Any) -> Any:
    """The type inside Annotated and Optional."""
    if hasattr(annotation, "__metadata__"):
        return _bare(annotation.__origin__)
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [arg for arg in get_args(annotation) if arg is not type(None)]
        return _bare(inner[0]) if len(inner) == 1 else annotation
    return annotation


def _label(value: Any) -> str:
    return str(value).replace("_", " ").capitalize()


def _row_title(shape: Shape, item: Any, number: int) -> str:
    assert shape.schema is not None
    first = next(shapes(shape.schema))
    said = words(first, item.get(first.name)) if isinstance(item, Mapping) else ""
    return said or f"{shape.title} {number + 1}"


def _filled(value: Any) -> Any:
    """The body without what was left empty, so that an empty field counts as missing rather than as wrong."""
    if isinstance(value, Mapping):
        kept = {key: _filled(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None and item != ""}
    if isinstance(value, list):
        return [_filled(item) for item in value]
    return value.strip() if isinstance(value, str) else value


def _words(error: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    try:
        return WORDS[kind].format(**context)
    except KeyError:
        return str(error["msg"])
