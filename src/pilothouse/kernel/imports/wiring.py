"""What imports plug into the rooms to their left: one job."""

from __future__ import annotations

from pilothouse.kernel.imports.sources.sync import sources_tick
from pilothouse.kernel.work.schedule import scheduled


def connect() -> None:
    """Called once when Django has loaded the models."""
    scheduled("sources_tick", "17 * * * *", "Ask the scheduled sources whose time has come")(sources_tick)
