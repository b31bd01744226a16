"""Reading a stored text, which the ledger is told; and taking texts away."""

from __future__ import annotations

from datetime import datetime, timedelta

from pilothouse.contracts.errors import NotFound
from pilothouse.contracts.policy.texts import Kept
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import record
from pilothouse.kernel.texts import store
from pilothouse.kernel.texts.plugs import FORGETTERS
from pilothouse.kernel.texts.selectors import days_of, stored_of


def text_read(*, actor: Actor, call: str, reason: str = "") -> Kept:
    """The stored prompt and answer of a call. Raises NotFound when there is none that the actor may read."""
    found = stored_of(actor, call)
    if found is None:
        raise NotFound
    return stored_text_read(actor=actor, system=found.system, call=call, reason=reason)


@action("text.read", on="system")
def stored_text_read(*, actor: Actor, system: System, call: str, reason: str) -> Kept:
    """The same, once it is known whose it is. Callers use `text_read`."""
    found = store.read(str(actor.organisation_id), call, Kept)
    if found is None or found[0].system != str(system.pk):
        raise NotFound
    after = {"call": call, "digest": store.digest_of(str(actor.organisation_id), "kept", call)}
    record(actor, "text.read", system, system_id=system.pk, after=after, note=reason.strip())
    return found[1]


@action("ledger.erase")
def texts_forget(*, actor: Actor, person: str) -> int:
    """Remove every text of a person (a `person_id`), held answers too. Returns how many. The caller says why."""
    organisation = str(actor.organisation_id)
    gone = 0
    for label in list(store.labels(organisation)):
        if label.person == person:
            store.remove(organisation, label.call, (label.kind,))
            gone += 1
    return gone + sum(forget(actor, person) for forget in FORGETTERS)


@action("organisation.change")
def texts_keep(*, actor: Actor, moment: datetime) -> int:
    """Remove stored texts that are older than their system's rules keep them. Returns how many."""
    organisation = str(actor.organisation_id)
    days = days_of(actor.organisation_id)
    gone = 0
    for label in store.labels(organisation, ("kept",)):
        if label.at + timedelta(days=days.get(label.system, 0)) <= moment:
            store.remove(organisation, label.call, (label.kind,))
            gone += 1
    store.sweep(organisation)
    return gone
