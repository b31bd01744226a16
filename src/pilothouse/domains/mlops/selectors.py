"""Reading incidents and monitors, narrowed to the systems that the actor may see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pilothouse.domains.mlops.checks import INCIDENT, MONITOR
from pilothouse.domains.mlops.rules import remembered
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System
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


def alerting(actor: Actor) -> list[Record]:
    """The live monitors of running systems that the actor may see. One query."""
    rows = records(actor, kind=MONITOR, state="sealed").filter(system__stage__in=RUNNING)
    return [row for row in rows if row.body["state"] == "live"]


def running(actor: Actor) -> int:
    """How many systems run that the actor may see. One query."""
    found: int = System.objects.filter(pk__in=systems(actor).order_by().values("pk"), stage__in=RUNNING).count()
    return found
