"""`pilothouse checks`, `pilothouse gaps` and `pilothouse rulebook` on the command line."""

from __future__ import annotations

import json as json_
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.kernel.checks import selectors
from pilothouse.kernel.checks.actions import parse_body, rulebook_activate, rulebook_adopt, rulebook_propose
from pilothouse.kernel.checks.active import active_rulebook
from pilothouse.kernel.checks.engine import refresh
from pilothouse.kernel.checks.impact import rulebook_impact
from pilothouse.kernel.checks.models import Rulebook
from pilothouse.kernel.checks.rulebook import RulebookBody
from pilothouse.kernel.checks.rulebooks import SHIPPED
from pilothouse.kernel.checks.rules import compare
from pilothouse.kernel.checks.trends import trend
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.selectors import system_by_number, systems
from pilothouse.web.checks.told import check_out, finding_out, gap_out, impact_out
from pilothouse.web.checks.words import gate_words, limits_words, role_titles
from pilothouse.web.cli import Json, Org, emit, finish, operator

checks_app = typer.Typer(help="Judge systems and read findings.", no_args_is_help=True)
rulebook_app = typer.Typer(help="Read rulebooks and propose changes.", no_args_is_help=True)

File = Annotated[str, typer.Argument(help="A rulebook as JSON (as `rulebook show --json` prints it), or - for input.")]


@checks_app.command("list")
def checks_list(json: Json = False) -> None:
    """Every check there is: what it asks and whom it protects."""
    rows = [check_out(check_id, {}) for check_id in registry.checks]
    for row in rows:
        del row["tally"]
    emit(rows if json else [{key: row[key] for key in ("id", "title", "protects")} for row in rows], json)


@checks_app.command("run")
def checks_run(
    org: Org,
    json: Json = False,
    system: Annotated[list[int] | None, typer.Option("--system", help="Only these systems, by number.")] = None,
) -> None:
    """Set tiers and judge systems anew. Exits with 1 when something that is asked is missing."""
    actor = operator(org)
    ids = None if system is None else [system_by_number(actor, number).pk for number in system]
    run = refresh(actor, ids)
    among = systems(actor) if ids is None else systems(actor).filter(pk__in=ids)
    standing = selectors.overall(actor, among)
    result = asdict(run) | {"met": standing.met, "total": standing.total, "gaps": standing.total - standing.met}
    result["gaps"] -= standing.waived
    emit(result, json)
    finish(1 if result["gaps"] else 0)


@checks_app.command("show")
def checks_show(
    number: Annotated[int, typer.Argument(help="The system's number.")], org: Org, json: Json = False
) -> None:
    """What every check now says of one system."""
    actor = operator(org)
    rows = [finding_out(line) for line in selectors.findings_now(actor, system_by_number(actor, number))]
    emit(rows if json else [{key: row[key] for key in ("status", "title", "grade", "because")} for row in rows], json)


@checks_app.command("trend")
def checks_trend(
    org: Org,
    json: Json = False,
    check: Annotated[str, typer.Option(help="One check's id.")] = "",
    domain: Annotated[str, typer.Option(help="One domain's id.")] = "",
    days: Annotated[int, typer.Option(min=2, max=1100, help="How many days back.")] = 30,
) -> None:
    """The share met, day by day."""
    points = trend(operator(org), check=check, domain=domain, days=days)
    emit([asdict(point) for point in points], json)


def gaps(
    org: Org,
    json: Json = False,
    check: Annotated[str, typer.Option(help="One check's id.")] = "",
    tier: Annotated[str, typer.Option(help="low, medium, high or unknown.")] = "",
    stage: Annotated[str, typer.Option(help="Such as production.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only inherited ones past their date.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows.")] = 50,
) -> None:
    """What systems lack, those first whose closing takes away most risk. Exits with 1 when there are any."""
    actor = operator(org)
    rows = selectors.gaps(actor, check=check, tier=tier, stage=stage, overdue=overdue)
    found = [gap_out(gap) for gap in selectors.as_gaps(actor, rows[:limit])]
    names = ("system_number", "system", "tier", "stage", "title", "status", "because", "due")
    emit(found if json else [{name: row[name] for name in names} for row in found], json)
    finish(1 if found else 0)


@rulebook_app.command("show")
def rulebook_show(
    org: Org, json: Json = False, version: Annotated[int, typer.Option(help="0 for the active one.")] = 0
) -> None:
    """What each gate asks. With --json the whole body, to edit and propose."""
    book = _book(org, version)
    if json:
        emit({name: getattr(book, name) for name in ("version", "title", "state", "hash", "body")}, json)
    else:
        emit(book, json, _told)


