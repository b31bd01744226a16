"""What a pack holds, as data: the sections and their items, read from `sections.toml`, and how each came out. Pure."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

State = Literal["current", "due", "stale", "missing", "not_applicable"]
STATES: dict[State, str] = {
    "current": "Current",
    "due": "Due",
    "stale": "Stale",
    "missing": "Missing",
    "not_applicable": "Not applicable",
}
GAPS: frozenset[State] = frozenset({"due", "stale", "missing"})
FILE = Path(__file__).parent / "sections.toml"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a pack must show, of whom it is asked, and what satisfies it (see `sections.toml`)."""

    id: str
    title: str
    cite: str
    roles: frozenset[str]
    classes: frozenset[str]
    owner: str
    since: date | None
    law_since: date | None
    records: tuple[str, ...]
    each: bool
    checks: tuple[str, ...]
    evidence: tuple[str, ...]
    articles: tuple[str, ...]
    facts: tuple[str, ...]
    shows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the pack, with its items."""

    id: int
    slug: str
    title: str
    cite: str
    items: tuple[Item, ...]

    @property
    def stem(self) -> str:
        """What its files are called."""
        return f"{self.id:02d}-{self.slug}"


@dataclass(frozen=True, slots=True)
class Contents:
    """The whole table, its version and the hash of the file that it was read from."""

    version: str
    regulation: str
    confidence: str
    hash: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Something that an item rests on. `until` is the last day on which it holds, None if it names none.

    `kind` is record, evidence, check, obligation, fact or register; `id` names the row, `digest` what it says.
    """

    kind: str
    id: str
    label: str
    state: State
    because: str
    since: date | None = None
    until: date | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """How one item came out, why, from which sources, and who mends it."""

    item: Item
    state: State
    because: str
    sources: tuple[Source, ...] = ()
    owner: str = ""
    role: str = ""

    @property
    def is_gap(self) -> bool:
        return self.state in GAPS


@dataclass(frozen=True, slots=True)
class JudgedSection:
    """A section with its items as they came out."""

    section: Section
    items: tuple[Judged, ...]

    @property
    def gaps(self) -> tuple[Judged, ...]:
        return tuple(one for one in self.items if one.is_gap)


@cache
def contents() -> Contents:
    """The shipped table. Raises ValueError, naming the item, when a person left it unreadable."""
    return read(FILE.read_bytes())


def read(text: bytes) -> Contents:
    """A table from its text. Raises ValueError."""
    told = tomllib.loads(text.decode())
    dates = told["dates"]
    sections = tuple(_section(one, dates) for one in told["section"])
    ids = [item.id for section in sections for item in section.items]
    if len(set(ids)) != len(ids) or [one.id for one in sections] != list(range(len(sections))):
        raise ValueError("sections.toml: sections are not numbered in order, or two items have one id")
    digest = "sha256:" + hashlib.sha256(text).hexdigest()
    return Contents(told["version"], told["regulation"], told["confidence"], digest, sections)


def _section(told: dict[str, Any], dates: dict[str, date]) -> Section:
    items = tuple(_item(one, told, dates) for one in told["item"])
    return Section(told["id"], told["slug"], told["title"], told["cite"], items)


_KEYS = frozenset(
    {"id", "title", "cite", "roles", "classes", "owner", "from", "law_from"}
    | {"records", "all", "checks", "evidence", "articles", "facts", "shows"}
)


def _item(told: dict[str, Any], section: dict[str, Any], dates: dict[str, date]) -> Item:
    if wrong := sorted(told.keys() - _KEYS):
        raise ValueError(f"sections.toml: item {told.get('id')} has an unknown {wrong[0]}")
    try:
        days = [dates[told[name]] if name in told else None for name in ("from", "law_from")]
    except KeyError as error:
        raise ValueError(f"sections.toml: item {told['id']} begins on an unknown day {error}") from None
    return Item(
        id=told["id"],
        title=told["title"],
        cite=told.get("cite", section["cite"]),
        roles=frozenset(told.get("roles", section["roles"])),
        classes=frozenset(told.get("classes", section.get("classes", ["high"]))),
        owner=told.get("owner", "owner"),
        since=days[0],
        law_since=days[1],
        records=tuple(told.get("records", ())),
        each=bool(told.get("all", False)),
        checks=tuple(told.get("checks", ())),
        evidence=tuple(told.get("evidence", ())),
        articles=tuple(told.get("articles", ())),
        facts=tuple(told.get("facts", ())),
        shows=tuple(told.get("shows", ())),
    )
