"""`pilothouse`, the command line: mounts the commands that rooms bring and turns errors into exit codes."""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

import typer

from pilothouse import __version__
from pilothouse.contracts.errors import PilothouseError

ROOMS = ("pilothouse.web", "pilothouse.domains", "pilothouse.programme")


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point of the console script."""
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code. Anything that PilothouseError explains is said in plain words."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pilothouse.site.settings")
    try:
        return _code(build()(arguments, prog_name="pilothouse"))
    except SystemExit as done:
        return _code(done.code)
    except PilothouseError as error:
        from pilothouse.web.cli import complain  # only here is Django certainly set up

        return complain(error, "--json" in arguments)


def build() -> typer.Typer:
    """The application with every room's commands mounted."""
    import django

    django.setup()
    app = typer.Typer(
        name="pilothouse",
        help="The control room of a Chief AI Officer.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    app.command("version")(version)
    app.command("openapi")(openapi)
    for name, module in room_modules():
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        for command, thing in getattr(module, "COMMANDS", {}).items():
            _mount(app, command, thing)
    return app


def _root() -> None:
    """The control room of a Chief AI Officer."""


def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def openapi() -> None:
    """Print the REST API's OpenAPI description (docs/openapi.json holds the agreed one)."""
    from pilothouse.site.openapi import schema_text  # needs Django set up

    typer.echo(schema_text(), nl=False)


def room_modules() -> Iterator[tuple[str, ModuleType]]:
    """Every `cli.py` of a room, by the room's name."""
    for parent in ROOMS:
        if importlib.util.find_spec(parent) is None:
            continue
        for info in pkgutil.iter_modules(importlib.import_module(parent).__path__):
            name = f"{parent}.{info.name}.cli"
            if info.ispkg and importlib.util.find_spec(name) is not None:
                yield info.name, importlib.import_module(name)


def _mount(app: typer.Typer, name: str, thing: Any) -> None:
    if isinstance(thing, typer.Typer):
        app.add_typer(thing, name=name)
    else:
        app.command(name)(thing)


def _code(value: object) -> int:
    return value if isinstance(value, int) else 0 if value is None else 1
