"""What traffic does by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.gates.actions.agenda import called_compare
from pilothouse.kernel.traffic import places
from pilothouse.kernel.traffic.actions import control_points_say
from pilothouse.kernel.traffic.changes import changes_take
from pilothouse.kernel.traffic.control import WINDOW, Heard
from pilothouse.kernel.traffic.exporting import outbox
from pilothouse.kernel.traffic.models import KEEP_DAYS, TrafficSetting
from pilothouse.kernel.traffic.names import is_id
from pilothouse.kernel.warehouse import keeping, questions, spool
from pilothouse.kernel.warehouse.asking import opened

HEARD_IN = ("usage", "refusals", "checks")
AGAIN = 3600.0  # seconds
CALLED = timedelta(days=7)
"""How far back the models that were called are held against what is approved."""


def traffic_tick(now: datetime) -> dict[str, Any]:
    """Bring in closed spool files, and say anew how systems are controlled."""
    done: dict[str, Any] = spool.project(places.spool(), places.warehouse(), outbox())
    changed = unapproved = 0
    for organisation in Organisation.objects.all():
        if _has_news(places.warehouse(), str(organisation.pk), now):
            actor = system_actor(organisation.pk)
            changed += control_points_say(actor=actor, heard=heard(str(organisation.pk), now))
            unapproved += called_compare(actor=actor, called=models_called(str(organisation.pk), now))
    counts = {"control_points": changed, "unapproved_models": unapproved}
    return done | counts | {"model_changes": changes_take(now)}


def _has_news(folder: Path, organisation: str, now: datetime) -> bool:
    """Whether events came in since this was last asked, or an hour has passed, in which old ones may have left."""
    months = [month for table in HEARD_IN for month in (folder / table / organisation).glob("*")]
    if not months:
        return False
    seen = folder / f".heard-{organisation}"
    before = seen.stat().st_mtime if seen.exists() else 0.0
    # First, so that what comes in while we look is news the next time.
    seen.touch(mode=0o600)
    return now.timestamp() - before > AGAIN or any(month.stat().st_mtime >= before for month in months)


def heard(organisation: str, now: datetime) -> dict[str, Heard]:
    """What was heard of each system in the window, by the system's id."""
    found: dict[str, tuple[dict[str, int], datetime]] = {}
    with opened(places.warehouse(), organisation, now - WINDOW, now) as warehouse:
        for row in questions.last_seen(warehouse):
            calls, last = found.get(row["system"], ({}, row["last"]))
            found[row["system"]] = ({**calls, row["source"]: row["calls"]}, max(last, row["last"]))
    return {system: Heard(calls, last) for system, (calls, last) in found.items()}


def models_called(organisation: str, now: datetime) -> dict[UUID, list[tuple[str, str]]]:
    """The models that each system called in the last days, with those that said they answered."""
    found: dict[UUID, list[tuple[str, str]]] = {}
    with opened(places.warehouse(), organisation, now - CALLED, now) as warehouse:
        for row in questions.models_called(warehouse):
            if is_id(row["system"]):
                found.setdefault(UUID(row["system"]), []).append((row["target"], row["model_reported"]))
    return found


def traffic_keep_tick(now: datetime) -> dict[str, Any]:
    """Bring in what is closed, make few files of many, and forget what is older than each organisation keeps it."""
    folder = places.warehouse()
    # First what is closed: a batch whose file is gone must be known to be in before files are merged.
    done: dict[str, Any] = spool.project(places.spool(), folder, outbox())
    if not folder.exists():
        return done
    days = {str(row.organisation_id): row.keep_days for row in TrafficSetting.objects.all()}
    return done | keeping.compact(folder) | {"forgotten": keeping.forget(folder, days, now, KEEP_DAYS)}
