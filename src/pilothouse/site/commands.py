"""The commands that concern the installation itself: run, init, migrate, check, version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from django.core import checks
from django.core.management import call_command

from pilothouse import __version__
from pilothouse.contracts.errors import PilothouseError
from pilothouse.site import backup as copies
from pilothouse.site import home, serve
from pilothouse.web.cli import Json, emit, finish


def run(
    port: Annotated[int, typer.Option(help="The port to listen on.", envvar="PILOTHOUSE_PORT")] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen on.", envvar="PILOTHOUSE_BIND")] = "127.0.0.1",
    demo: Annotated[bool, typer.Option(help="Make the demo organisations when there is none yet.")] = True,
    work: Annotated[bool, typer.Option(help="Also do the scheduled jobs in this process.")] = True,
    gateway: Annotated[bool, typer.Option(help="Also run the gateway for model calls, in a process beside.")] = True,
    gateway_port: Annotated[
        int | None,
        typer.Option(
            help="The gateway's port; else the first free one after --port.", envvar="PILOTHOUSE_GATEWAY_PORT"
        ),
    ] = None,
    gateway_host: Annotated[
        str, typer.Option(help="The address that the gateway listens on.", envvar="PILOTHOUSE_GATEWAY_BIND")
    ] = "127.0.0.1",
    gateway_workers: Annotated[
        int, typer.Option(help="Processes of the gateway.", envvar="PILOTHOUSE_GATEWAY_WORKERS")
    ] = 1,
    gateway_durability: Annotated[
        Literal["process", "power"],
        typer.Option(help="What a record survives: process or power.", envvar="PILOTHOUSE_GATEWAY_DURABILITY"),
    ] = "process",
) -> None:
    """Prepare what is missing and serve Pilothouse until you press Ctrl-C."""
    beside = serve.Beside(gateway_host, gateway_port, gateway_workers, gateway_durability)
    serve.run(host=host, port=port, demo=demo, work=work, beside=beside if gateway else None)


def init(json: Json = False) -> None:
    """Make an empty installation: data directory, key and database. Does no harm to one that is there."""
    _refuse_errors()
    call_command("migrate", verbosity=0)
    emit(
        {"home": str(home.location()), "version": __version__},
        json,
        f"Ready in {home.location()}. Next: pilothouse org create SLUG",
    )


def migrate(json: Json = False) -> None:
    """Bring the database up to date."""
    _refuse_errors()
    call_command("migrate", verbosity=0)
    emit({"migrated": True}, json, "The database is up to date.")


def check(json: Json = False) -> None:
    """Look at the settings and say what to mend. Exit code 1 when something must be."""
    found = [
        {"id": message.id, "level": checks_level(message), "says": message.msg, "hint": message.hint or ""}
        for message in checks.run_checks(include_deployment_checks=False)
    ]
    emit({"findings": found}, json, lambda data: describe(data["findings"]))
    finish(1 if any(message["level"] == "error" for message in found) else 0)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, such as harbour.tar.gz.")],
    keys: Annotated[bool, typer.Option(help="With the keys; without them, keep those apart yourself.")] = True,
    json: Json = False,
) -> None:
    """Save everything into one file: database, evidence, keys. The server may run meanwhile."""
    saved = copies.save(file, keys=keys)
    words = "It holds the keys: guard it like them." if saved.keys else "It holds no keys: keep those apart."
    emit(saved_data(saved), json, f"{saved.path} ({saved.bytes / 2**20:.1f} MB). {words}")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `pilothouse backup` wrote.")], json: Json = False
) -> None:
    """Bring a backup back into an empty data directory, and verify every ledger. Exit code 1 when one does not hold."""
    back = copies.bring_back(file)
    entries = sum(back["ledgers"].values())
    good = f"Restored what was saved at {back['at']}: {len(back['ledgers'])} ledgers with {entries} entries verified."
    emit(back, json, "\n".join(back["problems"]) or good)
    finish(1 if back["problems"] else 0)


def saved_data(saved: copies.Saved) -> dict[str, Any]:
    return {"file": str(saved.path), "bytes": saved.bytes, "engine": saved.engine, "ledgers": saved.organisations}


def version(json: Json = False) -> None:
    """Print the version."""
    emit({"version": __version__}, json, __version__)


def openapi() -> None:
    """Print the REST API's OpenAPI description; docs/openapi.json holds the agreed one."""
    from pilothouse.site.openapi import schema_text  # the rooms' routers need Django set up

    typer.echo(schema_text(), nl=False)


def checks_level(message: checks.CheckMessage) -> str:
    return "error" if message.level >= checks.ERROR else "warning" if message.level >= checks.WARNING else "note"


def describe(found: list[dict[str, Any]]) -> str:
    lines = [f"{item['level']}: {item['says']}\n  {item['hint']}".rstrip() for item in found]
    return "\n".join(lines) or "The settings are in order."


def _refuse_errors() -> None:
    serious = [message for message in checks.run_checks() if message.is_serious()]
    if serious:
        raise PilothouseError(
            "\n".join(f"{message.msg} {message.hint or ''}".strip() for message in serious), code="settings"
        )


COMMANDS: dict[str, Callable[..., Any]] = {
    "run": run,
    "init": init,
    "migrate": migrate,
    "check": check,
    "backup": backup,
    "restore": restore,
    "openapi": openapi,
    "version": version,
}
