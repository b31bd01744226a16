"""Documents as pages show them: lines with links to what they refer to, versions with what changed in each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person
from pilothouse.kernel.domain import RecordKind, registry
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.kinds import kind_of
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import Difference, Line, difference, lines
from pilothouse.kernel.records.selectors import located

Target = tuple[str, str]
"""(words, address); the address is empty where there is nothing to see."""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a document; `targets` are what it refers to."""

    group: str
    title: str
    value: str
    targets: list[Target] = field(default_factory=list)


class Links:
    """Where references lead, all of a page's in three queries."""

    def __init__(self, actor: Actor, slug: str, named: Iterable[tuple[str, str]], system: System | None) -> None:
        self._slug = slug
        self._people = actor.may("people.view")
        self._found = located(actor, named, system)

    def of(self, register: str, key: str) -> Target:
        """The words for a reference, and the page of what it names."""
        one = self._found.get((register, key))
        if isinstance(one, System):
            return f"{one.ref} {one.name}", reverse("inventory:detail", args=(self._slug, one.number))
        if isinstance(one, Person):
            return one.name, reverse("access:person", args=(self._slug, one.pk)) if self._people else ""
        if isinstance(one, Record):
            return key, reverse("records:detail", args=(self._slug, one.pk))
        return (f"S-{key}" if register == "system" else key), ""


def shown_lines(actor: Actor, slug: str, document: Record) -> list[ShownLine]:
    """What a version says, line by line."""
    found = list(lines(kind_of(document.kind).schema, document.body))
    links = Links(actor, slug, named_in(found), document.system)
    return [
        ShownLine(line.group, line.title, line.value, [links.of(line.refers, key) for key in line.keys])
        for line in found
    ]


def named_in(found: Iterable[Line]) -> list[tuple[str, str]]:
    """The references of some lines, as (register, key)."""
    return [(line.refers, key) for line in found for key in line.keys]


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """One version of a document, the one before it, and what changed between them."""

    record: Record
    before: Record | None
    changes: list[Difference]


def shown_versions(kind: RecordKind, rows: Sequence[Record]) -> list[ShownVersion]:
    """Every version with what changed in it, newest first as `rows` are."""
    pairs: list[tuple[Record, Any]] = list(zip(rows, [*rows[1:], None], strict=False))
    return [
        ShownVersion(row, before, difference(kind.schema, before.body, row.body) if before else [])
        for row, before in pairs
    ]


def domain_title(kind: RecordKind) -> str:
    """The title of the domain that brings a kind."""
    domain = registry.domains.get(kind.id.partition(".")[0])
    return domain.title if domain else "Other"
