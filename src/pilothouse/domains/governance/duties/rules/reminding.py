"""When a reminder is due. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime, timedelta


def due_now(
    key: str, target: datetime | None, hours: Iterable[int], marks: Set[str], moment: datetime
) -> frozenset[str] | None:
    """The marks to set when a reminder is due at `moment`, or None when none is.

    A mark is the clock's key and the hours before its target (0 when it is past); several that are reached at once make
    one reminder.
    """
    if target is None:
        return None
    reached = {f"{key}@{h}" for h in {0, *hours} if moment >= target - timedelta(hours=h)}
    return frozenset(reached) if reached - marks else None
