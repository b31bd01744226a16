"""Where a clock's moments stand on a line from awareness on. Hours and weeks both matter, so the line is logarithmic.
Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pilothouse.domains.governance.duties.rules.clocks import STATES, Clock

MARKS = ((4, "4 h"), (24, "1 day"), (72, "3 days"), (240, "10 days"), (360, "15 days"), (720, "30 days"))
MOST = 24 * 90


@dataclass(frozen=True, slots=True)
class Drawn:
    """A clock as a line of 100: from its start to the target, from there to the outer limit, and where now is."""

    clock: Clock
    start: float
    target: float | None
    outer: float | None
    now: float
    sent: float | None

    @property
    def strict(self) -> float:
        return max((self.target if self.target is not None else 100) - self.start, 0.6)

    @property
    def grace(self) -> float:
        """From the target to the outer limit."""
        return max(self.outer - self.target, 0) if self.outer is not None and self.target is not None else 0

    @property
    def words(self) -> str:
        """The same for those who cannot see the drawing."""
        told = [STATES[self.clock.state].lower()]
        told += [f"target {_told(self.clock.target)}"] if self.clock.target else []
        told += [f"outer limit {_told(self.clock.outer)}"] if self.clock.outer else []
        told += [f"sent {_told(self.clock.sent_at)}"] if self.clock.sent_at else []
        return ", ".join(told)


def drawn(found: Iterable[Clock], aware_at: datetime, now: datetime) -> list[Drawn]:
    """Each clock with its places."""

    def at(moment: datetime | None) -> float | None:
        return place((moment - aware_at).total_seconds() / 3600) if moment else None

    return [
        Drawn(one, at(one.start) or 0.0, at(one.target), at(one.outer), at(now) or 0.0, at(one.sent_at))
        for one in found
    ]


def marks() -> list[tuple[float, str]]:
    """The places of MARKS with their words."""
    return [(place(hours), label) for hours, label in MARKS]


def place(hours: float) -> float:
    """Where so many hours after awareness stand, from 0 to 100."""
    return 100 * math.log1p(max(0.0, min(hours, MOST))) / math.log1p(MOST)


def _told(at: datetime) -> str:
    return f"{at:%-d %B %H:%M} UTC"
