"""What a document may hold: JSON's types, as both databases keep them, and no more than people read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pilothouse.contracts.canonical import canonical, plain
from pilothouse.contracts.errors import Invalid

LIMIT = 200_000  # bytes of a body, far beyond any document that people read


def kept(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body in JSON's types, as both databases keep it. Raises Invalid for what they cannot."""
    try:
        size = len(canonical(body))
        said: dict[str, Any] = plain(body)
    except (TypeError, ValueError, RecursionError):
        raise Invalid("This document holds characters or values that cannot be kept.") from None
    if size > LIMIT:
        raise Invalid("This document is too long to be read. Shorten it, and add files as evidence.")
    if _holds_nul(said):
        raise Invalid("This document holds a NUL character, which no text has.")
    return said


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What differs at the top level: the old values, and the new ones."""
    keys = [key for key in dict.fromkeys([*before, *after]) if before.get(key) != after.get(key)]
    return {key: before.get(key) for key in keys}, {key: after.get(key) for key in keys}


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(_holds_nul(item) for item in value)
