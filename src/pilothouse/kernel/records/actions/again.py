"""Looking at sealed documents again: what changed asks for it, a person says that one still holds."""

from __future__ import annotations

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger import log
from pilothouse.kernel.ledger.log import Event, lock_log
from pilothouse.kernel.records.actions.parts import tell
from pilothouse.kernel.records.kinds import check_place, kind_of, title_of
from pilothouse.kernel.records.models import Record

MOST = 500  # letters of a reason


@action("organisation.view")
def records_reopen(*, actor: Actor, system: System, because: str) -> list[Record]:
    """Ask that the sealed documents of a system be looked at again that a material change concerns (`reopens`).

    Texts and signatures stay as they are; checks that rest on one wait. What is asked already keeps its first reason.
    Returns those that are newly asked.
    """
    lock_log(actor.organisation_id)
    kinds = [kind.id for kind in registry.records.values() if kind.reopens and kind.of_system]
    rows = Record.objects.of(actor).filter(system=system, kind__in=kinds, state="sealed", look_again=None)
    asked = list(rows.select_for_update(of=("self",)).order_by("kind", "key"))
    for row in asked:
        row.look_again = because[:MOST]
    Record.objects.bulk_update(asked, ["look_again"])
    log.record_many(actor, [_event("record.reopened", row, because) for row in asked])
    if asked:
        tell_changed(actor, [system.pk])
    return asked


@action("organisation.view")
def records_settle(*, actor: Actor, system: System, because: str) -> int:
    """What was asked for this very reason need not be looked at again: the change did not come to pass."""
    lock_log(actor.organisation_id)
    rows = Record.objects.of(actor).filter(system=system, state="sealed", look_again=because[:MOST])
    settled = list(rows.select_for_update(of=("self",)).order_by("kind", "key"))
    for row in settled:
        row.look_again = None
    Record.objects.bulk_update(settled, ["look_again"])
    log.record_many(
        actor, [_event("record.settled", row, "The change did not come to pass.", because) for row in settled]
    )
    if settled:
        tell_changed(actor, [system.pk])
    return len(settled)


@action("organisation.view")
def record_confirm(*, actor: Actor, record: Record, reason: str) -> Record:
    """Say that a sealed document was looked at again and still holds. Whoever may write it may say so. Raises Invalid
    without a reason, Conflict when nothing asks for it."""
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why it still holds.", fields={"reason": "What was looked at, in a few words."})
    lock_log(actor.organisation_id)
    current: Record = (
        Record.objects.select_related("system__unit").select_for_update(of=("self",)).get_of(actor, pk=record.pk)
    )
    spec = kind_of(current.kind)
    check_place(actor, spec, current.system)
    if current.state != "sealed" or not current.look_again:
        raise Conflict("Nothing asks that this version be looked at again.")
    before, current.look_again = current.look_again, None
    current.save(update_fields=("look_again",))
    log.record_many(actor, [_event("record.confirmed", current, reason, before)])
    tell(actor, spec, [current.system_id])
    return current


def _event(name: str, row: Record, words: str, before: str | None = None) -> Event:
    return Event(
        name,
        row,
        system_id=row.system_id,
        before={"look_again": before},
        after={"look_again": row.look_again, "version": row.version},
        note=f"{title_of(kind_of(row.kind), row)}: {words}",
    )
