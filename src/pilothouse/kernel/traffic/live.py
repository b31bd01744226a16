"""What happens just now: the last minutes, including what is still in the gateways' spool and calls under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pilothouse.contracts.policy.events import Check, Event, Intent, Refusal, Settlement
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.traffic import places
from pilothouse.kernel.traffic.selectors import named, reach, reading
from pilothouse.kernel.warehouse import questions, spool
from pilothouse.kernel.warehouse.questions import Where
from pilothouse.kernel.warehouse.tables import Row, rows_of

MINUTES = 15
SHOWN = 40
UNDER_WAY = timedelta(minutes=30)  # an intent older than this is waiting for a restart, not for an answer


@dataclass(frozen=True, slots=True)
class Minute:
    at: datetime
    calls: int
    refused: int


@dataclass(frozen=True, slots=True)
class Live:
    """The last minutes: sums, a count for each minute, and the newest calls and refusals."""

    minutes: tuple[Minute, ...]
    calls: int
    refused: int
    failed: int
    tokens: int
    cost: int
    under_way: int
    rows: tuple[Row, ...]


def live(actor: Actor, now: datetime) -> Live:
    """The traffic of the last MINUTES that the actor may see."""
    seen, organisation = reach(actor), str(actor.organisation_id)
    since = now - timedelta(minutes=MINUTES)
    events = spool.recent(places.spool(), organisation, now - UNDER_WAY)
    mine = [event for event in events if seen is None or event.system in seen]
    usage, refused = _kept(actor, seen, since, now)
    for event in mine:
        if event.at >= since:
            _add(event, usage, refused)
    rows = [row | {"kind": "call"} for row in usage.values()] + [row | {"kind": "refusal"} for row in refused.values()]
    rows.sort(key=lambda row: row["at"], reverse=True)
    done = usage.values()
    return Live(
        tuple(_minutes(since, [row["at"] for row in done], [row["at"] for row in refused.values()])),
        len(usage),
        len(refused),
        sum(row["status"] >= 400 or row["finish"] == "error" for row in done),
        sum(row["input"] + row["output"] + row["cache_read"] + row["cache_write"] + row["reasoning"] for row in done),
        sum(row["cost"] for row in done),
        sum(isinstance(event, Intent) for event in mine),
        tuple(named(actor, rows[:SHOWN])),
    )


def _kept(
    actor: Actor, seen: frozenset[str] | None, since: datetime, now: datetime
) -> tuple[dict[str, Row], dict[str, Row]]:
    """What the warehouse has of these minutes already, by id."""
    asked = Where({}, seen)
    with reading(actor, since, now + timedelta(seconds=5)) as warehouse:
        usage = {row["id"]: row for row in questions.calls(warehouse, asked, 0, 100_000)}
        refused = {row["id"]: row for row in questions.refusals(warehouse, asked, "", 0, 100_000)}
    return usage, refused


def _add(event: Event, usage: dict[str, Row], refused: dict[str, Row]) -> None:
    if isinstance(event, Intent | Check):
        return
    for table, row in rows_of(event):
        if table == "usage" and isinstance(event, Settlement):
            usage[row["id"]] = row
        elif table == "refusals" and isinstance(event, Refusal):
            refused[row["id"]] = row


def _minutes(since: datetime, calls: list[datetime], refused: list[datetime]) -> list[Minute]:
    counts = [[0, 0] for _ in range(MINUTES)]
    for which, times in enumerate((calls, refused)):
        for at in times:
            counts[min(MINUTES - 1, max(0, int((at - since).total_seconds() // 60)))][which] += 1
    return [Minute(since + timedelta(minutes=number), *pair) for number, pair in enumerate(counts)]
