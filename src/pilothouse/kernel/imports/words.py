"""Reading what people write in cells: white space, absent answers, lists, yes and no. Pure."""

from __future__ import annotations

import ast
import json
import re

_SPACE = re.compile(r"\s+")
_LINES = re.compile(r"\n{3,}")
_INLINE = re.compile(r"[^\S\n]+")

# Why a cell holds no answer. An absent answer is never the same as "no".
BLANK, NOT_APPLICABLE, NOT_REQUIRED, PENDING = "blank", "not_applicable", "not_required", "pending"
MISSING: dict[str, str] = {
    BLANK: "Left blank",
    NOT_APPLICABLE: "Answered “not applicable”",
    NOT_REQUIRED: "Not asked at this stage",
    PENDING: "Promised for later",
}

# “NA” and “unknown” are absent answers only when they stand alone: “NA region”, “Unknown caller triage” are names.
_NOT_APPLICABLE = re.compile(r"(n\s*/\s*a|n\.\s*a\.?|not applicable)(?=$|[\s;,:.(–—-])|na\.?$", re.IGNORECASE)
_PENDING = re.compile(
    r"(tbd|to be determined|data not reported)(?=$|[\s;,:.(])"
    r"|(todo|unknown|not yet known|pending|blank/not provided)\.?$",
    re.IGNORECASE,
)
_REDACTED = re.compile(r"\W*(redacted|withheld)\b", re.IGNORECASE)


def fold(text: str) -> str:
    """`text` with each run of white space (line ends and hard spaces too) as one space, and none at the ends."""
    return _SPACE.sub(" ", text).strip()


def key_of(text: str) -> str:
    """What two spellings of one name share: white space folded and case ignored."""
    return fold(text).casefold()


def tidy(text: str) -> str:
    """`text` for people to read: paragraphs stay, other white space is folded."""
    if "\n" not in text and "\r" not in text:
        return fold(text)
    lines = _INLINE.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _LINES.sub("\n\n", "\n".join(line.strip() for line in lines.split("\n"))).strip()


def missing_kind(text: str) -> str | None:
    """Why `text` is no answer: blank, not_applicable or pending; None when it is one.

    “Redacted” is an answer: somebody knows and does not say. `not_required` cannot be seen in a cell alone; an adapter
    knows it from the other cells of the row.
    """
    words = fold(text)
    if not words.strip("-–—."):
        return BLANK
    if _NOT_APPLICABLE.match(words):
        return NOT_APPLICABLE
    return PENDING if _PENDING.match(words) else None


def is_redacted(text: str) -> bool:
    return _REDACTED.match(text) is not None


def answer(text: str) -> str:
    """The tidy text, or the empty string when it is no answer."""
    return "" if missing_kind(text) else tidy(text)


def yes_no(text: str) -> bool | None:
    """True, False, or None for anything else. Reads “b) Yes”, “TRUE”, “No – …” by their first word."""
    words = without_letter(key_of(text))
    match = re.match(r"(yes|true|y|no|false|n)(?=$|[\s,;:.(–—-])", words)
    return None if match is None else match[1] in ("yes", "true", "y")


def without_letter(words: str) -> str:
    """Drop the letter of a choice: “a) a) Pilot” → “Pilot”."""
    return re.sub(r"^(?:[a-z]\)\s*[Ýý]?)+", "", words, flags=re.IGNORECASE).strip()


def list_cell(text: str) -> list[str]:
    """The items of a cell that holds a list: a Python list, JSON, or text split on semicolons, else on commas.

    Use it only where the source says that the cell is a list: names of units and vendors hold commas of their own.
    """
    words = fold(text)
    if missing_kind(words):
        return []
    if words.startswith("[") and words.endswith("]") and len(words) < 20_000:
        items = _literal_list(words)
        if items is not None:
            return [item for item in (fold(str(item)) for item in items) if item]
    return [item for item in (fold(part) for part in re.split(r";" if ";" in words else r",", words)) if item]


def _literal_list(words: str) -> list[object] | None:
    try:
        value = json.loads(words)
    except ValueError:
        try:
            value = ast.literal_eval(words)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return None
    return value if isinstance(value, list) else None


def same(left: object, right: object) -> bool:
    """Are two values equal once white space is folded? Works through lists and mappings."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right or fold(left) == fold(right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return left == right
