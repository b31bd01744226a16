"""Places outside that follow the ledger: setting them up, and reading how they fare."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from django.db.models import QuerySet

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.vault import clean_secret_name
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.ledger.models import Log
from pilothouse.kernel.notify.models import Delivery, Outlet
from pilothouse.kernel.notify.reach import clean_url

PATTERN = re.compile(r"[a-z_*]+(\.[a-z_*]+)*")
MOST_OUTLETS = 50


@action("webhook.manage")
def outlet_add(
    *, actor: Actor, title: str, actions: Sequence[str], kind: str = "webhook", url: str = "", secret_name: str = ""
) -> Outlet:
    """Add an outlet, which is told what happens from now on. Raises Invalid and Conflict."""
    facts = _clean(kind, {"title": title, "actions": actions, "url": url, "secret_name": secret_name})
    log = lock_log(actor.organisation_id)
    if Outlet.objects.of(actor).count() >= MOST_OUTLETS:
        raise Conflict(f"There are {MOST_OUTLETS} already. Delete one first.")
    outlet: Outlet = Outlet.objects.create(
        organisation_id=actor.organisation_id,
        kind=kind,
        cursor=log.size,
        created_by_id=actor.person_id,
        created_at=now(),
        **facts,
    )
    record(actor, "outlet.added", outlet, after={"kind": kind, **facts})
    return outlet


@action("webhook.manage")
def outlet_change(*, actor: Actor, outlet: Outlet, changes: Mapping[str, Any], version: int | None = None) -> Outlet:
    """Change the title, address or patterns; `enabled` True switches on again what was disabled. Raises Conflict."""
    lock_log(actor.organisation_id)
    current = _locked(actor, outlet)
    if version is not None and version != current.version:
        raise Conflict("Someone changed it while you were editing.", data={"version": current.version})
    wanted = {key: getattr(current, key) for key in ("title", "actions", "url", "secret_name")}
    enabled = changes.get("enabled")
    wanted |= {key: value for key, value in changes.items() if key != "enabled"}
    facts = _clean(current.kind, wanted)
    after: dict[str, Any] = {key: value for key, value in facts.items() if getattr(current, key) != value}
    before = {key: getattr(current, key) for key in after}
    for key, value in after.items():
        setattr(current, key, value)
    if enabled is not None and enabled != (current.disabled_at is None):
        before["enabled"], after["enabled"] = not enabled, enabled
        current.disabled_at = None if enabled else now()
        current.disabled_why = "" if enabled else "Switched off by hand."
        current.failures = 0
        if enabled:
            # What happened meanwhile is in the ledger; it is not all poured out at once.
            current.cursor = Log.objects.get(organisation_id=actor.organisation_id).size
    if after:
        current.version += 1
        current.save()
        record(actor, "outlet.changed", current, before=before, after=after)
    return current


@action("webhook.manage")
def outlet_delete(*, actor: Actor, outlet: Outlet) -> None:
    """Delete an outlet with its deliveries; the ledger keeps that it was."""
    lock_log(actor.organisation_id)
    current = _locked(actor, outlet)
    record(actor, "outlet.deleted", current, before={"title": current.title, "url": current.url})
    current.delete()


@action("webhook.manage")
def outlet_rotate(*, actor: Actor, outlet: Outlet) -> Outlet:
    """Give a webhook a new signing secret; the old one stops at once."""
    lock_log(actor.organisation_id)
    current = _locked(actor, outlet)
    if current.kind != "webhook":
        raise Invalid("Only a webhook signs what it sends.")
    current.secret_version += 1
    current.version += 1
    current.save(update_fields=("secret_version", "version"))
    record(actor, "outlet.rotated", current, after={"secret_version": current.secret_version})
    return current


@action("webhook.manage")
def delivery_repeat(*, actor: Actor, delivery: Delivery) -> Delivery:
    """Send something again with the next tick: the same message, so a receiver that has it can tell."""
    current: Delivery = (
        Delivery.objects.select_for_update(of=("self",)).select_related("outlet").get_of(actor, pk=delivery.pk)
    )
    if current.outlet.disabled_at is not None:
        raise Conflict("This outlet is disabled. Switch it on first.")
    current.state, current.attempts, current.next_at, current.error = "waiting", 0, now(), ""
    current.save(update_fields=("state", "attempts", "next_at", "error"))
    record(actor, "delivery.repeated", current.outlet, after={"seq": current.seq, "action": current.action})
    return current


def outlets(actor: Actor) -> QuerySet[Outlet]:
    """The organisation's outlets, by title. The caller asked for webhook.manage."""
    rows: QuerySet[Outlet] = Outlet.objects.of(actor)
    return rows.select_related("created_by")


def matches(patterns: Sequence[str], action_name: str) -> bool:
    """Does one of the patterns (system.*, *.left, *) fit the action?"""
    return any(fnmatchcase(action_name, pattern) for pattern in patterns)


def clean_patterns(patterns: Sequence[str]) -> list[str]:
    """Patterns of actions, each once, in the order given. Raises Invalid."""
    kept = list(dict.fromkeys(pattern.strip() for pattern in patterns if pattern.strip()))
    if not kept:
        raise Invalid("Say which actions.", fields={"actions": "At least one, such as decision.* or *."})
    for pattern in kept:
        if not PATTERN.fullmatch(pattern) or len(pattern) > 80:
            raise Invalid("That is no pattern.", fields={"actions": f"“{pattern}”: write it like system.* or *.left."})
    return kept


def _clean(kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(facts) - {"title", "actions", "url", "secret_name"})
    if unknown:
        raise Invalid(f"An outlet has no field “{unknown[0]}”.", fields={unknown[0]: "No such field."})
    title = " ".join(str(facts["title"]).split())
    if not title or len(title) > 120:
        raise Invalid("It needs a title.", fields={"title": "At most 120 characters."})
    cleaned = {"title": title, "actions": clean_patterns(facts["actions"]), "url": "", "secret_name": ""}
    if kind == "webhook":
        cleaned["url"] = clean_url(facts["url"])
    elif kind == "apprise":
        cleaned["secret_name"] = clean_secret_name(facts["secret_name"])
    else:
        raise Invalid("Choose one of the kinds.", fields={"kind": "webhook or apprise."})
    return cleaned


def _locked(actor: Actor, outlet: Outlet) -> Outlet:
    current: Outlet = Outlet.objects.select_for_update(of=("self",)).get_of(actor, pk=outlet.pk)
    return current
