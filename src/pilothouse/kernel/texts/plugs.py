"""What rooms to the right do when a person is forgotten."""

from __future__ import annotations

from collections.abc import Callable

from pilothouse.kernel.access.actor import Actor

Forget = Callable[[Actor, str], int]
FORGETTERS: list[Forget] = []


def on_forget(forget: Forget) -> None:
    """`forget(actor, person)` makes a room's rows of that `person_id` nobody's, and says how many."""
    if forget not in FORGETTERS:
        FORGETTERS.append(forget)
