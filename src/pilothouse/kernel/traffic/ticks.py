"""What traffic does by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.traffic import places
from pilothouse.kernel.traffic.actions import control_points_say
from pilothouse.kernel.traffic.control import WINDOW, Heard
from pilothouse.kernel.traffic.models import KEEP_DAYS, TrafficSetting
from pilothouse.kernel.warehouse import keeping, questions, spool
from pilothouse.kernel.warehouse.asking import opened


def traffic_tick(now: datetime) -> dict[str, Any]:
    """Bring in closed spool files, and say anew how systems are controlled."""
    done: dict[str, Any] = spool.project(places.spool(), places.warehouse())
    changed = 0
    if places.warehouse().exists():
        for organisation in Organisation.objects.all():
            actor = system_actor(organisation.pk)
            changed += control_points_say(actor=actor, heard=heard(str(organisation.pk), now))
    return done | {"control_points": changed}


def heard(organisation: str, now: datetime) -> dict[str, Heard]:
    """What was heard of each system in the window, by the system's id."""
    found: dict[str, tuple[dict[str, int], datetime]] = {}
    with opened(places.warehouse(), organisation, now - WINDOW, now) as warehouse:
        for row in questions.last_seen(warehouse):
            calls, last = found.get(row["system"], ({}, row["last"]))
            found[row["system"]] = ({**calls, row["source"]: row["calls"]}, max(last, row["last"]))
    return {system: Heard(calls, last) for system, (calls, last) in found.items()}


def traffic_keep_tick(now: datetime) -> dict[str, Any]:
    """Bring in what is closed, make few files of many, and forget what is older than each organisation keeps it."""
    folder = places.warehouse()
    # First what is closed: a batch whose file is gone must be known to be in before files are merged.
    done: dict[str, Any] = spool.project(places.spool(), folder)
    if not folder.exists():
        return done
    days = {str(row.organisation_id): row.keep_days for row in TrafficSetting.objects.all()}
    return done | keeping.compact(folder) | {"forgotten": keeping.forget(folder, days, now, KEEP_DAYS)}
