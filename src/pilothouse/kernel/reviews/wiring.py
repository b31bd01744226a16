"""What reviews plug into the rooms to their left: their kind of decision, their jobs, and forgetting a person."""

from __future__ import annotations

from pilothouse.kernel.decisions.kinds import kinds
from pilothouse.kernel.reviews.actions import reviews_forget
from pilothouse.kernel.reviews.kind import HELD_ANSWER
from pilothouse.kernel.reviews.ticks import reviews_keep_tick, reviews_tick
from pilothouse.kernel.texts.plugs import on_forget
from pilothouse.kernel.work.schedule import scheduled


def connect() -> None:
    """Called once when Django has loaded the models."""
    kinds.register(HELD_ANSWER)
    on_forget(reviews_forget)
    scheduled("reviews_tick", "* * * * *", "Take in held answers, and tell gateways what was decided")(reviews_tick)
    scheduled("reviews_keep_tick", "55 2 * * *", "Remove the texts of held answers that were decided long ago")(
        reviews_keep_tick
    )
