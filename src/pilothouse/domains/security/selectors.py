"""Where one system's security review stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pilothouse.domains.security import facts
from pilothouse.domains.security.checks import stale_because
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import records


@dataclass(frozen=True, slots=True)
class ReviewStep:
    """What is to be done next about a review: write it, ask for (or wait for) its signature, or only read it."""

    act: Literal["write", "sign", "read"]
    sealed: Record | None


def review_step(actor: Actor, system: System, now: datetime) -> ReviewStep:
    """The next step of this system's review. A draft is finished before anything else is asked of it."""
    actor.require("system.view", system)
    states = {row.state: row for row in records(actor, kind=facts.REVIEW, system=system)}
    if "draft" in states or "sealed" not in states:
        return ReviewStep("write", states.get("sealed"))
    only = [system.pk]
    found = [loader(system.organisation_id, only).get(system.pk) for loader in facts.REVIEW_LOADERS]
    review, signed, model, components = found
    if review is None or (review.short and system.tier != "low") or review.body["conclusion"] == "may_not_run":
        return ReviewStep("write", states["sealed"])
    if stale_because(review, model, components or (), now):
        return ReviewStep("write", states["sealed"])
    return ReviewStep("read" if signed else "sign", states["sealed"])
