"""`pilothouse records`: documents of every kind, by one mechanism."""

from __future__ import annotations

import json as json_
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.records.actions import kind_of, record_draft, record_seal, record_withdraw
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import lines
from pilothouse.kernel.records.selectors import problems_of, records
from pilothouse.kernel.records.verify import verify_records
from pilothouse.web.cli import Json, Org, emit, finish, operator
from pilothouse.web.records import table

app = typer.Typer(help="Sealed documents about systems.", no_args_is_help=True)

Kind = Annotated[str, typer.Option("--kind", help="A record kind, such as strategy.value_hypothesis.")]
About = Annotated[int | None, typer.Option("--system", help="The system's number; none: the organisation's own.")]


@app.command("kinds")
def kinds(json: Json = False) -> None:
    """Show every kind of document there is."""
    emit([{"id": kind.id, "title": kind.title, "why": kind.why} for kind in registry.records.values()], json)


@app.command("list")
def list_(
    org: Org,
    kind: Annotated[str, typer.Option("--kind", help="Only this kind.")] = "",
    state: Annotated[str, typer.Option(help="Only draft, sealed, superseded or withdrawn.")] = "",
    json: Json = False,
) -> None:
    """Show documents."""
    emit([_row(row) for row in records(operator(org), kind=kind, state=state)], json)


@app.command("show")
def show(org: Org, kind: Kind, system: About = None, json: Json = False) -> None:
    """Show the sealed version, or the draft where none is sealed."""
    actor = operator(org)
    row = _current(actor, kind, system, ("sealed", "draft"))
    data = _row(row) | {"body": row.body, "missing": problems_of(row) if row.state == "draft" else {}}
    text = [f"{kind_of(kind).title}, version {row.version}, {row.state}"]
    text += [
        f"{line.group + ': ' if line.group else ''}{line.title}: {line.value or '–'}"
        for line in lines(kind_of(kind).schema, row.body)
    ]
    emit(data, json, "\n".join(text))


@app.command("draft")
def draft(
    org: Org,
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="A JSON file with the body; - reads standard input.")],
    system: About = None,
    json: Json = False,
) -> None:
    """Create or replace the draft from a JSON file. It may be incomplete."""
    actor = operator(org)
    row = record_draft(actor=actor, system=_system(actor, system), kind=kind, body=_body(file))
    missing = problems_of(row)
    told = [f"{path}: {words}" for path, words in missing.items()] or ["Nothing is missing: it can be sealed."]
    emit(_row(row) | {"missing": missing}, json, "\n".join([f"Saved, revision {row.revision}.", *told]))


@app.command("seal")
def seal(org: Org, kind: Kind, system: About = None, json: Json = False) -> None:
    """Seal the draft. From then on it never changes."""
    actor = operator(org)
    row = record_seal(actor=actor, record=_current(actor, kind, system, ("draft",)))
    emit(_row(row), json, f"Version {row.version} is sealed: {row.hash}")


@app.command("withdraw")
def withdraw(
    org: Org,
    kind: Kind,
    reason: Annotated[str, typer.Option(help="Why it no longer holds.")],
    system: About = None,
    json: Json = False,
) -> None:
    """Withdraw the sealed version, or drop the draft where none is sealed."""
    actor = operator(org)
    row = record_withdraw(actor=actor, record=_current(actor, kind, system, ("sealed", "draft")), reason=reason)
    emit(_row(row), json, f"Version {row.version} is withdrawn.")


@app.command("verify")
def verify_(org: Org, json: Json = False) -> None:
    """Hold every sealed document against its hash, and its hash against the ledger. Exit code 1 if one was changed."""
    tampered = list(verify_records(operator(org).organisation_id))
    rows = [{"record": one.record, "name": one.name, "detail": one.detail} for one in tampered]
    told = [f"WRONG: {one.name} ({one.record}): {one.detail}" for one in tampered]
    emit({"ok": not rows, "problems": rows}, json, "\n".join(told) or "Every sealed document is what was sealed.")
    finish(1 if rows else 0)


@app.command("export")
def export(
    org: Org,
    kind: Kind,
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of printing.")] = None,
    json: Json = False,
) -> None:
    """Export the documents of one kind as CSV."""
    found = list(records(operator(org), kind=kind).filter(state__in=("draft", "sealed")))
    text = "".join(table.as_csv(kind_of(kind), found))
    if out is None:
        typer.echo(text, nl=False)
        return
    out.write_text(text, encoding="utf-8")
    emit({"file": str(out), "rows": len(found)}, json, f"{len(found)} documents are in {out}.")


@app.command("import")
def import_(
    org: Org,
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="A CSV file with the columns of the export.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    json: Json = False,
) -> None:
    """Save drafts from a CSV file; nothing is sealed. Exit code 1 when a row is refused."""
    actor = operator(org)
    rows = table.plan(actor, kind_of(kind), _text(file))
    if not dry_run:
        rows = table.carry_out(actor, kind_of(kind), rows)
    counts: dict[str, Any] = {name: sum(r.outcome == name for r in rows) for name in ("draft", "unchanged", "refused")}
    refused = [{"line": row.line, "reason": row.refused} for row in rows if row.outcome == "refused"]
    told = [f"{name}: {count}" for name, count in counts.items()]
    told += [f"line {row['line']}: {row['reason']}" for row in refused]
    emit(counts | {"refused_rows": refused}, json, "\n".join(told))
    finish(1 if refused else 0)


def _system(actor: Actor, number: int | None) -> System | None:
    return system_by_number(actor, number) if number is not None else None


def _current(actor: Actor, kind: str, number: int | None, states: tuple[str, ...]) -> Record:
    kind_of(kind)
    found = {row.state: row for row in records(actor, kind=kind).filter(system=_system(actor, number))}
    for state in states:
        if state in found:
            return found[state]
    raise NotFound(f"There is no {' or '.join(states)} version of {kind} there.")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} cannot be read: {error}.", fields={"file": "Give a UTF-8 text file."}) from None


def _body(file: Path) -> dict[str, Any]:
    text = sys.stdin.read() if str(file) == "-" else _text(file)
    try:
        body = json_.loads(text)
    except ValueError as error:
        raise Invalid(f"{file} is not JSON: {error}.", fields={"file": "Give a JSON object."}) from None
    if not isinstance(body, dict):
        raise Invalid("The body is a JSON object.", fields={"file": "Give a JSON object."})
    return body


def _row(row: Record) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "system": row.system.ref if row.system else None,
        "version": row.version,
        "state": row.state,
        "revision": row.revision,
        "sealed_at": row.sealed_at,
        "hash": row.hash,
    }
