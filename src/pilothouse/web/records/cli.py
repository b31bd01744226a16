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
from pilothouse.kernel.records.actions import kind_of, record_confirm, record_draft, record_seal, record_withdraw
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import lines
from pilothouse.kernel.records.selectors import current, problems_of, records
from pilothouse.kernel.records.verify import verify_records
from pilothouse.web.cli import Json, Org, emit, finish, operator
from pilothouse.web.records import bring, export

app = typer.Typer(help="Sealed documents and registers, of every kind.", no_args_is_help=True)

Kind = Annotated[str, typer.Option("--kind", help="A record kind, such as strategy.value_hypothesis.")]
Entry = Annotated[str | None, typer.Option("--key", help="Which entry of a register: its name or number.")]
About = Annotated[int | None, typer.Option("--system", help="The system's number; none: the organisation's own.")]


@app.command("kinds")
def kinds(json: Json = False) -> None:
    """Show every kind of document there is."""
    rows = [
        {
            "id": kind.id,
            "title": kind.heading if kind.many else kind.title,
            "about": "system" if kind.of_system else "organisation",
            "register": kind.many,
            "why": kind.why,
        }
        for kind in registry.records.values()
    ]
    emit(rows, json)


@app.command("list")
def list_(
    org: Org,
    kind: Annotated[str, typer.Option("--kind", help="Only this kind.")] = "",
    system: About = None,
    key: Annotated[str, typer.Option("--key", help="Only this entry of a register.")] = "",
    state: Annotated[str, typer.Option(help="Only draft, sealed, superseded or withdrawn.")] = "",
    json: Json = False,
) -> None:
    """Show documents and the entries of registers, every version."""
    actor = operator(org)
    found = records(actor, kind=kind_of(kind).id if kind else "", system=_system(actor, system), state=state)
    emit([_row(row) for row in (found.filter(key=key) if key else found)], json)


@app.command("show")
def show(org: Org, kind: Kind, system: About = None, key: Entry = None, json: Json = False) -> None:
    """Show the sealed version, or the draft where none is sealed."""
    row = _current(operator(org), kind, system, key, ("sealed", "draft"))
    data = _row(row) | {"body": row.body, "missing": problems_of(row) if row.state == "draft" else {}}
    text = [f"{kind_of(kind).title}{f' {row.key}' if row.key else ''}, version {row.version}, {row.state}"]
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
    key: Entry = None,
    json: Json = False,
) -> None:
    """Create or replace the draft from a JSON file. It may be incomplete."""
    actor = operator(org)
    row = record_draft(actor=actor, system=_system(actor, system), kind=kind, body=_body(file), key=key)
    missing = problems_of(row)
    told = [f"{path}: {words}" for path, words in missing.items()] or ["Nothing is missing: it can be sealed."]
    named = f" of entry {row.key}" if row.key else ""
    emit(_row(row) | {"missing": missing}, json, "\n".join([f"Saved, revision {row.revision}{named}.", *told]))


@app.command("seal")
def seal(org: Org, kind: Kind, system: About = None, key: Entry = None, json: Json = False) -> None:
    """Seal the draft. From then on it never changes."""
    actor = operator(org)
    row = record_seal(actor=actor, record=_current(actor, kind, system, key, ("draft",)))
    emit(_row(row), json, f"Version {row.version} is sealed: {row.hash}")


@app.command("withdraw")
def withdraw(
    org: Org,
    kind: Kind,
    reason: Annotated[str, typer.Option(help="Why it no longer holds.")],
    system: About = None,
    key: Entry = None,
    json: Json = False,
) -> None:
    """Withdraw the sealed version, or drop the draft where none is sealed."""
    actor = operator(org)
    row = record_withdraw(actor=actor, record=_current(actor, kind, system, key, ("sealed", "draft")), reason=reason)
    emit(_row(row), json, f"Version {row.version} is withdrawn.")


@app.command("confirm")
def confirm(
    org: Org,
    kind: Kind,
    reason: Annotated[str, typer.Option(help="Why it still holds.")],
    system: About = None,
    key: Entry = None,
    json: Json = False,
) -> None:
    """Say that the sealed version was looked at again after a material change and still holds."""
    actor = operator(org)
    row = record_confirm(actor=actor, record=_current(actor, kind, system, key, ("sealed",)), reason=reason)
    emit(_row(row), json, f"Version {row.version} still holds.")


@app.command("verify")
def verify_(org: Org, json: Json = False) -> None:
    """Hold every sealed document against its hash, and its hash against the ledger. Exit code 1 if one was changed."""
    tampered = list(verify_records(operator(org).organisation_id))
    rows = [{"record": one.record, "name": one.name, "detail": one.detail} for one in tampered]
    told = [f"WRONG: {one.name} ({one.record}): {one.detail}" for one in tampered]
    emit({"ok": not rows, "problems": rows}, json, "\n".join(told) or "Every sealed document is what was sealed.")
    finish(1 if rows else 0)


@app.command("export")
def export_(
    org: Org,
    kind: Kind,
    system: About = None,
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of printing; .xlsx makes XLSX.")] = None,
    json: Json = False,
) -> None:
    """Export what stands of one kind, the sealed versions and new drafts, as CSV or XLSX."""
    actor, spec = operator(org), kind_of(kind)
    found = list(current(actor, kind, system=_system(actor, system)))
    if out is None:
        typer.echo("".join(export.as_csv(spec, found)), nl=False)
        return
    if out.suffix == ".xlsx":
        with export.as_xlsx(spec, found) as book:
            out.write_bytes(book.read())
    else:
        out.write_text("".join(export.as_csv(spec, found)), encoding="utf-8")
    emit({"file": str(out), "rows": len(found)}, json, f"{len(found)} documents are in {out}.")


@app.command("import")
def import_(
    org: Org,
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="A CSV file with the columns of the export.")],
    seal: Annotated[bool, typer.Option("--seal", help="Seal them: all, or none if one is not whole.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    json: Json = False,
) -> None:
    """Save drafts from a CSV file, or seal them. Exit code 1 when a row is refused."""
    actor, spec = operator(org), kind_of(kind)
    rows = bring.plan(actor, spec, _text(file), seal=seal)
    counts = bring.counts(rows)
    if not dry_run and not (seal and counts["refused"]):
        bring.carry_out(actor, spec, rows, seal=seal)
    refused = [{"line": row.line, "reason": row.refused} for row in rows if row.outcome == "refused"]
    told = [f"{name}: {count}" for name, count in counts.items()]
    told += [f"line {row['line']}: {row['reason']}" for row in refused]
    if seal and refused:
        told.append("Nothing was sealed.")
    emit(counts | {"refused_rows": refused}, json, "\n".join(told))
    finish(1 if refused else 0)


def _system(actor: Actor, number: int | None) -> System | None:
    return system_by_number(actor, number) if number is not None else None


def _current(actor: Actor, kind: str, number: int | None, key: str | None, states: tuple[str, ...]) -> Record:
    spec = kind_of(kind)
    if spec.many and not key:
        raise Invalid(f"“{spec.heading}” is a register.", fields={"key": "Say which entry: --key."})
    rows = records(actor, kind=kind).filter(system=_system(actor, number), key=key or "")
    found = {row.state: row for row in rows.filter(state__in=states)}
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
        "key": row.key,
        "version": row.version,
        "state": row.state,
        "revision": row.revision,
        "sealed_at": row.sealed_at,
        "hash": row.hash,
    }
