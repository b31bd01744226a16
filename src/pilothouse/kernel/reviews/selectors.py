"""Reading the queue, narrowed to what the actor may review. No text is here: `review_open` gives that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Avg, Count, F, Q, QuerySet, Sum

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.decisions.selectors import waiting_for
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.reviews.models import Review

WINDOW = timedelta(days=30)


def reviews(actor: Actor) -> QuerySet[Review]:
    """Held answers of the systems whose answers the actor may review, the most urgent first."""
    rows: QuerySet[Review] = Review.objects.of(actor).select_related("system__unit", "decision", "decided_by")
    if not actor.scope("answer.review").everywhere:
        rows = rows.filter(system__in=systems(actor, "answer.review"))
    return rows.order_by("decision__deadline", "at", "id")


def review_of(actor: Actor, review_id: UUID | str) -> Review:
    """One held answer that the actor may review, or NotFound."""
    try:
        return reviews(actor).get(pk=review_id)
    except (Review.DoesNotExist, ValueError, ValidationError):
        raise NotFound from None


def waiting(actor: Actor, now: datetime) -> QuerySet[Review]:
    """Those that the actor may decide on now: not what was asked on their own behalf."""
    return reviews(actor).filter(state="waiting", decision__in=waiting_for(actor, now).order_by())


def after(actor: Actor, now: datetime) -> Review | None:
    """The next one to look at."""
    return waiting(actor, now).first()


def of_call(actor: Actor, call: str) -> Review | None:
    """The review of a call, if the actor may see it."""
    return reviews(actor).filter(call=call[:64]).first()


@dataclass(frozen=True, slots=True)
class Figures:
    """What reviewers did in the last 30 days: decided by a person, how many of them not as the model had it."""

    decided: int
    released: int
    edited: int
    refused: int
    expired: int
    seconds: float | None
    minutes: int

    @property
    def overridden(self) -> int:
        return self.edited + self.refused

    @property
    def rate(self) -> float | None:
        """Overrides of a hundred answers that a person decided on; None while nobody has."""
        return round(100 * self.overridden / self.decided, 1) if self.decided else None


def figures(actor: Actor, now: datetime) -> Figures:
    """One query."""
    rows = reviews(actor).order_by().filter(decided_at__gte=now - WINDOW)
    counts: dict[str, Any] = {state: Count("pk", filter=Q(state=state)) for state, _ in Review.STATES[1:]}
    sums = rows.aggregate(**counts, looked=Avg("seconds"), whole=Sum("seconds"))
    return Figures(
        sums["released"] + sums["edited"] + sums["refused"],
        sums["released"],
        sums["edited"],
        sums["refused"],
        sums["expired"],
        sums["looked"],
        round((sums["whole"] or 0) / 60),
    )


def by_system(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """For each system with reviews of the last 30 days: decided by people, overridden, minutes. One query."""
    rows = reviews(actor).order_by().filter(decided_at__gte=now - WINDOW).exclude(state="expired")
    grouped = rows.values(number=F("system__number"), name=F("system__name")).annotate(
        decided=Count("pk"),
        overridden=Count("pk", filter=Q(state__in=("edited", "refused"))),
        seconds=Sum("seconds"),
        edits=Sum("edit_distance"),
    )
    return [dict(row) for row in grouped.order_by("-decided", "number")]
