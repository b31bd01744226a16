"""A system as a row of the US federal inventory of 2025. Pure.

What is not known stays blank and is named as missing; nothing is guessed. Where a row came from that inventory, what
nobody corrected goes out in the words in which it came, so that export and import lose nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pilothouse.domains.governance.duties.inventories.forms import Column, OmbForm
from pilothouse.domains.governance.duties.inventories.known import Known

STAGES = {
    "development": "a) Pre-deployment",
    "pilot": "b) Pilot",
    "production": "c) Deployed",
    "retired": "d) Retired",
    "unknown": "",
}
IMPACTS = {
    "high": "a) High-impact",
    "presumed_not": "b) Presumed high-impact, but determined not high impact",
    "neither": "c) Not high-impact",
}
SOURCING = {
    "buy": "a) Purchased from a vendor",
    "api": "a) Purchased from a vendor",
    "build": "b) Developed in-house",
    "mixed": "c) Developed with both contracting and in-house resources",
}
PERSONAL = {"personal": "Yes", "special": "Yes", "none": "No"}
NOT_REPORTED = {
    "idea": "It is an idea: the inventory begins with development or acquisition.",
    "rejected": "It was rejected, so there is no use to report.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its cells by code, what must be filled and is not, and what is filled with no choice of the form."""

    number: int
    name: str
    cells: Mapping[str, str]
    missing: tuple[str, ...]
    strange: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.missing and not self.strange


@dataclass(frozen=True, slots=True)
class Sheet:
    """The inventory: its rows, and the systems that are not reported, each with the reason."""

    form: OmbForm
    lines: tuple[Line, ...]
    left_out: tuple[tuple[int, str, str], ...]

    @property
    def incomplete(self) -> list[Line]:
        return [line for line in self.lines if not line.whole]


def sheet(form: OmbForm, known: Iterable[Known]) -> Sheet:
    """Every system that is reported, in the order given."""
    lines, left_out = [], []
    for one in known:
        why = NOT_REPORTED.get(one.facts["stage"])
        if why:
            left_out.append((one.number, str(one.facts["name"]), why))
        else:
            lines.append(line(form, one))
    return Sheet(form, tuple(lines), tuple(left_out))


def line(form: OmbForm, known: Known) -> Line:
    """One system."""
    cells = {column.code: _cell(column, known) for column in form.columns}
    missing = [column.code for column in form.columns if not cells[column.code] and _needed(column, known, cells)]
    strange = [column.code for column in form.columns if _strange(column, cells[column.code])]
    return Line(known.number, str(known.facts["name"]), cells, tuple(missing), tuple(strange))


def _cell(column: Column, known: Known) -> str:
    code = column.code.lower()
    said = known.entry.get(code)
    if said:
        return "; ".join(said) if isinstance(said, list) else str(said)
    raw = known.raw.get(code, "")
    if column.practice:
        return _practice(column, known, raw)
    feeds = _FEEDS.get(code)
    if feeds is None:
        return raw
    key, present, words = feeds
    value = present(known)
    return raw if raw and known.unchanged(key, value) else words(value)


def _practice(column: Column, known: Known, raw: str) -> str:
    """What was said of a practice. A choice that the answer does not decide, such as who reviewed, stays open."""
    said = known.practices.get(column.practice)
    before = known.told.get(f"practice.{column.practice}")
    if said is None:
        return raw if before is None else ""
    if raw and before == said:
        return raw
    if not column.choices:
        return said["words"] if said["status"] in ("met", "in_progress") else ""
    return column.answers.get(said["status"], "")


def _ato(known: Known) -> Any:
    return known.practices.get("ato")


def _pia(known: Known) -> Any:
    return known.practices.get("privacy_review")


def _external(known: Known) -> Any:
    return known.external or (f"{known.code}-{known.number}" if known.code else "")


def _plain(value: Any) -> str:
    return str(value or "")


def _of(words: Mapping[str, str]) -> Callable[[Any], str]:
    return lambda value: words.get(str(value or ""), "")


def _fact(key: str) -> Callable[[Known], Any]:
    return lambda known: known.facts.get(key)


def _date(value: Any) -> str:
    return str(value["raw"] or value["value"] or "") if value else ""


def _yes_no(value: Any) -> str:
    return {"met": "Yes", "not_met": "No"}.get(value["status"], "") if value else ""


def _link(value: Any) -> str:
    words = value["words"] if value else ""
    return words if words.startswith(("http", "www.")) else ""


Feed = tuple[str, Callable[[Known], Any], Callable[[Any], str]]
# By column: what the importer calls the fact, how it stands now, and how the form says it.
_FEEDS: Mapping[str, Feed] = MappingProxyType(
    {
        "agency": ("code", lambda known: known.code, _plain),
        "agency_name": ("unit", lambda known: list(known.units), lambda value: value[0] if value else ""),
        "agency_bureau": ("unit", lambda known: list(known.units), lambda value: value[-1] if len(value) > 1 else ""),
        "id": ("external", _external, _plain),
        "use_case_name": ("name", _fact("name"), _plain),
        "contact_email": ("contact", _fact("contact"), _plain),
        "development_stage": ("stage", _fact("stage"), _of(STAGES)),
        "is_high_impact": ("impact", _fact("impact"), _of(IMPACTS)),
        "topic_area": ("topic", _fact("topic"), _plain),
        "classification": ("technique", _fact("technique"), _plain),
        "problem_solved": ("purpose", _fact("purpose"), _plain),
        "benefits": ("outcome", _fact("outcome"), _plain),
        "system_outputs": ("outputs", _fact("outputs"), _plain),
        "operational_date": ("date.implemented", lambda known: known.implemented, _date),
        "contracting_usage": ("sourcing", _fact("sourcing"), _of(SOURCING)),
        "vendor_name": ("vendor", _fact("vendor"), _plain),
        "have_ato": ("practice.ato", _ato, _yes_no),
        "has_pii": ("personal_data", _fact("personal_data"), _of(PERSONAL)),
        "pia_url": ("practice.privacy_review", _pia, _link),
    }
)


def _needed(column: Column, known: Known, cells: Mapping[str, str]) -> bool:
    stage, impact = known.facts["stage"], known.facts["impact"]
    running = stage in ("pilot", "production")
    if column.required == "always":
        return True
    if column.required == "living":
        return bool(stage != "retired")
    if column.required == "presumed_not":
        return bool(impact == "presumed_not")
    if column.required == "vendor":
        return bool(running and known.facts["sourcing"] in ("buy", "api", "mixed"))
    if column.required == "ato":
        return bool(running and cells.get("have_ato", "").lower().startswith("yes"))
    if column.required == "high":
        return bool(stage == "production" and impact == "high")
    return bool(column.required == "running" and running)


def _strange(column: Column, cell: str) -> bool:
    """Is the cell filled, but with none of the form's choices? Long and short forms of a choice are both known."""
    if not cell or not column.choices:
        return False
    parts = cell.split(";") if column.many else [cell]
    return not all(any(_same(choice, part) for choice in column.choices) for part in parts if part.strip())


def _same(choice: str, cell: str) -> bool:
    wanted, given = _bare(choice), _bare(cell)
    return given == wanted or given.startswith((f"{wanted} –", f"{wanted} -", f"{wanted}:", f"{wanted},"))


def _bare(text: str) -> str:
    """Without the letter of the choice, in small letters."""
    words = " ".join(text.casefold().split())
    return words[3:].strip() if len(words) > 2 and words[1] == ")" else words
