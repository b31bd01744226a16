"""Reading traffic, narrowed to the systems whose traffic the actor may see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.traffic import places
from pilothouse.kernel.traffic.models import KEEP_DAYS
from pilothouse.kernel.traffic.names import Name, names
from pilothouse.kernel.traffic.periods import Period, period
from pilothouse.kernel.warehouse import questions
from pilothouse.kernel.warehouse.asking import Warehouse, opened
from pilothouse.kernel.warehouse.questions import DIMENSIONS, Where
from pilothouse.kernel.warehouse.tables import Row

TITLES: Mapping[str, str] = {
    "system": "System",
    "model": "Model",
    "unit": "Unit",
    "person": "Person",
    "key": "Key",
    "agent": "Agent",
    "upstream": "Upstream",
    "purpose": "Purpose",
    "source": "How we know",
    "endpoint": "Endpoint",
}


def reach(actor: Actor) -> frozenset[str] | None:
    """The ids of the systems whose traffic the actor may see; None when that is all of it."""
    actor.require("traffic.view")
    if actor.scope("traffic.view").everywhere:
        return None
    return frozenset(str(pk) for pk in systems(actor, "traffic.view").values_list("pk", flat=True))


def where(actor: Actor, values: Mapping[str, str]) -> Where:
    """The calls that the actor asks for and may see. Raises Invalid for an unknown dimension."""
    wrong = [key for key in values if key not in DIMENSIONS]
    if wrong:
        raise Invalid(f"Calls cannot be narrowed by {wrong[0]}.", fields={wrong[0]: "No such filter."})
    return Where(dict(values), reach(actor))


def asked_period(actor: Actor, now: datetime, key: str = "", first: str = "", last: str = "") -> Period:
    """A period in the time zone of the actor's organisation. Raises Invalid."""
    zone = Organisation.objects.values_list("time_zone", flat=True).get(pk=actor.organisation_id)
    return period(now, zone, key, first, last)


