"""Reading who uses what, narrowed to the systems that the actor may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from pilothouse.domains.experience.checks import USE
from pilothouse.domains.experience.rules import Body, latest, percent
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.selectors import records

RUNNING = ("pilot", "production")


@dataclass(frozen=True, slots=True)
class Used:
    """A running system with the newest figure of its use; `figure` is None where there is none that still tells."""

    system: System
    figure: Body | None

    @property
    def active(self) -> object:
        return percent(self.figure["active"], self.figure["eligible"]) if self.figure else None

    @property
    def overridden(self) -> object:
        return percent(self.figure["overridden"], self.figure["answers"]) if self.figure else None


@dataclass(frozen=True, slots=True)
class Sums:
    """Use over several systems: people eligible and active, answers seen and overridden, systems without figures.

    Answers count where overrides are counted."""

    eligible: int
    active: int
    answers: int
    overridden: int
    silent: int

    @property
    def value(self) -> float | None:
        return round(100 * self.active / self.eligible, 1) if self.eligible else None


def figures(actor: Actor) -> dict[System, list[Body]]:
    """Each running system that the actor may see, with all figures of its use. Two queries."""
    running: QuerySet[System] = (
        systems(actor).filter(stage__in=RUNNING).select_related("unit", "owner").order_by("number")
    )
    found: dict[object, list[Body]] = {}
    for pk, body in records(actor, kind=USE, state="sealed").values_list("system_id", "body"):
        found.setdefault(pk, []).append(body)
    return {system: found.get(system.pk, []) for system in running}


def used(known: dict[System, list[Body]], day: date) -> list[Used]:
    """The newest figure of each system that a day may rely on."""
    return [Used(system, latest(bodies, day)) for system, bodies in known.items()]


def sums(rows: Iterable[Used]) -> Sums:
    """Use over all of these."""
    every = list(rows)
    told = [row.figure for row in every if row.figure]
    counted = [one for one in told if one["overridden"] is not None and one["answers"]]
    return Sums(
        eligible=sum(one["eligible"] for one in told),
        active=sum(one["active"] for one in told),
        answers=sum(one["answers"] for one in counted),
        overridden=sum(one["overridden"] for one in counted),
        silent=len(every) - len(told),
    )
