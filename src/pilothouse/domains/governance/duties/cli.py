"""`pilothouse incidents`, `inquiries` and `inventory`: clocks, requests of authorities, inventories in their forms."""

from __future__ import annotations

import json as json_
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.duties import actions
from pilothouse.domains.governance.duties.inventories.files import atrs_file, missing_csv, omb_csv
from pilothouse.domains.governance.duties.inventories.reading import omb_sheet
from pilothouse.domains.governance.duties.rules.clocks import OPEN, clocks
from pilothouse.domains.governance.duties.rules.facts import facts_of
from pilothouse.domains.governance.duties.selectors.cases import case_of, cases, keeping, standing
from pilothouse.domains.governance.duties.selectors.inquiries import inquiries, inquiry_of
from pilothouse.domains.governance.duties.told import told_case, told_clock, told_inquiry
from pilothouse.kernel import clock
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.cli import Json, Org, emit, operator

incidents_app = typer.Typer(help="Incident clocks: clocks, questions, list, open, sent.", no_args_is_help=True)
inquiries_app = typer.Typer(help="Requests of authorities: list, open, drill, close.", no_args_is_help=True)
inventory_app = typer.Typer(help="Inventories in the forms of authorities.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="Its number, such as 3.")]
Where = Annotated[str, typer.Option("--where", help="The filters of a list's address, such as 'stage=production'.")]
To = Annotated[Path, typer.Option("--to", help="The file to write; - writes to the screen.")]


@incidents_app.command("questions")
def questions(org: Org, json: Json = False) -> None:
    """Show the questions that facts answer."""
    law = keeping(operator(org).organisation_id).law
    emit([{"id": q.id, "group": q.group, "title": q.title} for q in law.questions], json)


@incidents_app.command("clocks")
def clocks_(
    org: Org,
    number: Annotated[int | None, typer.Argument(help="An incident under clocks, such as 3 for N-3.")] = None,
    facts: Annotated[Path | None, typer.Option("--facts", help="Facts as JSON; nothing is kept.")] = None,
    json: Json = False,
) -> None:
    """Show every clock of an incident, or those that facts in a file would give. Ends with 1 when one is late."""
    actor = operator(org)
    kept, now = keeping(actor.organisation_id), clock.now()
    if (number is None) == (facts is None):
        raise Invalid("Give one: an incident's number, or --facts FILE.")
    if number is not None:
        found = standing(case_of(actor, number), kept, now).clocks
    else:
        said = facts_of(kept.law, _json(facts), now)
        found = clocks(kept.law, said, zone=kept.zone, now=now)
    rows = [told_clock(one) for one in found]
    short = ("key", "state", "target", "outer", "cite", "confidence")
    emit(rows if json else [{key: row[key] for key in short} | {"sure": row["sure"]} for row in rows], json)
    if not json:
        typer.echo(f"\n{kept.law.notice} Edition {kept.law.edition}, {kept.law.as_of}.")
    if any(one.state == "late" and one.sure for one in found if one.state in OPEN):
        raise typer.Exit(1)


@incidents_app.command("list")
def list_(org: Org, json: Json = False) -> None:
    """List incidents under clocks."""
    actor = operator(org)
    kept, now = keeping(actor.organisation_id), clock.now()
    emit([told_case(standing(case, kept, now)) for case in cases(actor)], json)


@incidents_app.command("open")
def open_(
    system: Annotated[str, typer.Argument(help="The system's number, such as S-42.")],
    title: Annotated[str, typer.Argument(help="What happened, in one line.")],
    facts: Annotated[Path, typer.Option("--facts", help="Facts as JSON: aware_at, member_states, answers …")],
    org: Org,
    json: Json = False,
) -> None:
    """Start the clocks of an incident."""
    actor = operator(org)
    digits = system.upper().removeprefix("S-")
    if not digits.isdigit():
        raise Invalid(f"“{system}” is not a system's number.", fields={"system": "Such as S-42."})
    found = system_by_number(actor, int(digits))
    case = actions.case_open(actor=actor, system=found, title=title, facts=_json(facts))
    stand = standing(case, keeping(actor.organisation_id), clock.now())
    emit(told_case(stand), json, f"The clocks of {case.ref} run.")


@incidents_app.command("sent")
def sent(
    number: Number,
    clock_key: Annotated[list[str], typer.Option("--clock", help="A clock that it stops; may be repeated.")],
    to: Annotated[str, typer.Option("--to", help="To whom it went.")],
    org: Org,
    kind: Annotated[str, typer.Option("--kind", help="initial, interim or final.")] = "initial",
    receipt: Annotated[str, typer.Option("--receipt", help="What the receiver calls it.")] = "",
    json: Json = False,
) -> None:
    """Keep that a notice was sent: the only thing that stops a clock."""
    actor = operator(org)
    case = case_of(actor, number)
    actions.notice_sent(actor=actor, case=case, clocks=clock_key, to=to, kind=kind, receipt=receipt)
    stand = standing(case_of(actor, number), keeping(actor.organisation_id), clock.now())
    emit(told_case(stand), json, f"Kept. {len(stand.running)} still to send.")


@inquiries_app.command("list")
def inquiries_list(org: Org, json: Json = False) -> None:
    """List requests of authorities and drills."""
    rows = [told_inquiry(row) for row in inquiries(operator(org))]
    short = ("number", "title", "authority", "due_at", "drill", "state")
    emit(rows if json else [{key: row[key] for key in short} for row in rows], json)


@inquiries_app.command("show")
def inquiries_show(number: Number, org: Org, json: Json = False) -> None:
    """Show one request."""
    emit(told_inquiry(inquiry_of(operator(org), number)), json)


@inquiries_app.command("open")
def inquiries_open(
    title: Annotated[str, typer.Argument(help="What is asked, in one line.")],
    org: Org,
    authority: Annotated[str, typer.Option("--authority", help="Who asks; may stay open for a drill.")] = "",
    system: Annotated[list[int] | None, typer.Option("--system", help="A system's number; may be repeated.")] = None,
    item: Annotated[list[str] | None, typer.Option("--item", help="What is wanted; may be repeated.")] = None,
    hours: Annotated[int | None, typer.Option("--hours", help="Answer within; empty: our own promise.")] = None,
    drill: Annotated[bool, typer.Option("--drill", help="An exercise: nobody outside has asked.")] = False,
    json: Json = False,
) -> None:
    """Enter a request of an authority, or begin a drill."""
    made = actions.inquiry_open(
        actor=operator(org), title=title, authority=authority, numbers=system or (), items=item or (), hours=hours,
        drill=drill,
    )  # fmt: skip
    emit(told_inquiry(made), json, f"{made.ref} is open, due {made.due_at:%Y-%m-%d %H:%M} UTC.")


@inquiries_app.command("close")
def inquiries_close(
    number: Number,
    outcome: Annotated[str, typer.Option("--outcome", help="How it ended.")],
    org: Org,
    unanswered: Annotated[bool, typer.Option("--unanswered", help="It ended without an answer.")] = False,
    json: Json = False,
) -> None:
    """End a request."""
    actor = operator(org)
    found = inquiry_of(actor, number)
    ended = actions.inquiry_close(actor=actor, inquiry=found, outcome=outcome, answered=not unanswered)
    emit(told_inquiry(ended), json, f"{ended.ref} has ended: {ended.state}.")


@inventory_app.command("export-omb")
def export_omb(org: Org, to: To, where: Where = "", json: Json = False) -> None:
    """Write the US inventory of 2025 as CSV, and beside it what is missing."""
    sheet = omb_sheet(operator(org), SystemQuery.parse(where))
    _write(to, omb_csv(sheet))
    told: dict[str, Any] = {
        "file": str(to),
        "rows": len(sheet.lines),
        "whole": len(sheet.lines) - len(sheet.incomplete),
        "not_reported": len(sheet.left_out),
    }
    if str(to) != "-":
        beside = to.with_suffix(".missing.csv")
        _write(beside, missing_csv(sheet))
        told["missing"] = str(beside)
        emit(told, json, f"{told['rows']} rows are in {to}, {told['whole']} of them whole; what is missing: {beside}.")


@inventory_app.command("export-atrs")
def export_atrs(org: Org, to: To, where: Where = "", json: Json = False) -> None:
    """Write transparency records of the UK standard: the file's ending chooses JSON, Markdown or CSV."""
    ending = to.suffix.lstrip(".") or "json"
    if ending not in ("json", "md", "csv"):
        raise Invalid("The file's name must end in .json, .md or .csv.", fields={"to": "End it in one of them."})
    _write(to, atrs_file(operator(org), SystemQuery.parse(where), ending))
    if str(to) != "-":
        emit({"file": str(to)}, json, f"The records are in {to}.")


def _write(to: Path, data: bytes) -> None:
    if str(to) == "-":
        sys.stdout.write(data.decode("utf-8-sig"))
        return
    try:
        to.write_bytes(data)
    except OSError as error:
        raise Invalid(f"{to} cannot be written: {error.strerror}.", fields={"to": "It cannot be written."}) from None


def _json(path: Path | None) -> dict[str, Any]:
    assert path is not None
    try:
        value = json_.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Invalid(f"{path} cannot be read as JSON.", fields={"facts": str(error)[:200]}) from None
    if not isinstance(value, dict):
        raise Invalid(f"{path} holds no facts.", fields={"facts": "One JSON object."})
    return value


COMMANDS = {"incidents": incidents_app, "inquiries": inquiries_app, "inventory": inventory_app}
