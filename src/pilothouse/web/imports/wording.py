"""What imports look like to people: titles of fields, values in words, differences side by side."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from pilothouse.kernel.imports.models import ImportBatch
from pilothouse.kernel.imports.words import MISSING, fold, list_cell
from pilothouse.kernel.inventory.fields import FIELDS, field_title
from pilothouse.kernel.inventory.models import DatedFact, Practice, Stage
from pilothouse.kernel.inventory.practices import practice_title

_DATES = dict(DatedFact.KINDS)
_STATUSES = dict(Practice.STATUSES)
_CHOICES = {key: spec.choices for key, spec in FIELDS.items() if spec.choices} | {"stage": dict(Stage.choices)}
_TITLES = {"unit": "Unit", "owner": "Owner", "stage": "Stage"}


LONG = 60  # from here on two texts are shown as one, with the words that differ marked
CONTEXT = 6  # words shown on each side of a difference


@dataclass(frozen=True, slots=True)
class Line:
    """One field: what it is called, what the register says, what the file says, and what becomes of it."""

    kind: str
    title: str
    before: str
    after: str

    def pieces(self) -> list[tuple[str, str]]:
        """Both texts as one: (same, was or is; text), or nothing when they are short or have little in common."""
        return pieces_of(self.before, self.after)


def pieces_of(before: str, after: str) -> list[tuple[str, str]]:
    """The words that two long texts share, lose and gain, in order; long stretches that are the same are shortened."""
    if min(len(before), len(after)) < LONG:
        return []
    old, new = before.split(), after.split()
    matcher = SequenceMatcher(None, old[:600], new[:600], autojunk=False)
    if matcher.ratio() < 0.4:
        return []
    pieces: list[tuple[str, str]] = []
    for what, i, j, k, m in matcher.get_opcodes():
        if what == "equal":
            pieces.append(("same", _shortened(old[i:j], first=i == 0, last=j == len(old))))
            continue
        pieces += [(kind, " ".join(words)) for kind, words in (("was", old[i:j]), ("is", new[k:m])) if words]
    return pieces


def _shortened(words: list[str], *, first: bool, last: bool) -> str:
    if len(words) <= 2 * CONTEXT + 2:
        return " ".join(words)
    head = "" if first else " ".join(words[:CONTEXT]) + " "
    return f"{head}…" + ("" if last else " " + " ".join(words[-CONTEXT:]))


def title_of(key: str, titles: dict[str, str]) -> str:
    """A field's or a column's title. `titles` are those of the file's columns."""
    kind, _, name = key.partition(".")
    if kind == "date":
        return f"Date: {_DATES.get(name, name)}"
    if kind == "practice":
        return f"Practice: {practice_title(name)}"
    if kind == "external":
        return f"Id in {name}"
    if kind == "custom":
        return name.replace("_", " ").capitalize()
    return titles.get(key) or _TITLES.get(key) or field_title(key)


def shown(key: str, value: Any) -> str:
    """A value in words; the empty string for none."""
    if value in (None, "", []):
        return ""
    if key == "unit":
        return " › ".join(value)
    if isinstance(value, dict):
        if key.startswith("practice."):
            words = f": {value['words']}" if value["words"] else ""
            return f"{_STATUSES[value['status']]}{words}"
        told = value["value"] or "no date"
        return value["raw"] if value["raw"] == value["value"] else f"{value['raw']} ({told}, {value['precision']})"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(_CHOICES.get(key, {}).get(value, value))


def lines_of(differences: list[dict[str, Any]], batch: ImportBatch) -> list[Line]:
    """Differences as people read them: fields of the register first, then columns that feed none."""
    titles = batch.titles
    lines = []
    for difference in sorted(differences, key=lambda d: (d["kind"] == "file", d["key"])):
        key, kind = difference["key"], difference["kind"]
        known = titles if kind == "file" else {}
        before, after = shown(key, difference["before"]), shown(key, difference["after"])
        lines.append(Line(kind, title_of(key, known), before, after))
    # A field that changes changes its column too: once is enough.
    told = {fold(line.after) for line in lines if line.kind != "file" and line.after}
    return [line for line in lines if line.kind != "file" or fold(line.after) not in told]


def cells_of(raw: dict[str, str], batch: ImportBatch) -> list[tuple[str, str, list[str]]]:
    """Every column of a row, in the file's order: title, cell as it stood, and its items when it holds a list."""
    cells = [(title, raw.get(key, "")) for key, title in batch.columns]
    return [(title, cell, list_cell(cell) if cell.strip().startswith("[") else []) for title, cell in cells]


def read_of(values: dict[str, Any]) -> list[tuple[str, str]]:
    """What was understood of a row: fields first, then dates and practices."""
    told = [(title_of(key, {}), shown(key, value), "." in key) for key, value in values.items() if value]
    return [(title, text) for title, text, _ in sorted(told, key=lambda item: (item[2], item[0]))]


def missing_of(missing: dict[str, str]) -> list[tuple[str, str]]:
    """What a row does not tell, and why."""
    return sorted((title_of(key, {}), MISSING.get(why, why)) for key, why in missing.items())
