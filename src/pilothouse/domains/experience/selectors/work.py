"""How work is to change, narrowed to the systems that the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pilothouse.domains.experience.checks import WORKFLOW
from pilothouse.domains.experience.rules import Work, work
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import records


@dataclass(frozen=True, slots=True)
class Redesign:
    """The work on one case, today and to be, and the hours of people that a month would spare."""

    record: Record
    before: Work
    after: Work
    hours: Decimal
    widest: Decimal

    @property
    def before_width(self) -> Decimal:
        return self._width(self.before)

    @property
    def after_width(self) -> Decimal:
        return self._width(self.after)

    def _width(self, way: Work) -> Decimal:
        return (100 * way.minutes / self.widest).quantize(Decimal("0.01")) if self.widest else Decimal(0)


def redesigns(actor: Actor) -> list[Redesign]:
    """Every sealed redesign whose steps are written down, most hours first. One query."""
    found = []
    for row in records(actor, kind=WORKFLOW, state="sealed"):
        if row.body["as_is"] and row.body["to_be"]:
            before, after = work(row.body["as_is"]), work(row.body["to_be"])
            hours = (before.minutes - after.minutes) * (row.body["volume"] or 0) / 60
            found.append((row, before, after, hours))
    widest = max((max(before.minutes, after.minutes) for _, before, after, _ in found), default=Decimal(0))
    return [Redesign(*one, widest) for one in sorted(found, key=lambda one: -one[3])]
