"""How a command fails: in plain words, with an exit code. It needs no Django, since that may be what fails."""

from __future__ import annotations

import json as json_

import typer

from pilothouse.contracts.canonical import plain
from pilothouse.contracts.errors import PilothouseError

EXIT_CODES = {404: 3, 409: 4, 412: 4, 400: 2, 422: 2}


def exit_code(error: PilothouseError) -> int:
    """0 ok, 1 refused or findings, 2 usage or invalid input, 3 not found, 4 conflict."""
    return EXIT_CODES.get(error.status, 1)


def complain(error: PilothouseError, json: bool) -> int:
    """Show an error and return the exit code that it means."""
    if json:
        body = {"code": error.code, "detail": error.detail, "fields": error.fields, **plain(error.data)}
        typer.echo(json_.dumps({"error": body}, ensure_ascii=False, indent=2))
    else:
        typer.echo(error.detail, err=True)
        for name, wrong in error.fields.items():
            typer.echo(f"  {name}: {wrong}", err=True)
    return exit_code(error)
