"""What the roadmap needs and what is there, now and as it stood on past days.

Sums over people are for everybody who sees the organisation; who they are is for those who hold `talent.view`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

from pilothouse.domains.talent.checks import DEMAND, HOLDER, REUSE, ROLE
from pilothouse.domains.talent.rules import SCARCE, Body, Line, coverage, quarters
from pilothouse.domains.talent.schemas import AREAS
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.records.models import Record

Versions = dict[str, list[tuple[str, datetime, str, Body]]]
"""Record kind → (key, sealed at, state, body) of every version that was ever sealed, oldest first."""


def versions(actor: Actor) -> Versions:
    """What was ever sealed about roles, people and demand. One query."""
    rows = Record.objects.of(actor).filter(kind__in=(DEMAND, ROLE, HOLDER), sealed_at__isnull=False)
    found: Versions = {DEMAND: [], ROLE: [], HOLDER: []}
    fields = ("kind", "key", "sealed_at", "state", "body")
    for kind, key, at, state, body in rows.order_by("sealed_at", "version").values_list(*fields):
        if at is not None:
            found[kind].append((key, at, state, body))
    return found


def standing(rows: Sequence[tuple[str, datetime, str, Body]], moment: datetime | None) -> dict[str, Body]:
    """The entries that held at a moment (None: now), by key. What was withdrawn since is left out: its day is not known
    here."""
    found: dict[str, Body] = {}
    for key, at, state, body in rows:
        if (state == "sealed") if moment is None else (at <= moment and state in ("sealed", "superseded")):
            found[key] = body
    return found


def lines(known: Versions, day: date, *, past: bool = False) -> list[Line]:
    """What the twelve months from a day need and what is there, in the areas that are scarce."""
    moment = datetime.combine(day, time.max, UTC) if past else None
    roles, holders, demands = (standing(known[kind], moment) for kind in (ROLE, HOLDER, DEMAND))
    every = coverage(roles, holders.values(), demands.values(), quarters(day))
    return [line for line in every if line.area in SCARCE]


@dataclass(frozen=True, slots=True)
class Cell:
    """One role in one quarter as it is drawn; nothing is needed where `needed` is 0."""

    quarter: str
    needed: Decimal
    covered: Decimal

    hundred = 100

    @property
    def short(self) -> int:
        """Of 100 that are needed, how many are missing."""
        return round(100 * (self.needed - self.covered) / self.needed) if self.needed else 0

    @property
    def words(self) -> str:
        return f"{self.covered:g} of {self.needed:g} full-time people in {self.quarter}, of 100"


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role with what each quarter needs of it and has; `unassessed` people have no known level."""

    title: str
    area: str
    quarters: tuple[Cell, ...]
    unassessed: int

    @property
    def blank(self) -> str:
        return f"{self.unassessed} not assessed"


def by_role(found: Iterable[Line]) -> list[RoleRow]:
    """The same by role, every role with every quarter that anything is needed in; most missing first."""
    every = list(found)
    shown = sorted({line.quarter for line in every})
    roles: dict[str, dict[str, Line]] = {}
    for line in every:
        roles.setdefault(line.role, {})[line.quarter] = line
    rows = []
    for title, held in roles.items():
        cells = tuple(
            Cell(quarter, held[quarter].needed, held[quarter].covered)
            if quarter in held
            else Cell(quarter, Decimal(0), Decimal(0))
            for quarter in shown
        )
        area = AREAS.get(next(iter(held.values())).area, "")
        rows.append(RoleRow(title, area, cells, max(line.unassessed for line in held.values())))
    return sorted(rows, key=lambda row: (-sum(cell.needed - cell.covered for cell in row.quarters), row.title))


@dataclass(frozen=True, slots=True)
class HolderRow:
    """One person for the role that their time is kept for, and which of its skills they lack."""

    person: str
    role: str
    fte: str
    assessed: bool
    missing: tuple[str, ...]


def held_skills(actor: Actor, known: Versions) -> list[HolderRow]:
    """Who is at level for their role. Raises Forbidden for an actor who may not see people's skills."""
    actor.require("talent.view")
    roles = standing(known[ROLE], None)
    rows = []
    for body in standing(known[HOLDER], None).values():
        held = {one["skill"]: one["level"] for one in body["levels"]}
        needed = roles[body["role"]]["skills"] if body["role"] in roles else []
        missing = tuple(
            f"{one['skill']}: {held.get(one['skill'], 0)} of {one['level']}"
            for one in needed
            if held.get(one["skill"], 0) < one["level"]
        )
        rows.append(HolderRow(body["person"], body["role"], body["fte"], bool(held), missing))
    return sorted(rows, key=lambda row: (row.role, row.person))


@dataclass(slots=True)
class ReuseRow:
    """What one unit asked for of the catalogue and uses, and the person-days that spared it."""

    unit: str
    asked: int = 0
    in_use: int = 0
    spared: Decimal = Decimal(0)


def reuse(actor: Actor) -> list[ReuseRow]:
    """The catalogue's requests and reuse by unit, most used first. One query."""
    found: dict[str, ReuseRow] = {}
    for body in Record.objects.of(actor).filter(kind=REUSE, state="sealed").values_list("body", flat=True):
        row = found.setdefault(body["unit"], ReuseRow(body["unit"]))
        row.asked += body["state"] == "asked"
        row.in_use += body["state"] == "in_use"
        row.spared += Decimal(body["spared"] or 0)
    return sorted(found.values(), key=lambda row: (-row.in_use, -row.asked, row.unit))
