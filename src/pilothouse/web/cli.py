"""What every command of the CLI shares: the organisation it acts in, how it prints, how it fails.

A room's commands live in `web/<room>/cli.py`: a module-level `app = typer.Typer(help=...)` is mounted as
`pilothouse <room>`, and `COMMANDS = {"import": function_or_typer}` adds commands at the top. A command takes
`org: Org` and `json: Json`, calls the room's actions and selectors with `operator(org)` and prints with `emit`.
Exit codes: 0 ok, 1 refused or findings, 2 usage or invalid input, 3 not found, 4 conflict.
"""

from __future__ import annotations

import json as json_
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from getpass import getuser
from typing import Annotated, Any
from uuid import uuid4

import typer

from pilothouse.contracts.canonical import plain
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.access.selectors import organisation_of

Org = Annotated[str, typer.Option("--org", help="The organisation's short name, as in its address /o/NAME/.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def operator(org: str) -> Actor:
    """The installation's operator in the organisation `org`. Raises NotFound."""
    actor = system_actor(organisation_of(org).pk, f"CLI ({_login()})")
    return Actor(
        organisation_id=actor.organisation_id, name=actor.name, via="cli", is_system=True, request_id=f"cli-{uuid4()}"
    )


def emit(data: Any, json: bool, text: str | Callable[[Any], str] | None = None) -> None:
    """Print `data`: as JSON, or as `text` (a string, or a function of data), or as plain lines and tables."""
    if json:
        typer.echo(json_.dumps(plain(data), ensure_ascii=False, indent=2))
    elif text is not None:
        typer.echo(text if isinstance(text, str) else text(data))
    else:
        typer.echo(_readable(data))


def finish(code: int) -> None:
    """End the command with an exit code, such as 1 for “there are findings”."""
    raise typer.Exit(code)


def _readable(data: Any) -> str:
    if isinstance(data, Mapping):
        width = max((len(str(key)) for key in data), default=0)
        return "\n".join(f"{key!s:<{width}}  {_cell(value)}" for key, value in data.items())
    if isinstance(data, Sequence) and not isinstance(data, str):
        if data and all(isinstance(row, Mapping) for row in data):
            return _table(data)
        return "\n".join(_cell(row) for row in data) or "(nothing)"
    return _cell(data)


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    heads = list(rows[0])
    cells = [[_cell(row.get(head)) for head in heads] for row in rows]
    widths = [max(len(line[i]) for line in [heads, *cells]) for i in range(len(heads))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in [heads, *cells]]
    return "\n".join(line.rstrip() for line in lines)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, str | int | float | Decimal | date):
        return str(value)
    return json_.dumps(plain(value), ensure_ascii=False)


def _login() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return "unknown"
