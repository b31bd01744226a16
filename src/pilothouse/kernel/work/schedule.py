"""What the house does by itself, and when.

A room registers its jobs when it is ready:

    scheduled("decisions_tick", "*/5 * * * *", "Remind, escalate and expire decisions")(decisions_tick)

A tick must be idempotent: a crash runs it again, `pilothouse work run` runs it between times, and two may follow
closely. It goes over all organisations itself and returns what it did, in JSON's types, for people to read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Tick = Callable[[datetime], Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One tick, its cron expression (UTC) and what it is for."""

    name: str
    cron: str
    title: str
    tick: Tick


JOBS: dict[str, Job] = {}


def scheduled(name: str, cron: str, title: str = "") -> Callable[[Tick], Tick]:
    """Register `tick(now)` to run at the times of `cron`. Raises ValueError when another tick has the name."""

    def wrap(tick: Tick) -> Tick:
        known = JOBS.get(name)
        if known is not None and known.tick is not tick:
            raise ValueError(f"two jobs are called {name}")
        JOBS[name] = Job(name, cron, title or (tick.__doc__ or name).strip().splitlines()[0], tick)
        return tick

    return wrap
