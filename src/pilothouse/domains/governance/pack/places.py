"""Where packs lie on this machine: one folder an organisation, readable by the installation's user alone."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings


def folder(organisation_id: UUID) -> Path:
    return Path(settings.HOME) / "packs" / str(organisation_id)


def pack_file(organisation_id: UUID, pack_id: UUID) -> Path:
    """Where a sealed pack lies."""
    return folder(organisation_id) / f"{pack_id}.zip"


def cache(organisation_id: UUID, system_id: UUID) -> Path:
    """Where full files of a system's entries are kept for the next pack."""
    return folder(organisation_id) / "entries" / str(system_id)
