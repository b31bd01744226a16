"""`pilothouse ledger`: read, verify, prove, sign, erase."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.ledger import witness as witnesses
from pilothouse.kernel.ledger.actions import checkpoint_make, checkpoint_witness, entry_erase
from pilothouse.kernel.ledger.models import Checkpoint, Entry
from pilothouse.kernel.ledger.proof import proof_of
from pilothouse.kernel.ledger.selectors import entries, entry_of, history, tell
from pilothouse.kernel.ledger.verify import verify
from pilothouse.web.cli import Json, Org, emit, finish, operator
from pilothouse.web.ledger.api import as_json

app = typer.Typer(help="The ledger: what happened, and its proof.", no_args_is_help=True)

EntryName = Annotated[str, typer.Argument(help="An entry's number or id.")]


@app.command("list")
def list_(
    org: Org,
    action: Annotated[str, typer.Option(help="Only this action, such as system.changed.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    json: Json = False,
) -> None:
    """Show entries, newest first."""
    rows = tell(entries(operator(org), action=action)[:limit])
    emit([_row(told) for told in rows], json)


@app.command("history")
def history_(org: Org, system: Annotated[int, typer.Argument(help="A system's number.")], json: Json = False) -> None:
    """Show what happened to one system."""
    actor = operator(org)
    emit([_row(told) for told in history(actor, system=system_by_number(actor, system), limit=1000)], json)


@app.command("verify")
def verify_(
    org: Org,
    witness: Annotated[Path | None, typer.Option(help="What the witness kept, to compare with.")] = None,
    json: Json = False,
) -> None:
    """Verify the whole log; name what is wrong. Exit code 1 when anything is."""
    if witness is not None and not witness.is_file():
        raise Invalid(f"There is no file {witness}.", fields={"witness": "Give the file that the witness kept."})
    text = witness.read_text(errors="replace") if witness else ""
    report = verify(operator(org).organisation_id, witness_text=text)
    lines = [
        f"{report.size} entries, {report.checkpoints} checkpoints, {report.witnessed} witnessed, "
        f"{len(report.erased)} lawfully erased.",
        *(f"Entry {e.seq} was erased on {e.erased_at:%Y-%m-%d %H:%M} by entry {e.by_seq}." for e in report.erased),
        *(f"WRONG: {problem.detail}" for problem in report.problems),
        "Nothing is wrong." if report.ok else f"{len(report.problems)} things are wrong.",
    ]
    if not witnesses.configured():
        lines.append("No witness is set: whoever operates this installation could rewrite the log.")
    emit(as_json(report), json, "\n".join(lines))
    finish(0 if report.ok else 1)


@app.command("prove")
def prove(
    org: Org,
    entry: EntryName,
    out: Annotated[Path | None, typer.Option(help="Write the proof to this file instead of printing it.")] = None,
    json: Json = False,
) -> None:
    """Export the proof of one entry, signing the log first if no checkpoint covers it yet."""
    actor = operator(org)
    found = _entry(actor, entry)
    if not Checkpoint.objects.of(actor).filter(size__gt=found.seq).exists():
        checkpoint_make(actor=actor)
    bundle = proof_of(actor, found)
    if out is None:
        emit(bundle, True)
        return
    out.write_text(json_.dumps(bundle, indent=2, ensure_ascii=False))
    emit({"proof": str(out), "entry": found.seq}, json, f"The proof of entry {found.seq} is in {out}.")


@app.command("checkpoint")
def checkpoint(org: Org, json: Json = False) -> None:
    """Sign the log now and hand the checkpoint to the witness. Exit code 1 when the witness does not take it."""
    actor = operator(org)
    made = checkpoint_make(actor=actor)
    told = checkpoint_witness(actor=actor, checkpoint=made)
    data: dict[str, Any] = {
        "size": made.size,
        "root": made.root,
        "note": made.note,
        "witness": told.witness if told else None,
        "witnessed": told.accepted if told else None,
        "trouble": told.trouble if told else "",
    }
    emit(data, json, made.note + (f"\nNot witnessed: {told.trouble}" if told and told.trouble else ""))
    finish(1 if told is not None and not told.accepted else 0)


@app.command("erase")
def erase(
    org: Org,
    entry: EntryName,
    reason: Annotated[str, typer.Option(help="Which request or rule asks for it.")],
    json: Json = False,
) -> None:
    """Erase the content of one entry because the law requires it. This cannot be undone."""
    actor = operator(org)
    found = _entry(actor, entry)
    erasure = entry_erase(actor=actor, entry=found, reason=reason)
    emit(
        {"erased": found.seq, "by": erasure.seq, "at": erasure.at},
        json,
        f"The content of entry {found.seq} is erased; entry {erasure.seq} says so.",
    )


def _entry(actor: Actor, name: str) -> Entry:
    if name.isdecimal():
        found: Entry = Entry.objects.select_related("content").get_of(actor, seq=int(name))
        return found
    try:
        return entry_of(actor, UUID(name))
    except ValueError:
        raise NotFound(f"There is no entry {name}.") from None


def _row(told: Any) -> dict[str, Any]:
    changes = {c.field: {"before": c.before, "after": c.after} for c in told.changes}
    return {
        "seq": told.seq,
        "id": told.id,
        "at": told.at,
        "action": told.action,
        "who": told.who,
        "via": told.via,
        "changes": changes,
        "note": told.note,
        "erased_at": told.erased_at,
    }
