"""When a person leaves, their systems lose their owner, say so, and keep the name of who it was."""

from __future__ import annotations

from django.db.models import Q

from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person
from pilothouse.kernel.inventory.actions.facts import told
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import Event, lock_log, record_many


def owners_release(actor: Actor, person: Person) -> int:
    """Take `person` off every system they own or deputise; returns how many.

    Called by access inside the transaction in which the person leaves (see InventoryConfig.ready), on the strength of
    the permission that this asked for.
    """
    lock_log(actor.organisation_id)
    theirs = Q(owner=person) | Q(deputy=person)
    systems = list(System.objects.of(actor).filter(theirs).order_by("pk").select_for_update())
    now = clock.now()
    events = []
    for system in systems:
        after = {key: None for key in ("owner_id", "deputy_id") if getattr(system, key) == person.pk}
        before = dict.fromkeys(after, person.pk)
        if "owner_id" in after:
            system.former_owner = person
        for key in after:
            setattr(system, key, None)
        system.version += 1
        system.changed_at = now
        events.append(
            Event(
                "system.owner_left",
                system,
                system.pk,
                told(before, {person.pk: person.name}),
                told(after, {}),
                f"{person.name} left the organisation.",
            )
        )
    System.objects.bulk_update(systems, ["owner", "deputy", "former_owner", "version", "changed_at"], batch_size=200)
    record_many(actor, events)
    tell_changed(actor, [system.pk for system in systems])
    return len(systems)
