"""Any CSV, XLSX or JSON through a mapping: which column tells what, made on a page and remembered. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.imports.adapters.frame import Choice, Layout, read_rows
from pilothouse.kernel.imports.answers import MET, PracticeColumn
from pilothouse.kernel.imports.draft import Adapter, Draft, Reading
from pilothouse.kernel.imports.reading import Column, Table
from pilothouse.kernel.imports.stages import StageWords
from pilothouse.kernel.imports.words import fold, list_cell, missing_kind
from pilothouse.kernel.inventory.practices import PRACTICES
from pilothouse.kernel.inventory.rules import BadValueError, clean_tags

KEY = "table"


@dataclass(frozen=True, slots=True)
class Target:
    """A field that a column can tell. `names` are other things people call it, for the guess."""

    key: str
    title: str
    group: str
    names: tuple[str, ...] = ()


_WHAT, _WHO, _STATE, _DATES, _PRACTICES = "What it is", "Who and where", "Where it stands", "Dates", "Practices"

TARGETS: tuple[Target, ...] = (
    Target("name", "Name", _WHAT,
           ("system", "system name", "use case name", "title", "tool name", "application", "ai system")),
    Target("row_id", "Its id in this source", _WHAT, ("id", "use case id", "number", "reference", "key", "asset id")),
    Target("purpose", "Purpose", _WHAT, ("description", "summary", "intended purpose", "what it does", "use case")),
    Target("outputs", "Outputs", _WHAT, ("output", "system outputs", "result")),
    Target("technique", "Technique", _WHAT, ("techniques", "model type", "ai type", "classification", "method")),
    Target("topic", "Field of use", _WHAT, ("topic", "topic area", "domain", "category", "business area")),
    Target("vendor", "Vendor", _WHAT, ("supplier", "provider", "vendor name", "manufacturer")),
    Target("sourcing", "Built or bought", _WHAT, ("sourcing", "build or buy", "development method", "origin")),
    Target("agency", "Highest unit", _WHO, ("agency", "organisation", "organization", "company", "publishing body")),
    Target("unit", "Unit", _WHO, ("department", "bureau", "team", "business unit", "function", "office")),
    Target("subunit", "Unit below it", _WHO, ("sub unit", "section", "group", "sub team")),
    Target("owner", "Owner's e-mail", _WHO, ("owner", "owner email", "system owner", "responsible", "accountable")),
    Target("contact", "Contact", _WHO, ("contact email", "email", "point of contact", "contact person")),
    Target("affects", "Whom it affects", _WHO, ("affected people", "affected groups", "users", "data subjects")),
    Target("stage", "Stage", _STATE, ("status", "development stage", "lifecycle", "phase", "stage of development")),
    Target("impact", "Rights or safety impact", _STATE, ("impact", "impact type", "high impact", "risk class")),
    Target("personal_data", "Personal data", _STATE, ("pii", "contains pii", "gdpr", "privacy data")),
    Target("outcome", "Business outcome", _STATE, ("benefits", "benefit", "value", "goal", "objective")),
    Target("outcome_metric", "What shows the outcome", _STATE, ("metric", "kpi", "measure")),
    Target("tags", "Tags", _STATE, ("labels", "keywords")),
    Target("notes", "Notes", _STATE, ("comments", "remarks", "comment")),
    Target("date.initiated", "Initiated", _DATES, ("date initiated", "start date", "created", "requested on")),
    Target("date.development", "Development began", _DATES, ("development start", "acquisition date")),
    Target("date.implemented", "Implemented", _DATES, ("go live", "date implemented", "operational date")),
    Target("date.retired", "Retired", _DATES, ("date retired", "end date", "decommissioned")),
    Target("date.published", "Published", _DATES, ("published", "publication date")),
    *(Target(f"practice.{kind.key}", kind.title, _PRACTICES, (kind.key,)) for kind in PRACTICES.values()),
)  # fmt: skip

_UNITS = ("agency", "unit", "subunit")
_TEXTS = frozenset(
    ("purpose", "outputs", "technique", "topic", "vendor", "contact", "affects", "outcome", "outcome_metric", "notes")
)
_FREE_TEXT = frozenset({"risks_known", "notice", "consultation", "disparities"})
_CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "sourcing": (
        ("build", "build"), ("built", "build"), ("in-house", "build"), ("in house", "build"), ("internal", "build"),
        ("own", "build"), ("developed in-house", "build"), ("buy", "buy"), ("bought", "buy"), ("purchased", "buy"),
        ("vendor", "buy"), ("cots", "buy"), ("saas", "buy"), ("external", "buy"), ("commercial", "buy"),
        ("licen", "buy"), ("api", "api"), ("mixed", "mixed"), ("both", "mixed"), ("hybrid", "mixed"),
        ("developed with both", "mixed"),
    ),
    "impact": (
        ("rights-impacting", "rights"), ("rights", "rights"), ("safety-impacting", "safety"), ("safety", "safety"),
        ("both", "both"), ("neither", "neither"), ("high", "high"), ("yes", "high"),
        ("presumed high-impact", "presumed_not"), ("not high", "neither"), ("no", "neither"), ("low", "neither"),
    ),
    "personal_data": (
        ("special", "special"), ("sensitive", "special"), ("yes", "personal"), ("personal", "personal"),
        ("pii", "personal"), ("true", "personal"), ("no", "none"), ("false", "none"),
    ),
}  # fmt: skip


def layout_of(fields: Mapping[str, str], options: Mapping[str, Any]) -> Layout:
    """The layout that a mapping describes. `options`: day_first (true, false or none), fiscal_start."""
    return Layout(
        name=fields["name"],
        units=tuple(fields[unit] for unit in _UNITS if unit in fields),
        row_id=fields.get("row_id", ""),
        stage=fields.get("stage", "\0"),
        texts={target: column for target, column in fields.items() if target in _TEXTS},
        choices=tuple(Choice(key, fields[key], words) for key, words in _CHOICES.items() if key in fields),
        dates={target[5:]: column for target, column in fields.items() if target.startswith("date.")},
        practices=tuple(
            PracticeColumn(target[9:], column, free=MET if target[9:] in _FREE_TEXT else "")
            for target, column in fields.items()
            if target.startswith("practice.")
        ),
        external=fields.get("row_id", "\0"),
        day_first=options.get("day_first"),
        fiscal_start=int(options.get("fiscal_start") or 1),
        more=lambda row, draft: _more(fields, row, draft),
    )


def _more(fields: Mapping[str, str], row: Mapping[str, str], draft: Draft) -> None:
    if "tags" in fields:
        try:
            draft.values["tags"] = clean_tags(list_cell(row.get(fields["tags"], "")))
        except BadValueError as reason:
            draft.flags.append(f"The tags stay with the row: {reason}")
    if "owner" in fields:
        said = fold(row.get(fields["owner"], ""))
        draft.values["owner"] = said.lower() if "@" in said else None
        if said and "@" not in said and not missing_kind(said):
            draft.flags.append(f"“{said[:60]}” is not an e-mail address, so the row names no owner.")
    for target, column in fields.items():
        if target.startswith("custom."):
            cell = row.get(column, "")
            draft.values[target] = None if missing_kind(cell) else fold(cell)


def read(table: Table, words: StageWords, options: Mapping[str, Any]) -> Reading:
    """Read a table by the mapping in `options` (source, fields, options, version). Raises Invalid for lost columns."""
    fields: Mapping[str, str] = options["fields"]
    keys = {column.key for column in table.columns}
    lost = sorted({column for column in fields.values() if column not in keys})
    if lost:
        raise Invalid(
            f"The mapping reads the columns {', '.join(lost)}, which this file does not have.",
            fields={"mapping": "Map the columns of this file anew."},
        )
    layout = layout_of(fields, options.get("options", {}))
    return read_rows(
        table, table.columns, layout, words, adapter=KEY, source=options["source"], version=options["version"]
    )


def guess_fields(columns: Sequence[Column], targets: Sequence[Target] = TARGETS) -> dict[str, str]:
    """The likeliest column for each field by the likeness of their names; each column is used once."""
    scored = sorted(
        ((_likeness(column, target), -position, target.key, column.key) for position, column in enumerate(columns)
         for target in targets),
        reverse=True,
    )  # fmt: skip
    guessed: dict[str, str] = {}
    for score, _, target_key, column_key in scored:
        if score < 82:
            break
        if target_key not in guessed and column_key not in guessed.values():
            guessed[target_key] = column_key
    return guessed


def _likeness(column: Column, target: Target) -> float:
    words = column.key.replace("_", " ").replace("-", " ")
    return max(fuzz.token_sort_ratio(words, name) for name in (target.title.lower(), *target.names))


ADAPTER = Adapter(
    KEY, "Another table", "Any CSV, XLSX or JSON: say which column tells what.", lambda columns: 0.0, read
)
