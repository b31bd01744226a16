"""`pilothouse usage`: what calls were made and what they cost; bringing in logs; what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.traffic import selectors
from pilothouse.kernel.traffic.actions import keep_days, person_forget, retention_set, usage_observe
from pilothouse.kernel.traffic.burning import burns
from pilothouse.kernel.traffic.changes import model_changes
from pilothouse.kernel.traffic.live import live
from pilothouse.kernel.traffic.observed import logs
from pilothouse.kernel.traffic.ticks import traffic_keep_tick, traffic_tick
from pilothouse.web.cli import Json, Org, emit, finish, operator
from pilothouse.web.traffic.sheets import calls as as_csv
from pilothouse.web.traffic.sheets import whole

usage = typer.Typer(help="Calls of models: usage, cost, refusals, findings, budgets.", no_args_is_help=True)

PeriodName = Annotated[str, typer.Option("--period", help="today, 7d, 30d, 90d, month or last-month.")]
Since = Annotated[str, typer.Option("--since", help="The first day, such as 2026-11-01.")]
Until = Annotated[str, typer.Option("--until", help="The last day; today if not given.")]
OfSystem = Annotated[int | None, typer.Option("--system", help="Only this system, by its number.")]


def _asked(org: str, period: str, since: str, until: str, system: int | None) -> tuple[Any, Any, dict[str, str]]:
    actor = operator(org)
    span = selectors.asked_period(actor, clock.now(), "" if since or until else period, since, until)
    values = {} if system is None else {"system": str(system_by_number(actor, system).pk)}
    return actor, span, values


@usage.command()
def report(
    org: Org,
    by: Annotated[
        str, typer.Option(help="system, model, unit, person, key, agent, upstream, purpose, source.")
    ] = "system",
    period: PeriodName = "30d",
    since: Since = "",
    until: Until = "",
    system: OfSystem = None,
    json: Json = False,
) -> None:
    """Show usage and cost by one dimension, the dearest first."""
    actor, span, values = _asked(org, period, since, until, system)
    said = selectors.usage(actor, span, by, values)
    rows = [{by: line.name.text} | line.row | {"cost": whole(line.row["cost"])} for line in said.lines]
    for row in rows:
        row.pop("value")
    emit(rows, json)


@usage.command("calls")
def calls_(
    org: Org,
    period: PeriodName = "today",
    since: Since = "",
    until: Until = "",
    system: OfSystem = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 50,
    to: Annotated[Path | None, typer.Option("--to", help="Write every call of the period into this CSV file.")] = None,
    json: Json = False,
) -> None:
    """Show single calls, newest first."""
    actor, span, values = _asked(org, period, since, until, system)
    if to is not None:
        with to.open("w", newline="", encoding="utf-8") as out:
            out.writelines(as_csv(selectors.export(actor, span, values)))
        emit({"written": str(to)}, json)
        return
    rows, _ = selectors.calls(actor, span, values, 1, limit)
    emit([_call(row) for row in rows], json)


def _call(row: dict[str, Any]) -> dict[str, Any]:
    shown = {"at": row["at"], "call": row["call"], "system": row["system_name"].text, "model": row["model"]}
    return (
        shown | {name: row[name] for name in ("input", "output")} | {"cost": whole(row["cost"]), "end": row["finish"]}
    )


@usage.command()
def call(org: Org, call_id: Annotated[str, typer.Argument(help="A call's number.")], json: Json = False) -> None:
    """Show everything that is kept of one call."""
    found = selectors.call(operator(org), call_id, clock.now())
    rows = {
        table: [{key: value for key, value in row.items() if not key.endswith("_name")} for row in listed]
        for table, listed in found.items()
        if listed
    }
    emit(rows, json)


@usage.command()
def refusals(
    org: Org,
    period: PeriodName = "7d",
    since: Since = "",
    until: Until = "",
    system: OfSystem = None,
    json: Json = False,
) -> None:
    """Count refused calls by reason. Exit code 1 when there are any."""
    actor, span, values = _asked(org, period, since, until, system)
    said = selectors.refusals(actor, span, values, size=1)
    emit([{"reason": line.value, "calls": line.row["calls"], "last": line.row["last"]} for line in said.codes], json)
    finish(1 if said.total else 0)


@usage.command()
def findings(
    org: Org,
    period: PeriodName = "7d",
    since: Since = "",
    until: Until = "",
    system: OfSystem = None,
    json: Json = False,
) -> None:
    """Count what inspection found, by kind and system."""
    actor, span, values = _asked(org, period, since, until, system)
    said = selectors.findings(actor, span, "system", values)
    emit(
        [
            {"kind": kind, "system": line.name.text} | {k: line.row[k] for k in ("found", "calls")}
            for kind, line in said.lines
        ],
        json,
    )


@usage.command()
def budgets(org: Org, json: Json = False) -> None:
    """Show how far budgets are used up. Exit code 1 when one is exhausted."""
    found = burns(operator(org), clock.now())
    rows = [
        {"budget": b.budget.name, "window": b.budget.window, "spent": b.spent, "cap": b.budget.cap,
         "forecast": None if b.forecast is None else round(b.forecast, 2)}
        for b in found
    ]  # fmt: skip
    emit(rows, json)
    finish(1 if any(b.share >= 1 for b in found) else 0)


@usage.command("live")
def live_(org: Org, json: Json = False) -> None:
    """Show the last 15 minutes."""
    said = live(operator(org), clock.now())
    emit(
        {"calls": said.calls, "refused": said.refused, "failed": said.failed, "under_way": said.under_way,
         "tokens": said.tokens, "cost": whole(said.cost)},
        json,
    )  # fmt: skip


@usage.command("model-changes")
def list_model_changes(org: Org, system: OfSystem = None, json: Json = False) -> None:
    """Models that providers changed without a word, newest first."""
    actor = operator(org)
    whose = system_by_number(actor, system) if system is not None else None
    shown = ("upstream", "target", "before", "after", "noticed_at")
    rows = model_changes(actor, system=whose)[:200]
    emit([{name: getattr(row, name) for name in shown} for row in rows], json)


@usage.command("import")
def import_(
    org: Org,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A log: CSV or JSON.")],
    system: OfSystem = None,
    json: Json = False,
) -> None:
    """Bring in a log of calls made elsewhere, as observed. Exit code 1 when rows were refused."""
    actor = operator(org)
    whose = system_by_number(actor, system) if system is not None else None
    if file.stat().st_size > logs.MOST_BYTES:
        raise Invalid("The file is larger than 64 MB; split it by month.")
    told = usage_observe(actor=actor, seen=logs.read(file.read_bytes()), source="import", system=whose)
    emit({"new": told.new, "known": told.known, "unassigned": told.unassigned, "refused": list(told.refused)}, json)
    finish(1 if told.refused else 0)


@usage.command()
def keep(
    org: Org,
    days: Annotated[int | None, typer.Argument(help="How many days; shows it if not given.")] = None,
    json: Json = False,
) -> None:
    """Show or set how long calls are kept."""
    actor = operator(org)
    if days is not None:
        retention_set(actor=actor, days=days)
    emit({"days": keep_days(actor.organisation_id)}, json)


@usage.command()
def forget(
    org: Org,
    person: Annotated[str, typer.Argument(help="The e-mail address or id that calls named.")],
    reason: Annotated[str, typer.Option(help="Which request or rule asks for it.")],
    json: Json = False,
) -> None:
    """Make a person's calls nobody's, where the law requires it."""
    emit({"rows": person_forget(actor=operator(org), told=person, reason=reason)}, json)


@usage.command("bring-in")
def bring_in(json: Json = False) -> None:
    """Bring in now what gateways wrote, for all organisations."""
    emit(traffic_tick(clock.now()), json)


@usage.command()
def compact(json: Json = False) -> None:
    """Compact the warehouse now, and forget what is older than it is kept."""
    emit(traffic_keep_tick(clock.now()), json)


COMMANDS = {"usage": usage}
