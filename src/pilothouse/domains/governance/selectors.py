"""Obligations counted by the regime that asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from pilothouse.domains.governance import facts
from pilothouse.domains.governance.schemas import REGIMES
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.records.selectors import records


@dataclass(frozen=True, slots=True)
class RegimeLine:
    """What one regime asks of the systems that the actor sees. `late` is part of `open`."""

    title: str
    systems: int
    total: int
    in_place: int
    open: int
    late: int
    not_applicable: int

    @property
    def missing(self) -> int:
        """Those not in place, as a bar shows them."""
        return self.open

    @property
    def asked(self) -> int:
        """Those that apply."""
        return self.total - self.not_applicable


def by_regime(actor: Actor, today: date) -> list[RegimeLine]:
    """Sealed obligations by regime, those with most past their day first. One query."""
    is_open = Q(body__state="open")
    rows = (
        records(actor, kind=facts.OBLIGATION, state="sealed")
        .order_by()
        .values_list("body__regime")
        .annotate(
            systems=Count("system", distinct=True),
            total=Count("pk"),
            in_place=Count("pk", filter=Q(body__state="in_place")),
            open=Count("pk", filter=is_open),
            late=Count("pk", filter=is_open & Q(body__due__lt=today.isoformat())),
            not_applicable=Count("pk", filter=Q(body__state="not_applicable")),
        )
    )
    lines = [RegimeLine(REGIMES.get(regime, regime), *counts) for regime, *counts in rows]
    return sorted(lines, key=lambda line: (-line.late, -line.open, line.title))
