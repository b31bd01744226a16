"""Reading who uses what, narrowed to the systems that the actor may see.

An organisation may have thousands of systems with a figure each month, so only what is added up is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from pilothouse.domains.experience.checks import USE
from pilothouse.domains.experience.rules import FRESH, month, months_before, percent
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.selectors import records

RUNNING = ("pilot", "production")


class Month(NamedTuple):
    """What was said of one system's use in one month."""

    period: str
    eligible: int
    active: int
    answers: int | None
    overridden: int | None

    @property
    def active_share(self) -> Decimal | None:
        return percent(self.active, self.eligible)

    @property
    def override_rate(self) -> Decimal | None:
        return percent(self.overridden, self.answers)


Figures = Mapping[UUID, Sequence[Month]]
"""Running system's id → its months, oldest first."""


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


def running(actor: Actor) -> list[UUID]:
    """The running systems that the actor may see, by number. One query."""
    return list(systems(actor).filter(stage__in=RUNNING).order_by("number").values_list("pk", flat=True))


def figures(actor: Actor, since: str) -> Figures:
    """What was said of the use of running systems from a month on. One query."""
    rows = records(actor, kind=USE, state="sealed").filter(key__gte=since, system__stage__in=RUNNING)
    found: dict[UUID, list[Month]] = {}
    for pk, body in rows.order_by("key").values_list("system_id", "body"):
        if pk is not None:
            found.setdefault(pk, []).append(Month(*(body[field] for field in Month._fields)))
    return found


def as_of(known: Figures, day: date) -> dict[UUID, Month]:
    """The newest month of each system that a day may rely on: its own or one of the three before it."""
    first, last = months_before(day, FRESH), month(day)
    found = {}
    for pk, months in known.items():
        newest = next((one for one in reversed(months) if one.period <= last), None)
        if newest is not None and newest.period >= first:
            found[pk] = newest
    return found


def sums(told: Iterable[Month], of: int) -> Sums:
    """Use over these systems, among `of` that run."""
    every = list(told)
    counted = [(one.answers, one.overridden) for one in every if one.answers and one.overridden is not None]
    return Sums(
        eligible=sum(one.eligible for one in every),
        active=sum(one.active for one in every),
        answers=sum(answers for answers, _ in counted),
        overridden=sum(overridden for _, overridden in counted),
        silent=of - len(every),
    )


@dataclass(frozen=True, slots=True)
class Used:
    """A running system with the newest figure of its use; `figure` is None where there is none that still tells."""

    system: System
    figure: Month | None


def shown(actor: Actor, ids: Sequence[UUID], newest: Mapping[UUID, Month]) -> list[Used]:
    """These systems with their figures, in this order. One query."""
    rows = systems(actor).in_bulk(ids)
    return [Used(rows[pk], newest.get(pk)) for pk in ids if pk in rows]