@contextmanager
def reading(actor: Actor, since: datetime, until: datetime) -> Iterator[Warehouse]:
    """The warehouse of the actor's organisation in a stretch of time."""
    with opened(places.warehouse(), str(actor.organisation_id), since, until) as warehouse:
        yield warehouse


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a dimension: its name and its sums."""

    value: str
    name: Name
    row: Row


@dataclass(frozen=True, slots=True)
class Usage:
    """What calls were made and what they cost in a period, as a whole, by one dimension and by day."""

    period: Period
    dimension: str
    totals: Row
    before: Row
    lines: tuple[Line, ...]
    days: tuple[tuple[date, Row], ...]
    chosen: Mapping[str, Name]


def usage(actor: Actor, period: Period, dimension: str, values: Mapping[str, str]) -> Usage:
    """Usage by a dimension. `before` are the sums of the period of the same length that came before.

    Raises Invalid for an unknown dimension.
    """
    if dimension not in DIMENSIONS:
        raise Invalid(f"Usage cannot be grouped by {dimension}.", fields={"by": "One of: " + ", ".join(DIMENSIONS)})
    asked = where(actor, values)
    with reading(actor, period.since, period.until) as warehouse:
        totals = questions.totals(warehouse, asked)
        rows = questions.by(warehouse, dimension, asked)
        days = questions.by_day(warehouse, asked, period.zone)
    length = period.until - period.since
    with reading(actor, period.since - length, period.since) as warehouse:
        before = questions.totals(warehouse, asked)
    called = names(actor, dimension, [row["value"] for row in rows])
    nothing = {"calls": 0, "cost": 0}
    return Usage(
        period,
        dimension,
        totals,
        before,
        tuple(Line(row["value"], called[row["value"]], row) for row in rows),
        tuple((day, days.get(day, nothing)) for day in period.days),
        chosen(actor, values),
    )


def chosen(actor: Actor, values: Mapping[str, str]) -> dict[str, Name]:
    """The names of what is narrowed to, by dimension."""
    return {key: names(actor, key, [value])[value] for key, value in values.items()}


def calls(actor: Actor, period: Period, values: Mapping[str, str], page: int, size: int = 50) -> tuple[list[Row], bool]:
    """One page (from 1) of single calls, the newest first, and whether there are more."""
    asked = where(actor, values)
    with reading(actor, period.since, period.until) as warehouse:
        rows = questions.calls(warehouse, asked, (page - 1) * size, size + 1)
    return named(actor, rows[:size]), len(rows) > size


def named(actor: Actor, rows: list[Row]) -> list[Row]:
    """Rows of calls with the names of their system, unit, key and person beside the ids."""
    called = {key: names(actor, key, [row.get(key, "") for row in rows]) for key in ("system", "unit", "key", "person")}
    return [row | {f"{key}_name": called[key][row.get(key, "")] for key in called} for row in rows]


def call(actor: Actor, call_id: str, now: datetime) -> dict[str, list[Row]]:
    """Everything kept of one call that the actor may see, or NotFound."""
    seen = reach(actor)
    with reading(actor, now - timedelta(days=max(KEEP_DAYS, 3 * 366)), now + timedelta(days=1)) as warehouse:
        found = questions.call(warehouse, call_id)
    rows = [row for table in found.values() for row in table]
    if not rows or (seen is not None and any(row["system"] not in seen for row in rows)):
        raise NotFound
    return {table: named(actor, listed) for table, listed in found.items()}


@dataclass(frozen=True, slots=True)
class Refusals:
    """What was refused in a period: by reason, by system, and one by one."""

    period: Period
    total: int
    codes: tuple[Line, ...]
    systems: tuple[Line, ...]
    rows: tuple[Row, ...]
    more: bool
    chosen: Mapping[str, Name]


def refusals(
    actor: Actor, period: Period, values: Mapping[str, str], code: str = "", page: int = 1, size: int = 50
) -> Refusals:
    """Refused calls with their reasons, the newest first."""
    asked = where(actor, values)
    with reading(actor, period.since, period.until) as warehouse:
        codes = questions.refusals_by(warehouse, "code", asked)
        by_system = questions.refusals_by(warehouse, "system", asked)
        rows = questions.refusals(warehouse, asked, code, (page - 1) * size, size + 1)
    called = names(actor, "system", [row["value"] for row in by_system])
    return Refusals(
        period,
        sum(row["calls"] for row in codes),
        tuple(Line(row["value"], Name(row["value"].replace("_", " ")), row) for row in codes),
        tuple(Line(row["value"], called[row["value"]], row) for row in by_system),
        tuple(named(actor, rows[:size])),
        len(rows) > size,
        chosen(actor, values),
    )


@dataclass(frozen=True, slots=True)
class Findings:
    """What inspection found in a period: sums by kind, and by kind and dimension."""

    period: Period
    dimension: str
    kinds: tuple[tuple[str, int, int, int], ...]
    lines: tuple[tuple[str, Line], ...]
    chosen: Mapping[str, Name]


def findings(actor: Actor, period: Period, dimension: str, values: Mapping[str, str]) -> Findings:
    """Findings by kind and by system or unit. Counts alone: no text is kept anywhere. Raises Invalid."""
    if dimension not in ("system", "unit", "person", "key", "model", "source"):
        raise Invalid(
            f"Findings cannot be grouped by {dimension}.", fields={"by": "system, unit, person, key or model"}
        )
    asked = where(actor, values)
    with reading(actor, period.since, period.until) as warehouse:
        rows = questions.findings_by(warehouse, dimension, asked)
    called = names(actor, dimension, [row["value"] for row in rows])
    kinds: dict[str, list[int]] = {}
    for row in rows:
        sums = kinds.setdefault(row["kind"], [0, 0, 0])
        for at, key in enumerate(("found", "calls", "stopped")):
            sums[at] += row[key]
    ordered = sorted(kinds.items(), key=lambda pair: -pair[1][0])
    return Findings(
        period,
        dimension,
        tuple((kind, found, count, stopped) for kind, (found, count, stopped) in ordered),
        tuple((row["kind"], Line(row["value"], called[row["value"]], row)) for row in rows),
        chosen(actor, values),
    )


@dataclass(frozen=True, slots=True)
class Health:
    """How upstreams answered, and which models they said answered."""

    lines: tuple[Line, ...]
    models: tuple[Row, ...]


def health(actor: Actor, since: datetime, until: datetime) -> Health:
    """Latency, failures and last success of each upstream, and every model version that they reported."""
    asked = where(actor, {})
    with reading(actor, since, until) as warehouse:
        rows = [row for row in questions.latency(warehouse, "upstream", asked) if row["value"]]
        models = questions.reported_models(warehouse, asked)
    several: dict[tuple[str, str], int] = {}
    for row in models:
        several[row["upstream"], row["target"]] = several.get((row["upstream"], row["target"]), 0) + 1
    changed = [row | {"versions": several[row["upstream"], row["target"]]} for row in models]
    return Health(tuple(Line(row["value"], Name(row["value"]), row) for row in rows), tuple(changed))


def export(actor: Actor, period: Period, values: Mapping[str, str]) -> Iterator[Row]:
    """Every call of a period, oldest last, in pages so that memory stays small."""
    page = 1
    while True:
        rows, more = calls(actor, period, values, page, 2_000)
        yield from rows
        if not more:
            return
        page += 1


def system_traffic(actor: Actor, system_id: Any, now: datetime) -> tuple[Row, list[Row]]:
    """A system's sums of the last 30 days, and what was heard of it by source. The caller asks for the permission."""
    own = Where({"system": str(system_id)})
    with reading(actor, now - timedelta(days=30), now) as warehouse:
        totals = questions.totals(warehouse, own)
        sources = [row for row in questions.last_seen(warehouse) if row["system"] == str(system_id)]
    return totals, sorted(sources, key=lambda row: row["source"])
