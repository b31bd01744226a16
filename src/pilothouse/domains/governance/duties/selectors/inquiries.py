"""Reading requests of authorities, and how long drills took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, QuerySet

from pilothouse.contracts.errors import Forbidden, NotFound
from pilothouse.domains.governance.duties.models import Inquiry
from pilothouse.kernel.access.actor import Actor


def inquiries(actor: Actor) -> QuerySet[Inquiry]:
    """Every request and drill, newest first, with how many packs and letters there are. It takes the permission
    everywhere: a request tells what an authority suspects of whom. Raises Forbidden."""
    actor.require("duty.view")
    if not actor.scope("duty.view").everywhere:
        raise Forbidden("Requests of authorities are seen by those who see the notices of the whole organisation.")
    rows: QuerySet[Inquiry] = Inquiry.objects.of(actor)
    return rows.prefetch_related("systems").annotate(
        first_pack=Min("packs__sealed_at"),
        last_pack=Max("packs__sealed_at"),
        pack_count=Count("packs", distinct=True),
        letter_count=Count("letters", distinct=True),
        system_count=Count("systems", distinct=True),
    )


def inquiry_of(actor: Actor, number: int) -> Inquiry:
    """One request, or NotFound."""
    found = inquiries(actor).filter(number=number).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Drill:
    """How long one exercise took: hours until the first pack was sealed, and until its gaps were reviewed."""

    number: int
    title: str
    at: datetime
    to_pack: float | None
    to_review: float | None
    gaps: int | None
    promise: int

    @property
    def kept(self) -> bool | None:
        """Within the promise? None while it is not over."""
        return None if self.to_review is None else self.to_review <= self.promise


def drills(rows: Iterable[Inquiry]) -> list[Drill]:
    """The exercises among these requests, oldest first."""
    return sorted((_drill(row) for row in rows if row.drill), key=lambda one: one.at)


def _drill(row: Inquiry) -> Drill:
    packed: datetime | None = getattr(row, "first_pack", None)
    return Drill(
        row.number,
        row.title,
        row.received_at,
        _hours(packed - row.received_at) if packed else None,
        _hours(row.reviewed_at - row.received_at) if row.reviewed_at else None,
        row.gaps,
        row.promise_hours,
    )


def _hours(span: timedelta) -> float:
    return round(span.total_seconds() / 3600, 2)
