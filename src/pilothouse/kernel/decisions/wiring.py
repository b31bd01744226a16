"""What decisions plug into the rooms to their left: kinds, the tick, the triggers that verification looks for."""

from __future__ import annotations

from pilothouse.kernel.checks.plugs import on_loosening, register_approvals
from pilothouse.kernel.decisions import loosening, signoff
from pilothouse.kernel.decisions.kinds import kinds
from pilothouse.kernel.decisions.register import REMOVAL
from pilothouse.kernel.decisions.tick import decisions_tick
from pilothouse.kernel.ledger.guards import EXPECTED
from pilothouse.kernel.work.schedule import scheduled


def connect() -> None:
    """Called once when Django has loaded the models."""
    kinds.register(REMOVAL)
    kinds.register(loosening.LOOSENING)
    kinds.register(signoff.SIGNOFF)
    on_loosening(loosening.on_loosening)
    register_approvals(loosening.find_approval)
    EXPECTED["decisions_signature"] = ("no_update", "no_delete")
    scheduled("decisions_tick", "*/5 * * * *", "Escalate and expire decisions")(decisions_tick)
