"""What frameworks do when Django is ready: they hear of changes of systems, and count anew what time alone changes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pilothouse.domains.governance.frameworks.keeping import frameworks_tick
from pilothouse.domains.governance.frameworks.models import ControlSheet
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.hooks import on_systems_changed
from pilothouse.kernel.work.schedule import scheduled

MANY = 900


def mark_changed(actor: Actor, system_ids: Sequence[UUID]) -> None:
    """Hears of every write to systems, inside its transaction: what was counted of them no longer counts.

    Only systems whose sheet holds are written to, so most changes write nothing.
    """
    rows = ControlSheet.objects.filter(organisation_id=actor.organisation_id, dirty=False)
    if len(system_ids) <= MANY:
        rows = rows.filter(system_id__in=system_ids)
    rows.update(dirty=True)


def connect() -> None:
    """Called once when Django has loaded the models."""
    on_systems_changed(mark_changed)
    scheduled("frameworks_tick", "29 * * * *", "Judge every control anew, for what time alone changes")(frameworks_tick)
