"""`pilothouse`, the command line: mounts the commands that rooms bring and turns errors into exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import typer

from pilothouse.contracts.errors import PilothouseError
from pilothouse.site import home
from pilothouse.web.exits import complain

PREPARING = ("run", "init")  # the commands that may begin where there is nothing yet


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point of the console script."""
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code. Anything that PilothouseError explains is said in plain words."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pilothouse.site.settings")
    try:
        if arguments[:1] and arguments[0] in PREPARING and "--help" not in arguments:
            home.prepare(home.location())
        return _code(build()(arguments, prog_name="pilothouse"))
    except SystemExit as done:
        return _code(done.code)
    except KeyboardInterrupt:
        return 130
    except PilothouseError as error:
        return complain(error, "--json" in arguments)
    except Exception as error:
        explained = _explain(error)
        if explained is None:
            raise
        return complain(explained, "--json" in arguments)


def build() -> typer.Typer:
    """The application with every room's commands mounted."""
    import django

    django.setup()
    # Django must be set up before anything below imports a model.
    from pilothouse.site import commands
    from pilothouse.site.rooms import room_modules

    app = typer.Typer(
        name="pilothouse",
        help="The control room of a Chief AI Officer.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    for command, thing in commands.COMMANDS.items():
        _mount(app, command, thing)
    for name, module in room_modules("cli"):
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        for command, thing in getattr(module, "COMMANDS", {}).items():
            _mount(app, command, thing)
    return app


def _root() -> None:
    """The control room of a Chief AI Officer."""


def _mount(app: typer.Typer, name: str, thing: Any) -> None:
    if isinstance(thing, typer.Typer):
        app.add_typer(thing, name=name)
    else:
        app.command(name)(thing)


def _explain(error: Exception) -> PilothouseError | None:
    """The same fault in plain words, when it is one that the operator can mend."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError, ProgrammingError

    text = str(error).strip()
    if isinstance(error, ImproperlyConfigured):
        if "SECRET_KEY" in text:
            text = (
                f"There is no installation in {home.location()}: run `pilothouse init`, or set PILOTHOUSE_HOME to one."
            )
        return PilothouseError(text, code="settings")
    if isinstance(error, OperationalError | ProgrammingError):
        if "no such table" in text or "does not exist" in text:
            return PilothouseError("The database is not up to date: run `pilothouse migrate`.", code="migrations")
        if isinstance(error, OperationalError):
            return PilothouseError(f"The database cannot be used: {text.splitlines()[0]}.", code="database")
    return None


def _code(value: object) -> int:
    return value if isinstance(value, int) else 0 if value is None else 1
