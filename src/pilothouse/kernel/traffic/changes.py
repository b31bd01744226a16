"""A provider's silent changes of a model: out of the warehouse into the record, told once, and read from there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from pilothouse.contracts.policy.snapshot import ANY
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.actions import action
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.notify.notices import holders, notify
from pilothouse.kernel.policy.models import Alias
from pilothouse.kernel.policy.selectors import setting_of
from pilothouse.kernel.traffic import places
from pilothouse.kernel.traffic.models import ModelChange
from pilothouse.kernel.traffic.names import is_id
from pilothouse.kernel.warehouse import questions
from pilothouse.kernel.warehouse.asking import opened
from pilothouse.kernel.warehouse.tables import Row

LOOK_BACK = timedelta(days=7)
SAME = timedelta(days=1)  # several workers notice one change; what comes again later is another
VERSIONS = ("before", "after", "fingerprint_before", "fingerprint_after")


def model_changes(actor: Actor, *, system: System | None = None) -> QuerySet[ModelChange]:
    """Silent changes that the actor may see, newest first: those of every model, or of those that `system` may call."""
    rows: QuerySet[ModelChange] = ModelChange.objects.of(actor).select_related("system")
    if system is not None:
        actor.require("traffic.view", system)
        return rows.filter(_targets(system))
    if actor.scope("traffic.view").everywhere:
        return rows
    return rows.filter(system__in=systems(actor, "traffic.view"))


def _targets(system: System) -> Q:
    """Whatever answers for the models that the system's rules permit."""
    permitted = setting_of(system)[0].models
    aliases = Alias.objects.filter(organisation=system.organisation_id, active=True)
    if ANY not in permitted:
        aliases = aliases.filter(name__in=permitted)
    found = Q(pk__in=())
    for targets in aliases.values_list("targets", flat=True):
        for target in targets:
            found |= Q(upstream=target["upstream"], target=target["model"])
    return found


def changes_take(moment: datetime) -> int:
    """Enter what gateways noticed and nobody entered yet. Returns how many changes were new."""
    folder = places.warehouse() / "model_changes"
    noticed = {path.name for path in folder.iterdir() if is_id(path.name)} if folder.exists() else set()
    found = 0
    for organisation in Organisation.objects.filter(pk__in=noticed) if noticed else ():
        name = str(organisation.pk)
        with opened(places.warehouse(), name, moment - LOOK_BACK, moment + timedelta(hours=1)) as warehouse:
            rows = questions.model_changes(warehouse)
        if rows:
            found += model_changes_enter(actor=system_actor(organisation.pk), rows=rows)
    return found


@action("gateway.manage")
def model_changes_enter(*, actor: Actor, rows: Sequence[Row]) -> int:
    """Enter changes that gateways noticed (rows of the warehouse, oldest first), and tell those who manage gateways of
    each, once. Returns how many were new."""
    lock_log(actor.organisation_id)
    known = list(ModelChange.objects.of(actor).filter(noticed_at__gte=rows[0]["at"] - SAME))
    ids = {str(pk) for pk in System.objects.of(actor).values_list("pk", flat=True)}
    made = 0
    for row in rows:
        if any(_same(change, row) for change in known):
            continue
        change = _enter(actor, row, ids)
        known.append(change)
        made += 1
    return made


def _same(change: ModelChange, row: Row) -> bool:
    if change.call == row["call"]:
        return True
    alike = all(getattr(change, name) == (row[name] or "") for name in ("upstream", "target", *VERSIONS))
    return alike and abs(change.noticed_at - row["at"]) < SAME


def _enter(actor: Actor, row: Row, ids: set[str]) -> ModelChange:
    said: dict[str, Any] = {name: (row[name] or "")[:200] for name in ("target", *VERSIONS)}
    said |= {"upstream": (row["upstream"] or "")[:80], "call": row["call"]}
    system = row["system"] if is_id(row["system"] or "") and row["system"] in ids else None
    change: ModelChange = ModelChange.objects.create(
        organisation_id=actor.organisation_id, system_id=system, noticed_at=row["at"], **said
    )
    record(actor, "model.changed_silently", change, system_id=system, after=said)
    slug = Organisation.objects.values_list("slug", flat=True).get(pk=actor.organisation_id)
    to = change.after if change.after != change.before else f"another version of {change.after}"
    text = f"“{change.target}” of {change.upstream} is answered by {to} now, and was by {change.before}."
    notify(holders(actor.organisation_id, "gateway.manage"), text, f"/o/{slug}/traffic/upstreams/")
    return change
