"""What texts plug into the rooms to their left: their job."""

from __future__ import annotations

from pilothouse.kernel.texts.ticks import texts_keep_tick
from pilothouse.kernel.work.schedule import scheduled


def connect() -> None:
    """Called once when Django has loaded the models."""
    scheduled("texts_keep_tick", "50 2 * * *", "Remove stored texts that are older than their system keeps them")(
        texts_keep_tick
    )
