"""`pilothouse evidence`: list what there is, add a file or a link."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.evidence.actions import evidence_add
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.evidence.selectors import evidence_list, standing
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.cli import Json, Org, emit, operator

app = typer.Typer(help="Evidence: files and links behind what is said.", no_args_is_help=True)


@app.command("list")
def list_(
    org: Org,
    show: Annotated[str, typer.Option(help="current, expiring, expired, superseded or withdrawn.")] = "",
    json: Json = False,
) -> None:
    """List evidence, newest first."""
    today = clock.now().date()
    emit([_told(row) for row in evidence_list(operator(org), show=show, today=today)], json)


@app.command()
def add(
    system: Annotated[str, typer.Argument(help="The system's number, such as S-42.")],
    what: Annotated[str, typer.Argument(help="A file, or a web address.")],
    org: Org,
    title: Annotated[str, typer.Option(help="What it is.")] = "",
    supports: Annotated[list[str] | None, typer.Option(help="A check that it supports; repeat for more.")] = None,
    json: Json = False,
) -> None:
    """Add a file or a link to a system."""
    actor = operator(org)
    digits = system.upper().removeprefix("S-")
    if not digits.isdigit():
        raise Invalid(f"“{system}” is not a system's number.", fields={"system": "Such as S-42."})
    found = system_by_number(actor, int(digits))
    link = what.startswith(("https://", "http://"))
    path = Path(what)
    if not link and not path.is_file():
        raise Invalid(f"There is no file {what}.", fields={"what": "Name a file or a web address."})
    evidence = evidence_add(
        actor=actor,
        system=found,
        title=title or (what if link else path.name),
        filename="" if link else path.name,
        data=None if link else path.read_bytes(),
        url=what if link else "",
        supports=supports or (),
    )
    emit(_told(evidence), json)


def _told(row: Evidence) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "system": row.system.ref,
        "title": row.title,
        "kind": row.kind,
        "grade": str(row.grade),
        "standing": standing(row, clock.now().date()),
        "sha256": row.sha256,
    }
