"""Gates on the command line: `pilothouse gate …` and `pilothouse may-run S-42`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.clock import now
from pilothouse.kernel.gates.actions.breakglass import breakglass_tick
from pilothouse.kernel.gates.actions.gaps import gaps_tick
from pilothouse.kernel.gates.actions.manifests import manifest_tick
from pilothouse.kernel.gates.actions.stages import gate_request
from pilothouse.kernel.gates.actions.waivers import waivers_tick
from pilothouse.kernel.gates.selectors import agenda, gaps, may_run, report_of, run_permissions
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import system_by_number, systems
from pilothouse.web.cli import Json, Org, emit, finish, operator
from pilothouse.web.gates.shown import agenda_data, permission_data, report_data

gate = typer.Typer(help="Gates: what they ask, asking to pass, gaps of inherited systems.", no_args_is_help=True)
Ref = Annotated[str, typer.Argument(help="The system's number, such as S-42.")]
To = Annotated[str, typer.Argument(help="development, pilot, production or retired.")]


@gate.command()
def report(system: Ref, to_stage: To, org: Org, json: Json = False) -> None:
    """Every requirement of a gate, as it stands now. Exit code 1 while something blocks."""
    data = report_data(report_of(_system(operator(org), system), to_stage, now()))
    rows = [{key: row[key] for key in ("status", "title", "because")} for row in data["requirements"]]
    emit(data if json else rows, json)
    if data["blocked"]:
        finish(1)


@gate.command()
def request(
    system: Ref,
    to_stage: To,
    org: Org,
    reason: Annotated[str, typer.Option("--reason", help="Why it should enter that stage now.")],
    json: Json = False,
) -> None:
    """Ask that a system enter a stage. A shut gate is a conflict (exit code 4) that names what blocks."""
    actor = operator(org)
    outcome = gate_request(actor=actor, system=_system(actor, system), to_stage=to_stage, reason=reason)
    decision = str(outcome.decision.pk) if outcome.decision else None
    emit({"stage": _system(actor, system).stage, "decision": decision}, json)


@gate.command("gaps")
def gap_list(
    org: Org,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only the overdue ones.")] = False,
    json: Json = False,
) -> None:
    """Open gaps of inherited systems, soonest due first."""
    rows = gaps(operator(org)).filter(state="open")
    if overdue:
        rows = rows.filter(due_at__lte=now())
    emit([{"system": g.system.ref, "check": g.check_id, "title": g.title, "due": g.due_at} for g in rows], json)


@gate.command("agenda")
def agenda_list(
    org: Org,
    every: Annotated[bool, typer.Option("--all", help="Those that are off the agenda, too.")] = False,
    json: Json = False,
) -> None:
    """What the governance review has to look at: material changes of systems. Exit code 1 while something is open."""
    rows = list(agenda(operator(org), open_only=not every))
    emit([agenda_data(row) for row in rows], json)
    finish(1 if any(row.closed_at is None for row in rows) else 0)


@gate.command()
def tick(json: Json = False) -> None:
    """Do now what time does: end waivers and break-glass, date and ask about gaps, compare manifests."""
    moment = now()
    ticks = {"gaps": gaps_tick, "waivers": waivers_tick, "breakglass": breakglass_tick, "manifests": manifest_tick}
    emit({name: run(moment) for name, run in ticks.items()}, json)


def may_run_command(
    org: Org,
    system: Annotated[str, typer.Argument(help="The system's number, such as S-42; without it: every system.")] = "",
    json: Json = False,
) -> None:
    """May it run, and why. Exit code 1 when it may not."""
    actor = operator(org)
    if not system:
        rows = list(systems(actor).order_by("number"))
        permissions = run_permissions(rows, now())
        data: Any = [permission_data(row, permissions[row.pk]) for row in rows]
        keys = ("system", "name", "stage", "allowed", "because")
        emit(data if json else [{key: row[key] for key in keys} for row in data], json)
        return
    row = _system(actor, system)
    permission = may_run(row, now())
    emit(permission_data(row, permission), json)
    if not permission.allowed:
        finish(1)


def _system(actor: Actor, ref: str) -> System:
    digits = ref.upper().removeprefix("S-")
    if not digits.isdigit():
        raise Invalid(f"“{ref}” is no system's number. Write it like S-42.")
    return system_by_number(actor, int(digits))


COMMANDS = {"gate": gate, "may-run": may_run_command}
