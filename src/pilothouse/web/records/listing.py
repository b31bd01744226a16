"""The documents or entries of one kind as a table: what stands, found by system, state and words, in an order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Length
from django.http import QueryDict
from pydantic import BaseModel

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.domain import RecordKind
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import Shape, lines, shapes, words
from pilothouse.kernel.records.selectors import current, records

SHORT = ("text", "choice", "number", "integer", "date", "yes_no")
MOST_COLUMNS = 4
STATES = ("draft", "sealed", "superseded", "withdrawn")


@dataclass(frozen=True, slots=True)
class Column:
    """A field that the table shows; `path` is where it is in a body."""

    path: str
    shape: Shape

    @property
    def title(self) -> str:
        return self.shape.title

    @property
    def number(self) -> bool:
        return self.shape.kind in ("number", "integer")


class Listing:
    """A table of one kind, as an address asks for it (`state`, `q`, `system`, `sort`): what it does not understand it
    leaves out. `system` narrows it to one system's page."""

    def __init__(
        self,
        actor: Actor,
        kind: RecordKind,
        query: Mapping[str, str],
        *,
        system: System | None = None,
        permission: str = "system.view",
    ) -> None:
        self.actor, self.kind, self.permission = actor, kind, permission
        self.state = query.get("state", "") if query.get("state") in STATES else ""
        self.q = query.get("q", "").strip()[:200]
        self.here = system
        self.system = system or self._asked(query.get("system", ""))
        self.columns = list(short_columns(kind))
        asked = query.get("sort", "")
        self.sort = asked if asked.removeprefix("-") in self._orders() else ""

    def rows(self) -> QuerySet[Record] | list[Record]:
        """The rows in order; a list where bodies had to be read to find or to order them."""
        rows = (
            records(self.actor, kind=self.kind.id, system=self.system, state=self.state, permission=self.permission)
            if self.state
            else current(self.actor, self.kind.id, system=self.system, permission=self.permission)
        )
        way, key = self.sort[:1] == "-", self.sort.removeprefix("-")
        if key in self._known():
            names = self._known()[key]
            rows = rows.order_by(*(f"-{name}" if way else name for name in names), "-version")
        elif self.kind.many and not self.kind.key:
            rows = rows.order_by("system__number", Length("key").desc(), "-key", "-version")
        found = [row for row in rows if self._holds(row)] if self.q else rows
        column = next((one for one in self.columns if one.path == key), None)
        if column is None:
            return found
        said: list[tuple[Any, Record]] = []
        unsaid: list[tuple[Any, Record]] = []
        for row in found:
            value = at(row.body, column.path)
            (unsaid if value in (None, "", []) else said).append((value, row))
        said.sort(key=lambda one: order_of(column.shape, one[0]), reverse=way)
        return [row for _, row in (*said, *unsaid)]

    def cells(self, row: Record) -> list[tuple[Column, str]]:
        """The row's short answers in words."""
        return [(one, words(one.shape, at(row.body, one.path))) for one in self.columns]

    def keep(self, **changes: str) -> str:
        """The query string of this table with something changed."""
        query = QueryDict(mutable=True)
        told = {"state": self.state, "q": self.q, "sort": self.sort} | (
            {"system": str(self.system.number)} if self.system and not self.here else {}
        )
        for name, value in (told | changes).items():
            if value:
                query[name] = value
        return query.urlencode()

    def heads(self) -> list[dict[str, Any]]:
        """The heads of the table: title, the query that sorts by it, and how it is sorted now."""
        heads = [("system", "System")] if self.kind.of_system and not self.here else []
        if self.kind.many:
            heads.append(("name", self._name))
        heads += [(one.path, one.title) for one in self.columns]
        heads += [("state", "State"), ("written", "Written")]
        return [
            {
                "title": title,
                "number": any(one.path == key and one.number for one in self.columns),
                "href": "?" + self.keep(sort=f"-{key}" if self.sort == key else key),
                "way": "descending" if self.sort == f"-{key}" else "ascending" if self.sort == key else "",
            }
            for key, title in heads
        ]

    @property
    def filtered(self) -> bool:
        return bool(self.q or self.state or (self.system and not self.here))

    @cached_property
    def _name(self) -> str:
        if not self.kind.key:
            return "Number"
        return next(shape.title for shape in shapes(self.kind.schema) if shape.name == self.kind.key)

    def _asked(self, text: str) -> System | None:
        number = text.strip().upper().removeprefix("S-")
        if not self.kind.of_system or not number.isdecimal() or len(number) > 9:
            return None
        return systems(self.actor).filter(number=int(number)).first()

    def _known(self) -> dict[str, tuple[str, ...]]:
        """The orders that the database makes."""
        return {
            "system": ("system__number", "key"),
            "name": ("key", "system__number"),
            "state": ("state", "system__number", "key"),
            "written": ("written_at",),
        }

    def _orders(self) -> set[str]:
        return {*self._known(), *(one.path for one in self.columns)}

    def _holds(self, row: Record) -> bool:
        asked = self.q.casefold()
        about = (row.key, row.system.name, row.system.ref) if row.system else (row.key,)
        return any(asked in text.casefold() for text in about) or any(
            asked in line.value.casefold() for line in lines(self.kind.schema, row.body)
        )


def columns(schema: type[BaseModel], prefix: str = "") -> Iterator[Column]:
    """Every field of a schema by path; a list of nested rows is one column."""
    for shape in shapes(schema):
        if shape.kind == "model" and shape.schema:
            yield from columns(shape.schema, f"{prefix}{shape.name}.")
        else:
            yield Column(f"{prefix}{shape.name}", shape)


def short_columns(kind: RecordKind) -> Iterator[Column]:
    """The first few fields that fit in a table; what an entry is called has a column of its own."""
    found = (one for one in columns(kind.schema) if one.shape.kind in SHORT and one.path != kind.key)
    yield from (one for one, _ in zip(found, range(MOST_COLUMNS), strict=False))


def at(body: Mapping[str, Any], path: str) -> Any:
    """The value at a path of a body, or None."""
    value: Any = body
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def order_of(shape: Shape, value: Any) -> tuple[int, Decimal, str]:
    """What a column is sorted by: numbers by their size, choices in the order they have, words by their letters."""
    if shape.kind in ("number", "integer"):
        try:
            return 0, Decimal(str(value)), ""
        except InvalidOperation:
            return 1, Decimal(0), str(value)
    if shape.kind == "choice":
        known = [choice for choice, _ in shape.choices]
        return (known.index(value) if value in known else len(known)), Decimal(0), str(value)
    return 0, Decimal(0), str(value).casefold()