@rulebook_app.command("versions")
def rulebook_versions(org: Org, json: Json = False) -> None:
    """Every version, newest first."""
    names = ("version", "title", "state", "kind", "proposed_at", "activated_at", "reason")
    emit([{name: getattr(book, name) for name in names} for book in selectors.rulebooks(operator(org))], json)


@rulebook_app.command("adopt")
def rulebook_adopt_command(
    base: Annotated[str, typer.Argument(help=f"One of {', '.join(SHIPPED)}.")], org: Org, json: Json = False
) -> None:
    """Adopt a shipped rulebook as the organisation's first."""
    book = rulebook_adopt(actor=operator(org), base=base)
    emit({"version": book.version, "title": book.title, "state": book.state}, json)


@rulebook_app.command("diff")
def rulebook_diff(
    org: Org,
    json: Json = False,
    old: Annotated[int, typer.Option(help="A version; 0 for the active one.")] = 0,
    new: Annotated[int, typer.Option(help="A version.")] = 0,
    file: Annotated[str, typer.Option(help="Or a rulebook as JSON; - for input.")] = "",
) -> None:
    """What one rulebook asks less and more than another."""
    if not new and not file:
        raise Invalid("Say what to compare with: --new VERSION or --file FILE.")
    after = _read(file) if file else _book(org, new).rules
    found = compare(_book(org, old).rules, after)
    emit({"kind": found.kind, "loosens": list(found.loosens), "tightens": list(found.tightens)}, json, _differs)


@rulebook_app.command("impact")
def rulebook_impact_command(file: File, org: Org, json: Json = False) -> None:
    """What a rulebook would change, system by system. Nothing is kept."""
    found = impact_out(rulebook_impact(operator(org), _read(file)))
    if json:
        emit(found, json)
        return
    lists = ("tiers", "no_longer_ready", "newly_ready", "deadlines", "checks")
    emit({name: len(value) if name in lists else value for name, value in found.items() if name != "difference"}, json)


@rulebook_app.command("propose")
def rulebook_propose_command(
    file: File,
    org: Org,
    reason: Annotated[str, typer.Option("--reason", help="Why it should change.")],
    json: Json = False,
    activate: Annotated[bool, typer.Option("--activate", help="Make it active, unless it loosens.")] = False,
) -> None:
    """Propose a rulebook. Exits with 1 when it loosens, and so waits for somebody else's decision."""
    actor = operator(org)
    book = rulebook_propose(actor=actor, body=_read(file), reason=reason)
    if activate and book.kind != "loosening":
        book = rulebook_activate(actor=actor, rulebook=book)
    names = ("version", "state", "kind", "loosenings")
    emit({name: getattr(book, name) for name in names}, json)
    finish(1 if book.kind == "loosening" else 0)


COMMANDS = {"checks": checks_app, "gaps": gaps, "rulebook": rulebook_app}


def _book(org: str, version: int) -> Rulebook:
    actor = operator(org)
    book = selectors.rulebook_version(actor, version) if version else active_rulebook(actor.organisation_id)
    if book is None:
        raise NotFound("The organisation has not adopted a rulebook yet: pilothouse rulebook adopt.")
    return book


def _read(file: str) -> RulebookBody:
    """A body from a file: the body itself, or what `rulebook show --json` printed around it."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        told = json_.loads(text)
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise Invalid(f"{file} is not JSON: {error}.") from None
    if not isinstance(told, dict):
        raise Invalid(f"{file} holds no rulebook.")
    return parse_body(told.get("body", told))


def _told(book: Rulebook) -> str:
    titles = role_titles(book.organisation_id)
    lines = [f"{book.title}, version {book.version} ({book.get_state_display().lower()})", ""]
    lines += [f"? {question.text} (yes: {question.yes}, no: {question.no})" for question in book.rules.questions]
    for gate in gate_words(book.rules, titles):
        lines += ["", f"{gate.title}. {gate.lead}"]
        for line in gate.lines:
            low, medium, high = (grade.value if grade else "–" for grade in line.grades)
            lines.append(f"  {line.title:<40} low {low:<10}  medium {medium:<10}  high {high}")
        lines += [f"  signs ({tier}): {words}" for tier, words in gate.signers]
    lines += ["", *(f"{what}: {how}" for what, how in limits_words(book.rules, titles))]
    return "\n".join(lines)


def _differs(found: dict[str, Any]) -> str:
    lines = [found["kind"].capitalize(), *(f"- {words}" for words in found["loosens"])]
    return "\n".join([*lines, *(f"+ {words}" for words in found["tightens"])])
