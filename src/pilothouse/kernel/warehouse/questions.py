"""What people ask of the warehouse: usage and cost, refusals, findings, latency, one call. Pure reading.

Every function takes an opened `Warehouse` and a `Where`, and answers in one query.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pilothouse.kernel.warehouse.asking import Warehouse
from pilothouse.kernel.warehouse.tables import Row

# By what calls can be grouped and narrowed.
DIMENSIONS = ("system", "model", "unit", "person", "key", "agent", "upstream", "purpose", "source", "endpoint")
QUARTER = 900  # seconds: every zone's midnight falls on a quarter of an hour
COLUMNS = ("calls", "cost", "input", "output", "cached", "reasoning", "failed", "estimated", "unpriced")


@dataclass(frozen=True, slots=True)
class Where:
    """Which calls: values by dimension, and the systems that may be seen at all (None: all, even calls of none)."""

    values: Mapping[str, str] = field(default_factory=dict)
    systems: frozenset[str] | None = None


def _narrow(table: Any, where: Where) -> Any:
    for name, value in where.values.items():
        if name not in DIMENSIONS:
            raise ValueError(f"calls cannot be narrowed by {name}")
        table = _equal(table, name, value)
    if where.systems is not None:
        table = table.filter(table.system.isin(sorted(where.systems))) if where.systems else table.limit(0)
    return table


def _equal(table: Any, name: str, value: str) -> Any:
    """The rows with this value. SQL has no way to write a NUL, so nobody finds anything by one."""
    return table.limit(0) if "\x00" in value else table.filter(table[name] == value)


def _sums(usage: Any) -> dict[str, Any]:
    failed = ((usage.status >= 400) | (usage.finish == "error")).cast("int64")
    return {
        "calls": usage.count(),
        "cost": usage.cost.sum().fill_null(0),
        "input": usage.input.sum().fill_null(0),
        "output": usage.output.sum().fill_null(0),
        "cached": (usage.cache_read + usage.cache_write).sum().fill_null(0),
        "reasoning": usage.reasoning.sum().fill_null(0),
        "failed": failed.sum().fill_null(0),
        "estimated": usage.estimated.cast("int64").sum().fill_null(0),
        # Without a price a cost of nothing means that nobody knows it.
        "unpriced": ((usage.price == "") & (usage.cost == 0)).cast("int64").sum().fill_null(0),
    }


def _whole(row: Row) -> Row:
    """Sums come back wide; they are whole numbers."""
    return {name: int(value) if name in COLUMNS else value for name, value in row.items()}


def totals(warehouse: Warehouse, where: Where) -> Row:
    """Calls, cost (micro-units), tokens by kind, failures and estimates, all together."""
    usage = _narrow(warehouse.table("usage"), where)
    return _whole(warehouse.rows(usage.aggregate(**_sums(usage)))[0])


def by(warehouse: Warehouse, dimension: str, where: Where, limit: int = 500) -> list[Row]:
    """The same for each value of a dimension, the dearest first."""
    if dimension not in DIMENSIONS:
        raise ValueError(f"calls cannot be grouped by {dimension}")
    usage = _narrow(warehouse.table("usage"), where)
    grouped = usage.group_by(usage[dimension].name("value")).agg(**_sums(usage))
    rows = warehouse.rows(grouped.order_by(grouped.cost.desc(), grouped.calls.desc(), grouped.value).limit(limit))
    return [_whole(row) for row in rows]


def by_day(warehouse: Warehouse, where: Where, zone: str) -> dict[date, Row]:
    """Calls and cost of each day as the organisation's clocks have it; days without a call are missing."""
    usage = _narrow(warehouse.table("usage"), where)
    quarter = (usage.at.epoch_seconds() // QUARTER).cast("int64").name("quarter")
    grouped = usage.group_by(quarter).agg(calls=usage.count(), cost=usage.cost.sum())
    days: dict[date, Row] = {}
    for row in warehouse.rows(grouped):
        day = datetime.fromtimestamp(row["quarter"] * QUARTER, UTC).astimezone(ZoneInfo(zone)).date()
        kept = days.setdefault(day, {"calls": 0, "cost": 0})
        kept["calls"] += int(row["calls"])
        kept["cost"] += int(row["cost"])
    return dict(sorted(days.items()))


def calls(warehouse: Warehouse, where: Where, offset: int = 0, limit: int = 50) -> list[Row]:
    """Single calls, the newest first."""
    usage = _narrow(warehouse.table("usage"), where)
    return warehouse.rows(usage.order_by(usage.at.desc(), usage.id).limit(limit, offset=offset))


def call(warehouse: Warehouse, call_id: str) -> dict[str, list[Row]]:
    """Everything kept of one call, by table."""
    found = {}
    for name in ("usage", "refusals", "checks", "findings", "feedback", "reviews"):
        table = warehouse.table(name)
        found[name] = warehouse.rows(_equal(table, "call", call_id).order_by("at").limit(100))
    return found


def latency(warehouse: Warehouse, dimension: str, where: Where) -> list[Row]:
    """Latency and time to first token at the median, 95 and 99 %, what we added ourselves, and failures."""
    usage = _narrow(warehouse.table("usage"), where)
    grouped = usage.group_by(usage[dimension].name("value")).agg(
        calls=usage.count(),
        failed=((usage.status >= 400) | (usage.finish == "error")).cast("int64").sum(),
        p50=usage.latency_ms.quantile(0.5),
        p95=usage.latency_ms.quantile(0.95),
        p99=usage.latency_ms.quantile(0.99),
        ttft_p50=usage.ttft_ms.quantile(0.5),
        ttft_p95=usage.ttft_ms.quantile(0.95),
        added_p50=usage.overhead_us.quantile(0.5),
        added_p99=usage.overhead_us.quantile(0.99),
        last=usage.at.max(),
        last_good=usage.at.max(where=(usage.status < 400) & (usage.finish != "error")),
    )
    return [_whole(row) for row in warehouse.rows(grouped.order_by(grouped.calls.desc(), grouped.value))]


def reported_models(warehouse: Warehouse, where: Where) -> list[Row]:
    """Which model an upstream said had answered, for each that was asked: a silent change shows as a second row."""
    usage = _narrow(warehouse.table("usage"), where)
    said = usage.filter(usage.model_reported != "")
    grouped = said.group_by(["upstream", "target", "model_reported"]).agg(
        calls=said.count(), first=said.at.min(), last=said.at.max()
    )
    rows = warehouse.rows(grouped.order_by([grouped.upstream, grouped.target, grouped.first]))
    return [_whole(row) for row in rows]


def model_changes(warehouse: Warehouse) -> list[Row]:
    """Every time that a gateway saw an upstream answer with another model than before, the oldest first."""
    table = warehouse.table("model_changes")
    rows = warehouse.rows(table.order_by([table.at, table.id]))
    return [_whole(row) for row in rows]


def models_called(warehouse: Warehouse) -> list[Row]:
    """Which models each system called, and which said that they answered."""
    usage = warehouse.table("usage")
    grouped = usage.group_by(["system", "target", "model_reported"]).agg(calls=usage.count(), last=usage.at.max())
    rows = warehouse.rows(grouped.order_by([grouped.system, grouped.target, grouped.model_reported]))
    return [_whole(row) for row in rows]


def refusals_by(warehouse: Warehouse, dimension: str, where: Where) -> list[Row]:
    """How many calls were refused for each reason, or for each value of a dimension."""
    table = _narrow(warehouse.table("refusals"), where)
    grouped = table.group_by(table[dimension].name("value")).agg(calls=table.count(), last=table.at.max())
    return [_whole(row) for row in warehouse.rows(grouped.order_by(grouped.calls.desc(), grouped.value).limit(500))]


def refusals(warehouse: Warehouse, where: Where, code: str = "", offset: int = 0, limit: int = 50) -> list[Row]:
    """Single refusals, the newest first."""
    table = _narrow(warehouse.table("refusals"), where)
    if code:
        table = _equal(table, "code", code)
    return warehouse.rows(table.order_by(table.at.desc(), table.id).limit(limit, offset=offset))


def findings_by(warehouse: Warehouse, dimension: str, where: Where) -> list[Row]:
    """What inspection found, by kind and by a dimension: how often, in how many calls, how many of them refused."""
    table = _narrow(warehouse.table("findings"), where)
    grouped = table.group_by([table.kind, table[dimension].name("value")]).agg(
        found=table["count"].sum(), calls=table.call.nunique(), stopped=table.refused.cast("int64").sum()
    )
    rows = warehouse.rows(grouped.order_by([grouped.found.desc(), grouped.kind, grouped.value]).limit(2000))
    return [_whole({**row, "found": int(row["found"]), "stopped": int(row["stopped"] or 0)}) for row in rows]


def reviews_by(warehouse: Warehouse, dimension: str, where: Where) -> list[Row]:
    """What reviewers made of held answers, by a dimension: how many, how many of them not released as they were,
    seconds looked at them, characters changed."""
    table = _narrow(warehouse.table("reviews"), where)
    grouped = table.group_by(table[dimension].name("value")).agg(
        decided=table.count(),
        overridden=(table.verdict != "released").cast("int64").sum(),
        seconds=table.seconds.sum().fill_null(0),
        waited=table.waited_seconds.quantile(0.5),
        edits=table.edit_distance.sum().fill_null(0),
    )
    rows = warehouse.rows(grouped.order_by(grouped.decided.desc(), grouped.value).limit(500))
    return [{name: value if name == "value" else int(value or 0) for name, value in row.items()} for row in rows]


def last_seen(warehouse: Warehouse) -> list[Row]:
    """When each system was last heard of, by source: calls, refusals and checks together."""
    tables = [warehouse.table(name)[["system", "source", "at"]] for name in ("usage", "refusals", "checks")]
    whole = tables[0].union(tables[1]).union(tables[2])
    known = whole.filter(whole.system != "")
    grouped = known.group_by(["system", "source"]).agg(calls=known.count(), last=known["at"].max())
    return [_whole(row) for row in warehouse.rows(grouped)]


def spent(warehouse: Warehouse, scope: str, ids: list[str]) -> dict[str, int]:
    """Micro-units spent by each key, system or unit (or, for the organisation, under the empty id)."""
    usage = warehouse.table("usage")
    if scope == "organisation":
        return {"": int(warehouse.rows(usage.aggregate(cost=usage.cost.sum().fill_null(0)))[0]["cost"])}
    narrowed = usage.filter(usage[scope].isin(ids)) if ids else usage.limit(0)
    grouped = narrowed.group_by(narrowed[scope].name("value")).agg(cost=narrowed.cost.sum())
    return {row["value"]: int(row["cost"]) for row in warehouse.rows(grouped)}


def known_ids(warehouse: Warehouse, ids: list[str]) -> set[str]:
    """Which of these usage rows are there already."""
    usage = warehouse.table("usage")
    return {row["id"] for row in warehouse.rows(usage.filter(usage.id.isin(ids)).select("id"))} if ids else set()


def days_between(since: date, until: date) -> list[date]:
    """Every day from `since` to `until`, both included."""
    return [since + timedelta(days=number) for number in range((until - since).days + 1)]
