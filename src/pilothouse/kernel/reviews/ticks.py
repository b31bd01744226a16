"""What is done with held answers by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.reviews.actions import outcomes_tell, reviews_keep, reviews_take_in
from pilothouse.kernel.texts import store


def _organisations() -> Iterator[Actor]:
    """Those that have texts."""
    known = {str(pk) for pk in Organisation.objects.values_list("pk", flat=True)}
    return (system_actor(UUID(name)) for name in store.organisations() if name in known)


def reviews_tick(now: datetime) -> dict[str, int]:
    """Take in what gateways held, and tell what was decided and not told yet."""
    done = {"taken_in": 0, "told": 0}
    for actor in _organisations():
        done["taken_in"] += reviews_take_in(actor=actor)
        done["told"] += outcomes_tell(actor=actor)
    return done


def reviews_keep_tick(now: datetime) -> dict[str, int]:
    """Remove the texts of decided answers that are due."""
    return {"removed": sum(reviews_keep(actor=actor, moment=now) for actor in _organisations())}
