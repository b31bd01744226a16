"""Where the warehouse and the gateways' spool lie on this machine."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings


def warehouse() -> Path:
    return Path(settings.HOME) / "warehouse"


def outbox() -> Path:
    """Files whose calls are still to be told to an observability system."""
    return Path(settings.HOME) / "gateway" / "outbox"


def spool() -> Path:
    return Path(settings.HOME) / "gateway" / "spool"
