"""What the roadmap needs and what is there, now and as it stood on past days.

Sums over people are for everybody who sees the organisation; who they are is for those who hold `talent.view`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from pilothouse.domains.talent.checks import DEMAND, HOLDER, ROLE
from pilothouse.domains.talent.rules import SCARCE, Body, Line, coverage, quarters
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.records.models import Record

Versions = dict[str, list[tuple[str, datetime, str, Body]]]
"""Record kind → (key, sealed at, state, body) of every version that was ever sealed, oldest first."""


def versions(actor: Actor) -> Versions:
    """What was ever sealed about roles, people and demand. One query."""
    rows = Record.objects.of(actor).filter(kind__in=(DEMAND, ROLE, HOLDER), sealed_at__isnull=False)
    found: Versions = {DEMAND: [], ROLE: [], HOLDER: []}
    fields: Iterable[tuple[str, str, datetime, str, Any]] = rows.order_by("sealed_at", "version").values_list(
        "kind", "key", "sealed_at", "state", "body"
    )
    for kind, key, at, state, body in fields:
        found[kind].append((key, at, state, body))
    return found


def standing(rows: Sequence[tuple[str, datetime, str, Body]], moment: datetime | None) -> dict[str, Body]:
    """The entries that held at a moment (None: now), by key. What was withdrawn since is left out: its day is not known
    here."""
    found: dict[str, Body] = {}
    for key, at, state, body in rows:
        if (state == "sealed") if moment is None else (at <= moment and state in ("sealed", "superseded")):
            found[key] = body
    return found


def lines(known: Versions, day: date, *, past: bool = False) -> list[Line]:
    """What the twelve months from a day need and what is there, in the areas that are scarce."""
    moment = datetime.combine(day, time.max, UTC) if past else None
    roles, holders, demands = (standing(known[kind], moment) for kind in (ROLE, HOLDER, DEMAND))
    every = coverage(roles, holders.values(), demands.values(), quarters(day))
    return [line for line in every if line.area in SCARCE]
