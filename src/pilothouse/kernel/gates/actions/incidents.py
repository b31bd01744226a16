"""Closing an incident, by someone who had no part in it."""

from __future__ import annotations

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.gates.models import Incident
from pilothouse.kernel.ledger.log import lock_log, record


@action("gate.restrict", on="incident")
def incident_close(*, actor: Actor, incident: Incident, resolution: str) -> Incident:
    """Say what came of it. Whoever broke the glass does not close the incident that came of it."""
    lock_log(actor.organisation_id)
    rows = Incident.objects.select_for_update(of=("self",)).select_related("break_glass", "system")
    incident = rows.get_of(actor, pk=incident.pk)
    if incident.closed_at is not None:
        raise Conflict("It is closed already.", code="closed")
    if incident.break_glass and incident.break_glass.opened_by_id in actor.stands_for:
        raise Forbidden("Whoever broke the glass does not close its incident. Someone else must.", code="own_request")
    if not resolution.strip():
        raise Invalid("Say what came of it.", fields={"resolution": "Say what came of it."})
    incident.closed_at, incident.closed_by_id, incident.resolution = now(), actor.person_id, resolution.strip()
    incident.save(update_fields=("closed_at", "closed_by", "resolution"))
    record(actor, "incident.closed", incident, system_id=incident.system_id, note=incident.resolution)
    return incident
