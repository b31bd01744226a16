"""`pilothouse demo`: make the demo organisations."""

from __future__ import annotations

import typer

from pilothouse.demo.generate import introduce, make
from pilothouse.web.cli import Json, emit


def demo(json: Json = False) -> None:
    """Make two demo organisations with a year of simulated history. Those that exist are left as they are."""
    made = make()
    if json:
        emit({"made": [organisation.slug for organisation in made]}, json=True)
        return
    typer.echo("\n".join([f"Made: {', '.join(o.name for o in made) or 'nothing, they are there'}.", "", *introduce()]))


COMMANDS = {"demo": demo}
