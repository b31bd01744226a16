"""What was spent and what is planned, month by month, for the fan of cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pilothouse.domains.economics.answer import MONTHS, YEAR, Books
from pilothouse.domains.economics.facts import PLAN
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.clock import month_ends
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.loaders import Sealed, sealed_of_systems
from pilothouse.web.templatetags.fans import FanPoint

EDGES = ("p10", "p50", "p90")


@dataclass(frozen=True, slots=True)
class Outlook:
    """Spending over the last twelve months and the planned cost of the next, added up, in one currency."""

    points: tuple[FanPoint, ...]
    plans: int
    left_out: int

    @property
    def last(self) -> FanPoint:
        return self.points[-1]

    @property
    def now(self) -> FanPoint:
        return next(point for point in reversed(self.points) if point.known)


def outlook(actor: Actor, held: Books) -> Outlook:
    """What was invoiced until today and what the plans expect after it, each plan spread evenly over its days.

    The edges add up every plan's P10 and P90. Not all plans go right or wrong at once, so eight in ten outcomes lie
    well inside them. Plans in other currencies are counted as left out. Two queries.
    """
    seen = set(systems(actor).values_list("pk", flat=True))
    live = [
        plan
        for system, plan in sealed_of_systems(actor.organisation_id, PLAN)
        if system in seen and date.fromisoformat(plan.body["ends"]) > held.today
    ]
    mine = [plan for plan in live if plan.body["currency"] == held.currency]
    recent = [one for one in held.within(held.today) if one.kind == "spent" and one.currency == held.currency]
    points = []
    for when in month_ends(held.today, MONTHS):
        spent = float(sum((one.amount for one in recent if one.day <= when), Decimal(0)))
        points.append(FanPoint(when, spent, spent, spent, True))
    if mine:
        begun = points[-1].middle
        for when in month_ends(held.today + YEAR, MONTHS):
            if when <= held.today:
                continue
            low, middle, high = (begun + planned(mine, edge, held.today, when) for edge in EDGES)
            points.append(FanPoint(when, low, middle, high, False))
    return Outlook(tuple(points), len(mine), len(live) - len(mine))


def planned(plans: Iterable[Sealed], edge: str, after: date, until: date) -> float:
    """What the plans expect after one day and until another."""
    total = 0.0
    for plan in plans:
        starts, ends = (date.fromisoformat(plan.body[key]) for key in ("starts", "ends"))
        days = (min(ends, until) - max(starts, after + timedelta(days=1))).days + 1
        total += float(plan.body["total"][edge]) * max(days, 0) / ((ends - starts).days + 1)
    return total
