"""How far budgets are used up, and when they will be at this pace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from pilothouse.contracts.policy.budgets import Span, span
from pilothouse.contracts.policy.events import Settlement
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation, Unit
from pilothouse.kernel.policy.models import Budget
from pilothouse.kernel.policy.selectors import budgets
from pilothouse.kernel.traffic import places
from pilothouse.kernel.traffic.selectors import reading
from pilothouse.kernel.warehouse import questions, spool

MILLION = 1_000_000
EARLY = 0.05  # of a window must have passed before a pace means anything


@dataclass(frozen=True, slots=True)
class Burn:
    """One budget in its window: spent (of the organisation's currency), share of the cap, and what it will be.

    `forecast` is the sum at the window's end if it goes on like this, `exhausted_at` when the cap would be reached;
    both None too early in a window to say.
    """

    budget: Budget
    window: Span
    spent: Decimal
    share: float
    forecast: Decimal | None
    exhausted_at: datetime | None

    @property
    def tone(self) -> str:
        """How a page marks it."""
        if self.share >= 1:
            return "bad"
        return "warn" if self.share >= 0.8 or self.exhausted_at is not None else "good"


def burns(actor: Actor, now: datetime) -> list[Burn]:
    """Every budget in force that the actor may see, with what was spent in its window so far."""
    actor.require("traffic.view")
    rows = list(budgets(actor))
    if not rows:
        return []
    zone = Organisation.objects.values_list("time_zone", flat=True).get(pk=actor.organisation_id)
    windows = {kind: span(cast(Any, kind), now, zone) for kind in {row.window for row in rows}}
    spent = _spent(actor, rows, windows, now)
    return [_burn(row, windows[row.window], spent[row.pk], now) for row in rows]


def _burn(row: Budget, window: Span, micro: int, now: datetime) -> Burn:
    length = (window.end - window.start).total_seconds()
    passed = (now - window.start).total_seconds() / length
    spent = Decimal(micro) / MILLION
    forecast = spent / Decimal(passed) if passed >= EARLY else None
    exhausted = None
    if forecast is not None and spent and spent < row.cap < forecast:
        exhausted = window.start + (now - window.start) * float(row.cap / spent)
    return Burn(row, window, spent, float(spent / row.cap) if row.cap else float(bool(spent)), forecast, exhausted)


def _spent(actor: Actor, rows: Sequence[Budget], windows: dict[str, Span], now: datetime) -> dict[Any, int]:
    """Micro-units spent under each budget, by its id: the warehouse's and what is still in the spool."""
    below = _units_below(actor, rows)
    waiting = [
        event
        for event in spool.recent(places.spool(), str(actor.organisation_id), min(w.start for w in windows.values()))
        if isinstance(event, Settlement)
    ]
    found: dict[Any, int] = defaultdict(int)
    for kind, window in windows.items():
        late = [event for event in waiting if event.at >= window.start]
        mine = [row for row in rows if row.window == kind]
        with reading(actor, window.start, now) as warehouse:
            known = questions.known_ids(warehouse, [event.id for event in late])
            for scope in {row.scope for row in mine}:
                scoped = [row for row in mine if row.scope == scope]
                ids = {row.pk: below.get(row.scope_id, [row.scope_id]) for row in scoped}
                sums = questions.spent(warehouse, scope, sorted({one for listed in ids.values() for one in listed}))
                for event in late:
                    if event.id not in known:
                        key = "" if scope == "organisation" else getattr(event, scope)
                        sums[key] = sums.get(key, 0) + event.cost
                for row in scoped:
                    found[row.pk] = sum(sums.get(one, 0) for one in ([""] if scope == "organisation" else ids[row.pk]))
    return found


def _units_below(actor: Actor, rows: Sequence[Budget]) -> dict[str, list[str]]:
    """For each capped unit the ids of all units in its subtree, itself included."""
    capped = [row.unit for row in rows if row.unit is not None]
    if not capped:
        return {}
    every = list(Unit.objects.filter(organisation_id=actor.organisation_id).values_list("pk", "path"))
    return {str(unit.pk): [str(pk) for pk, path in every if path.startswith(unit.path)] for unit in capped}
