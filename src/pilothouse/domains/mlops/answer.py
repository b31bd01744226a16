"""How long a fault goes unnoticed, and who is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from pilothouse.domains.mlops.rules import Body, detection, remembered
from pilothouse.domains.mlops.schemas import ROLES
from pilothouse.domains.mlops.selectors import alerting, running, told
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.clock import month_ends
from pilothouse.kernel.domain import Figure, TrendPoint
from pilothouse.kernel.records.judging import today
from pilothouse.kernel.records.people import Here, here

NAMED = 3


def answer(actor: Actor, now: datetime) -> Figure:
    """Mean hours from when an incident began until it was noticed, over the twelve months up to `now`.

    Numerator: hours altogether; denominator: incidents whose beginning is known; unknown: those of which nobody knows.
    The trend has the same mean as it stood at the end of each month.
    """
    bodies = told(actor)
    found = detection(remembered(bodies, now))
    watching, people = alerting(actor), here(actor.organisation_id)
    covered = len({system for system, _ in watching})
    return Figure(
        value=found.mean,
        unit="hours",
        numerator=round(found.hours, 2),
        denominator=found.timed,
        unknown=found.untimed,
        rows="mlops/incidents/?show=timed",
        trend=tuple(_point(bodies, day, now) for day in month_ends(today(now), 11)),
        because=f"{_counted(found.timed, found.untimed)} {_told((body for _, body in watching), people)} "
        f"{covered:,} of {running(actor):,} running systems have a live monitor.",
    )


def _point(bodies: list[Body], day: date, now: datetime) -> TrendPoint:
    found = detection(remembered(bodies, min(now, datetime.combine(day, time.max, UTC))))
    return TrendPoint(day, found.mean, round(found.hours, 2), found.timed, found.untimed)


def _counted(timed: int, untimed: int) -> str:
    if not timed and not untimed:
        return "No incident is recorded within twelve months."
    known = f"Over {timed} incident{'' if timed == 1 else 's'} of twelve months with a known beginning"
    return f"{known}; of {untimed} more nobody knows when they began." if untimed else f"{known}."


def _told(watching: Iterable[Body], people: Here) -> str:
    """Whom alerts reach, the most often named first."""
    named: Counter[str] = Counter()
    for body in watching:
        named.update(people.called(email) for email in body["people"] if email in people.names)
        if body["role"] == "owner" or people.roles.get(body["role"] or ""):
            named[ROLES[body["role"]]] += 1
    if not named:
        return "Nobody is alerted."
    most = ", ".join(name for name, _ in named.most_common(NAMED))
    return f"Alerts go to {most}{f' and {len(named) - NAMED} more' if len(named) > NAMED else ''}."
