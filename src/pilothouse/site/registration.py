"""What the composition root does once every room is ready: the domains are registered, and the registry closes."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings

from pilothouse.kernel.domain import registry
from pilothouse.kernel.ledger.actions import ledger_tick
from pilothouse.kernel.work.schedule import scheduled
from pilothouse.site.rooms import room_modules


def register() -> None:
    """Register the domains of `settings.DOMAINS` (modules with a DOMAIN) and the jobs of rooms below `work`."""
    for name in settings.DOMAINS:
        domain = import_module(f"{name}.domain").DOMAIN
        if domain.id not in registry.domains:
            registry.register(domain)
    registry.close()
    for _ in room_modules("panels"):  # what domains and the programme show on pages is said as it is imported
        pass
    scheduled("ledger_tick", "7 2 * * *", "Sign the ledgers that grew and hand the checkpoints to the witness")(
        ledger_tick
    )
