"""All live answers of an organisation, in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.answers.changes import Changes, changes
from pilothouse.kernel.answers.findings import met, units, watched
from pilothouse.kernel.answers.register import Register, register
from pilothouse.kernel.answers.values import Answer, UnitGaps


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that the home page, the API and the command line answer."""

    register: Register
    met: Answer
    without: tuple[Answer, ...]
    units: tuple[UnitGaps, ...]
    changes: Changes

    @property
    def all(self) -> list[Answer]:
        """The answers that are one figure each, in the order of the page."""
        return [self.met, *self.register.answers, *self.without[2:], self.changes.changed]


def answers(actor: Actor, now: datetime, *, over_time: bool = False) -> Answers:
    """The live answers over the systems that the actor may see; with a year's trend of what is met if `over_time`."""
    said = register(actor)
    return Answers(
        register=said,
        met=met(actor, now, over_time=over_time),
        without=(*said.without, *watched(actor)),
        units=tuple(units(actor, now)),
        changes=changes(actor, now),
    )
