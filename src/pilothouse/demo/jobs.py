"""The house's own jobs, done for one organisation at a moment that is being told."""

from __future__ import annotations

from datetime import datetime

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.checks.engine import refresh
from pilothouse.kernel.decisions.tick import decisions_move_on
from pilothouse.kernel.gates.actions.breakglass import breakglass_end_due
from pilothouse.kernel.gates.actions.gaps import gaps_ask_overdue, gaps_follow
from pilothouse.kernel.gates.actions.waivers import waivers_end_due


def house_jobs(actor: Actor, moment: datetime) -> None:
    """What the scheduled jobs would have done by `moment`: end, escalate, judge, follow gaps."""
    waivers_end_due(actor=actor, moment=moment)
    breakglass_end_due(actor=actor, moment=moment)
    decisions_move_on(actor=actor, moment=moment)
    refresh(actor, None, moment)
    gaps_follow(actor=actor, system_ids=None, moment=moment)
    gaps_ask_overdue(actor=actor, moment=moment)
