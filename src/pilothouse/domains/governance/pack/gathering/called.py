"""What the system may call, and what was seen of its calls, as of the moment."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from pilothouse.domains.governance.pack.material import Key, Policy, Usage
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.policy.models import GatewayKey, SnapshotRevision
from pilothouse.kernel.traffic import places
from pilothouse.kernel.warehouse import questions
from pilothouse.kernel.warehouse.asking import opened
from pilothouse.kernel.warehouse.questions import Where

LOOKS_BACK = timedelta(days=400)


def policy(system: System, as_of: datetime) -> Policy:
    """The system's rules in the newest snapshot made until the moment, and its keys (never the keys themselves)."""
    rows = GatewayKey.objects.filter(system=system, created_at__lte=as_of).order_by("created_at", "pk")
    keys = tuple(
        Key(
            id=str(row.pk),
            name=row.name,
            prefix=row.prefix,
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at if row.revoked_at and row.revoked_at <= as_of else None,
        )
        for row in rows
    )
    snapshots = SnapshotRevision.objects.filter(organisation=system.organisation_id, made_at__lte=as_of)
    newest = snapshots.order_by("-revision").first()
    if newest is None:
        return Policy(keys=keys)
    systems = json.loads(newest.body).get("systems") or {}
    listed = systems.values() if isinstance(systems, dict) else systems
    rules: dict[str, Any] = next((one for one in listed if one.get("id") == str(system.pk)), {})
    return Policy(newest.revision, newest.digest, newest.made_at, rules, keys)


def usage(system: System, as_of: datetime) -> Usage:
    """Sums of the last 400 days: by day, by model, what was refused, what inspection found, and how it was seen."""
    zone = Organisation.objects.values_list("time_zone", flat=True).get(pk=system.organisation_id)
    own = str(system.organisation_id)
    if not any((places.warehouse() / table / own).exists() for table in ("usage", "refusals")):
        return Usage(as_of - LOOKS_BACK, as_of)  # nothing was ever seen of any system, and the engine loads slowly
    since, calls = as_of - LOOKS_BACK, Where({"system": str(system.pk)})
    with opened(places.warehouse(), own, since, as_of) as warehouse:
        totals, refused = questions.totals(warehouse, calls), questions.refusals_by(warehouse, "code", calls)
        if not totals["calls"] and not refused:
            return Usage(since, as_of)
        return Usage(
            since=since,
            until=as_of,
            days=tuple(questions.by_day(warehouse, calls, zone).items()),
            totals=totals,
            models=tuple(questions.by(warehouse, "model", calls)),
            refusals=tuple({"code": row["value"], "calls": row["calls"], "last": row["last"]} for row in refused),
            findings=tuple(
                {"kind": row["kind"], "found": row["found"], "calls": row["calls"], "stopped": row["stopped"]}
                for row in questions.findings_by(warehouse, "system", calls)
            ),
            sources=tuple(questions.by(warehouse, "source", calls)),
        )
