"""What a value must look like before it is stored. Pure: no ORM, no clock."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol
from uuid import UUID

from pilothouse.kernel.inventory.dates import told_date
from pilothouse.kernel.inventory.fields import FIELDS, FieldSpec
from pilothouse.kernel.inventory.intake import ANSWERS

TAG_LIMIT, TAG_LENGTH = 30, 60


class CustomSpec(Protocol):
    """What the rules need to know of a custom field."""

    key: str
    title: str
    kind: str
    choices: Any


class BadValueError(ValueError):
    """A value that cannot be stored, with the reason for the person who typed it."""


def clean_facts(facts: Mapping[str, Any], custom: Iterable[CustomSpec]) -> tuple[dict[str, Any], dict[str, str]]:
    """`facts` in the types that are stored, and what is wrong with the others (field → sentence).

    Ids are only parsed here; whether they name someone of the organisation is for the caller to look up.
    """
    custom = list(custom)
    clean: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for key, value in facts.items():
        spec = FIELDS.get(key)
        if spec is None:
            wrong[key] = "A system has no such field."
            continue
        try:
            clean[key] = clean_custom(custom, value) if spec.kind == "custom" else _clean_one(spec, value)
        except BadValueError as reason:
            wrong[key] = str(reason)
    return clean, wrong


def clean_tags(value: str | Iterable[str] | None) -> list[str]:
    """Tags in lower case, each once, in the order given. Raises BadValueError."""
    parts = value.split(",") if isinstance(value, str) else list(value or ())
    if any(not isinstance(part, str) for part in parts):
        raise BadValueError("Tags are words.")
    tags = list(dict.fromkeys(" ".join(part.lower().split()) for part in parts if part.strip()))
    if len(tags) > TAG_LIMIT:
        raise BadValueError(f"At most {TAG_LIMIT} tags; there are {len(tags)}.")
    for tag in tags:
        if len(tag) > TAG_LENGTH:
            raise BadValueError(f"“{tag[:20]}…” is longer than {TAG_LENGTH} characters.")
        if '"' in tag or "\\" in tag:
            raise BadValueError("A tag cannot contain quotation marks or backslashes.")
    return tags


def clean_custom(fields: Iterable[CustomSpec], values: Any) -> dict[str, Any]:
    """Values for custom fields; an empty one becomes None, which removes it. Raises BadValueError."""
    if not isinstance(values, Mapping):
        raise BadValueError("Give custom fields as key and value.")
    by_key = {spec.key: spec for spec in fields}
    clean: dict[str, Any] = {}
    for key, value in values.items():
        if key not in by_key:
            raise BadValueError(f"There is no custom field “{key}”.")
        try:
            clean[key] = _clean_custom_value(by_key[key], value)
        except BadValueError as reason:
            raise BadValueError(f"{by_key[key].title}: {reason}") from None
    return clean


def _clean_custom_value(spec: CustomSpec, value: Any) -> Any:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    text = str(value).strip()
    if spec.kind == "number":
        try:
            number = Decimal(text.replace(" ", "").replace(",", "."))
        except InvalidOperation:
            raise BadValueError(f"“{text}” is not a number.") from None
        if not number.is_finite():
            raise BadValueError(f"“{text}” is not a number.")
        return format(number, "f")
    if spec.kind == "date":
        told = told_date(text)
        if told.value is None or told.precision != "day":
            raise BadValueError(f"“{text}” is not one day; write it as 2026-03-31.")
        return told.value.isoformat()
    if spec.kind == "choice":
        for choice in spec.choices:
            if fold(choice) == fold(text):
                return choice
        raise BadValueError(f"“{text}” is not one of {', '.join(spec.choices)}.")
    if spec.kind == "yes_no":
        if value is True or fold(text) in {"yes", "true", "1"}:
            return "yes"
        if value is False or fold(text) in {"no", "false", "0"}:
            return "no"
        raise BadValueError(f"“{text}” is neither yes nor no.")
    if len(text) > 5000:
        raise BadValueError("That is longer than 5,000 characters.")
    return text


def _clean_one(spec: FieldSpec, value: Any) -> Any:
    if spec.kind in ("unit", "person"):
        return _clean_id(value)
    if spec.kind == "tags":
        return clean_tags(value)
    if spec.kind == "intake":
        return _clean_intake(value)
    text = "" if value is None else str(value)
    if "\x00" in text:
        raise BadValueError("The text contains a character that cannot be stored.")
    if spec.kind == "choice":
        if text not in spec.choices:
            raise BadValueError(f"“{text}” is not one of {', '.join(spec.choices)}.")
        return text
    text = " ".join(text.split()) if spec.kind == "line" else text.replace("\r\n", "\n").strip()
    if spec.key == "name" and not text:
        raise BadValueError("Say what people call it.")
    if spec.max_length and len(text) > spec.max_length:
        raise BadValueError(f"At most {spec.max_length} characters; this has {len(text)}.")
    if len(text) > 20_000:
        raise BadValueError("At most 20,000 characters.")
    return text


def _clean_id(value: Any) -> UUID | None:
    if value is None or value == "":
        return None
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError:
        raise BadValueError("That is not one of the choices.") from None


def _clean_intake(value: Any) -> dict[str, str | None]:
    if not isinstance(value, Mapping):
        raise BadValueError("Give intake answers as question and answer.")
    for key, answer in value.items():
        # Which questions are asked is the rulebook's to say; here a key must only look like one.
        if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", str(key)):
            raise BadValueError(f"There is no intake question “{key}”.")
        if answer not in ANSWERS and answer not in (None, ""):
            raise BadValueError(f"“{answer}” is not one of {', '.join(ANSWERS)}.")
    return {key: answer or None for key, answer in value.items()}


def fold(text: str) -> str:
    """`text` without case, accents, punctuation and repeated space, for comparing what people wrote."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.sub(r"[^\w]+|_", " ", "".join(c for c in plain if not unicodedata.combining(c))).split())


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """`old` with the keys of `new`; a None takes its key away."""
    return {key: value for key, value in {**old, **new}.items() if value is not None}
