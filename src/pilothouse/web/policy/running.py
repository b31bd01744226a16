"""`pilothouse gateway run`: the gateway alone, in processes of its own."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from django.conf import settings

from pilothouse.gateway.gateway import Settings
from pilothouse.gateway.run import claim, serve_until_told, workers_for_this_host


def run(
    port: Annotated[int, typer.Option(help="The port to listen on.", envvar="PILOTHOUSE_GATEWAY_PORT")] = 8001,
    host: Annotated[str, typer.Option(help="The address.", envvar="PILOTHOUSE_GATEWAY_BIND")] = "127.0.0.1",
    workers: Annotated[
        int | None,
        typer.Option(help="Processes; else one less than there are cores.", envvar="PILOTHOUSE_GATEWAY_WORKERS"),
    ] = None,
    durability: Annotated[
        Literal["process", "power"],
        typer.Option(help="What a record survives: process or power.", envvar="PILOTHOUSE_GATEWAY_DURABILITY"),
    ] = "process",
) -> None:
    """Serve model calls by the policy in the data directory until you press Ctrl-C."""
    listener = claim(host, port)
    typer.echo(f"The gateway runs at http://{host}:{listener.getsockname()[1]}/v1\nPress Ctrl-C to stop.")
    serve_until_told(listener, workers or workers_for_this_host(), Settings(settings.HOME, durability))
