"""Reading incidents and monitors, narrowed to the systems that the actor may see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from pilothouse.domains.mlops.checks import INCIDENT, MONITOR
from pilothouse.domains.mlops.rules import Body, Course, course, remembered
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import records

RUNNING = ("pilot", "production")


def incidents(actor: Actor) -> list[Record]:
    """Every recorded incident that the actor may see, newest first. One query."""
    rows = records(actor, kind=INCIDENT, state="sealed")
    return sorted(rows, key=lambda row: str(row.body["detected"]), reverse=True)


def of_the_year(rows: Iterable[Record], now: datetime) -> list[Record]:
    """Those noticed in the twelve months up to `now`."""
    return [row for row in rows if remembered([row.body], now)]


def courses(rows: Iterable[Record], now: datetime) -> list[tuple[Record, Course]]:
    """Each incident with the course it took."""
    return [(row, course(row.body, now)) for row in rows]


def told(actor: Actor) -> list[Body]:
    """What is said of every recorded incident that the actor may see, and no more. One query."""
    return list(records(actor, kind=INCIDENT, state="sealed").order_by().values_list("body", flat=True))


def alerting(actor: Actor) -> list[tuple[UUID | None, Body]]:
    """The live monitors of running systems that the actor may see, each with its system's id. One query."""
    rows = records(actor, kind=MONITOR, state="sealed").filter(system__stage__in=RUNNING, body__state="live")
    return list(rows.order_by().values_list("system_id", "body"))


def running(actor: Actor) -> int:
    """How many systems run that the actor may see. One query."""
    found: int = systems(actor).filter(stage__in=RUNNING).count()
    return found
