"""The agenda of the governance review: material changes, put on it by what the house sees and taken off by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.clock import now
from pilothouse.kernel.gates.models import AgendaItem, Manifest
from pilothouse.kernel.gates.rules.called import not_approved
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.notify.notices import notify
from pilothouse.kernel.records.actions import records_reopen, records_settle
from pilothouse.kernel.records.kinds import confidential, kind_of


@action("organisation.view")
def agenda_add(*, actor: Actor, system: System, source: str, sentences: Sequence[str], then: str) -> AgendaItem | None:
    """Put a material change of a system on the agenda, tell its owner, and where it asks for a new signature have the
    documents looked at again that it concerns. Nothing new is said twice while it is open: then None."""
    title = " ".join(sentences)[:1000]
    lock_log(actor.organisation_id)
    if AgendaItem.objects.of(actor).filter(system=system, title=title, closed_at=None).exists():
        return None
    item = AgendaItem.objects.create(
        organisation_id=actor.organisation_id, system=system, source=source, title=title, then=then, opened_at=now()
    )
    after = {"title": title, "then": then, "source": source}
    record(actor, "agenda.added", item, system_id=system.pk, after=after)
    if then == "resign":
        reopened = records_reopen(actor=actor, system=system, because=title)
        kinds = [kind_of(one.kind) for one in reopened]
        item.reopened = [
            {"record": str(one.pk), "title": kind.title}
            for one, kind in zip(reopened, kinds, strict=True)
            if not confidential(kind)
        ]
        item.save(update_fields=("reopened",))
    people = [person for person in (system.owner_id, system.deputy_id) if person]
    if people:
        asks = " Its documents are to be looked at again." if item.reopened else ""
        notify(people, f"{system.ref} {system.name}: {title}{asks}", f"/o/{system.organisation.slug}/agenda/")
    return item


@action("gate.restrict", on="system")
def agenda_close(*, actor: Actor, system: System, item: AgendaItem, outcome: str) -> AgendaItem:
    """Take an item off the agenda with what the review decided. Raises Invalid without it, Conflict when it is off."""
    outcome = outcome.strip()
    if not outcome:
        raise Invalid("Say what was decided.", fields={"outcome": "In a sentence; it is kept."})
    lock_log(actor.organisation_id)
    current: AgendaItem = AgendaItem.objects.select_for_update().get_of(actor, pk=item.pk, system=system)
    if current.closed_at is not None:
        raise Conflict("It is off the agenda already.")
    current.closed_at, current.closed_by_id, current.outcome = now(), actor.person_id, outcome[:1000]
    current.save(update_fields=("closed_at", "closed_by", "outcome"))
    record(actor, "agenda.closed", current, system_id=system.pk, after={"outcome": current.outcome})
    return current


def agenda_settle(actor: Actor, candidate: Manifest, outcome: str) -> None:
    """The change did not come to pass: it was taken back, refused, or changed again. What it put on the agenda goes
    off, and nobody need look again because of it."""
    title = " ".join(one["sentence"] for one in candidate.changes if one["then"] != "nothing")[:1000]
    for item in AgendaItem.objects.filter(system=candidate.system_id, title=title, closed_at=None):
        item.closed_at, item.outcome = now(), outcome
        item.save(update_fields=("closed_at", "outcome"))
        record(actor, "agenda.closed", item, system_id=item.system_id, after={"outcome": outcome})
        records_settle(actor=actor, system=candidate.system, because=title)


@action("organisation.view")
def called_compare(*, actor: Actor, called: Mapping[UUID, Sequence[tuple[str, str]]]) -> int:
    """Hold the models that calls went to against the approved manifests: `called` is, by system, the model that was
    asked for at an upstream and the one that said it answered. Returns how many systems use what nobody approved.

    A system without an approved manifest, or whose manifest names no model, is left alone. What is found stops no
    call: the gateway's own rules do that. The item goes when the manifest names the model, or by a person.
    """
    approved = Manifest.objects.of(actor).filter(state="approved", system__in=list(called))
    rulebook, found = None, 0
    for manifest in approved.select_related("system__organisation"):
        strange = not_approved(manifest.body.get("model", []), called[manifest.system_id])
        if not strange:
            continue
        rulebook = rulebook or active_body(actor.organisation_id)
        then = rulebook.consequence("model", "added")
        if then == "nothing":
            continue
        said = [f"Calls go to the model {name}, which its approved manifest does not name." for name in strange]
        found += (
            agenda_add(actor=actor, system=manifest.system, source="traffic", sentences=said, then=then) is not None
        )
    return found
