"""What is done with texts by itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.texts import store
from pilothouse.kernel.texts.actions import texts_keep


def texts_keep_tick(now: datetime) -> dict[str, int]:
    """Remove what is due in every organisation. Returns how many texts went."""
    known = {str(pk) for pk in Organisation.objects.values_list("pk", flat=True)}
    here = [name for name in store.organisations() if name in known]
    return {"removed": sum(texts_keep(actor=system_actor(UUID(name)), moment=now) for name in here)}
