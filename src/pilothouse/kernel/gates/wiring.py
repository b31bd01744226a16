"""What gates plug into the rooms to their left: kinds of decision, waivers, listeners, jobs."""

from __future__ import annotations

from pilothouse.kernel.checks.plugs import DueDates, register_due_dates, register_waivers
from pilothouse.kernel.decisions.kinds import kinds
from pilothouse.kernel.gates.actions import breakglass, gaps, manifests, prohibition, restrictions, stages, waivers
from pilothouse.kernel.gates.selectors import gap_overdue, gaps_due, load_waivers
from pilothouse.kernel.inventory.hooks import on_systems_changed
from pilothouse.kernel.work.schedule import scheduled

KINDS = (
    stages.GATE,
    stages.CORRECTION,
    manifests.CANDIDATE,
    restrictions.LIFT,
    restrictions.PROHIBITION,
    waivers.WAIVER,
    breakglass.BREAK_GLASS,
    gaps.OVERDUE,
)


def connect() -> None:
    """Called once when Django has loaded the models."""
    for kind in KINDS:
        kinds.register(kind)
    register_waivers(load_waivers)
    register_due_dates(DueDates(of=gaps_due, overdue=gap_overdue))
    # In this order: prohibited use first, then the gaps, then what the system consists of.
    on_systems_changed(prohibition.on_change)
    on_systems_changed(gaps.on_change)
    on_systems_changed(manifests.on_change)
    scheduled("breakglass_tick", "* * * * *", "End break-glass whose hours are over")(breakglass.breakglass_tick)
    scheduled("waivers_tick", "*/5 * * * *", "End waivers whose time is over")(waivers.waivers_tick)
    scheduled("gaps_tick", "41 * * * *", "Date, close and ask about the gaps of inherited systems")(gaps.gaps_tick)
    scheduled("manifest_tick", "53 * * * *", "Compare approved manifests with what systems are")(
        manifests.manifest_tick
    )
