"""Issuers of identity tokens on the command line: `pilothouse gateway issuers …`."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated, Any

import typer

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.policy import selectors as read
from pilothouse.kernel.policy.actions.issuers import issuer_renew, issuer_save
from pilothouse.web.cli import Json, Org, emit, finish, operator

issuers = typer.Typer(help="Whose identity tokens show who a person is.", no_args_is_help=True)


@issuers.command("list")
def issuer_list(org: Org, json: Json = False) -> None:
    """Every issuer of identity tokens."""
    shown = ("name", "url", "claim", "fetched_at", "problem", "active")
    rows = read.issuers(operator(org))
    emit([{**{field: getattr(row, field) for field in shown}, "keys": len(row.keys)} for row in rows], json)


@issuers.command("save")
def issuer_put(
    name: Annotated[str, typer.Argument(help="Small letters, digits, hyphens.")],
    org: Org,
    url: Annotated[str | None, typer.Option(help="As its tokens write it (iss).")] = None,
    audience: Annotated[list[str] | None, typer.Option(help="For whom a token must be meant; repeat it.")] = None,
    algorithm: Annotated[list[str] | None, typer.Option(help="Such as RS256; repeat it.")] = None,
    claim: Annotated[str | None, typer.Option(help="Which claim names the person; email unless said.")] = None,
    keys_url: Annotated[str | None, typer.Option(help="Where its keys are, if its discovery does not say.")] = None,
    keys_file: Annotated[Path | None, typer.Option(help="A file with its key set; it is then never fetched.")] = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="In use or not.")] = None,
    json: Json = False,
) -> None:
    """Add an issuer, or change the one of that name, and fetch its keys (exit code 1: they cannot be read)."""
    said: dict[str, Any] = {"url": url, "audiences": audience, "algorithms": algorithm, "claim": claim}
    said |= {"keys_url": keys_url, "active": active}
    try:
        said["keys"] = keys_file.read_text() if keys_file else None
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{keys_file} cannot be read.") from error
    actor = operator(org)
    row = issuer_save(actor=actor, name=name, facts={key: value for key, value in said.items() if value is not None})
    with contextlib.suppress(Invalid):
        issuer_renew(actor=actor, issuer=row)
    row.refresh_from_db()
    emit({"name": row.name, "keys": len(row.keys), "problem": row.problem, "version": row.version}, json)
    finish(1 if row.problem else 0)
