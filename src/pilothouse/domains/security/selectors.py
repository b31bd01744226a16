"""Where one system's security review stands, and what needs somebody soon in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from pilothouse.domains.security import facts
from pilothouse.domains.security.checks import high_risks, stale_because
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.decisions.selectors import decisions
from pilothouse.kernel.decisions.signed import KIND as SIGNOFF
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.judging import today
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import records


@dataclass(frozen=True, slots=True)
class ReviewStep:
    """What is to be done next about a review: write the threat model that it must rest on, write it, ask for (or wait
    for) its signature, or only read it. A review that is written rests on version `rests_on` of the threat model."""

    act: Literal["threats", "write", "sign", "read"]
    sealed: Record | None
    rests_on: int = 0


def review_step(actor: Actor, system: System, now: datetime) -> ReviewStep:
    """The next step of this system's review. A draft is finished before anything else is asked of it."""
    actor.require("system.view", system)
    states = {row.state: row for row in records(actor, kind=facts.REVIEW, system=system)}
    only = [system.pk]
    found = [loader(system.organisation_id, only).get(system.pk) for loader in facts.REVIEW_LOADERS]
    review, signed, model, components = found
    if model is None and system.tier != "low":
        return ReviewStep("threats", states.get("sealed"))
    if "draft" in states or "sealed" not in states:
        return ReviewStep("write", states.get("sealed"), model.version if model else 0)
    if review is None or (review.short and system.tier != "low") or review.body["conclusion"] == "may_not_run":
        return ReviewStep("write", states["sealed"])
    if stale_because(review, model, components or (), now):
        return ReviewStep("write", states["sealed"])
    return ReviewStep("read" if signed else "sign", states["sealed"])


def risks_to_sign(actor: Actor, system: System) -> Record | None:
    """The sealed threat model whose high risks are all accepted in words, so that only a signature is missing; None
    where there is something to write first."""
    actor.require("system.view", system)
    rows = {row.state: row for row in records(actor, kind=facts.THREATS, system=system)}
    model = rows.get("sealed")
    high = high_risks(model.body) if model and "draft" not in rows else []
    return model if model and high and all(model.body[key].get("accepted_because") for key in high) else None


@dataclass(frozen=True, slots=True)
class ReviewsAhead:
    """What needs somebody soon: signatures that were asked for, and reviews that run out."""

    waiting: Sequence[Decision]
    ending: Sequence[tuple[Record, date]]


def reviews_ahead(actor: Actor, now: datetime, *, days: int = 60, limit: int = 12) -> ReviewsAhead:
    """The first to be decided, and the sealed reviews that run out in `days` or have just done so, first first."""
    kinds = (facts.REVIEW, facts.THREATS)
    asked = decisions(actor).filter(kind=SIGNOFF, state="open", payload__record__in=kinds).order_by("deadline", "id")
    soon, past = (today(now) + timedelta(days=by) for by in (days, -days))
    rows = records(actor, kind=facts.REVIEW, state="sealed").filter(
        body__valid_until__lte=soon.isoformat(), body__valid_until__gte=past.isoformat()
    )
    ending = sorted(((row, date.fromisoformat(row.body["valid_until"])) for row in rows), key=lambda one: one[1])
    return ReviewsAhead(list(asked[:limit]), ending[:limit])
