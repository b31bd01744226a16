"""Deputies: someone acts for someone else between two dates, and every act says so."""

from __future__ import annotations

from datetime import datetime

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Deputy, Person
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.directory.actions.people import holds_power
from pilothouse.kernel.directory.rules import LONGEST_DEPUTY, clean_period
from pilothouse.kernel.ledger.log import lock_log, record


@action("organisation.view")
def deputy_appoint(
    *, actor: Actor, person: Person, deputy: Person, starts_at: datetime, ends_at: datetime, reason: str = ""
) -> Deputy:
    """`deputy` acts for `person` from `starts_at` until `ends_at`, at most a year.

    Everyone appoints their own deputy. Who manages people does it for others, but not for someone with a powerful
    role: that would hand the role on by one person's word.
    """
    lock_log(actor.organisation_id)
    person, deputy = Person.objects.get_of(actor, pk=person.pk), Person.objects.get_of(actor, pk=deputy.pk)
    _may(actor, person)
    clean_period(starts_at, ends_at, LONGEST_DEPUTY)
    if ends_at <= now():
        raise Invalid("That is over already.", fields={"ends_at": "Choose a day in the future."})
    if person.pk == deputy.pk:
        raise Invalid("Nobody deputises for themselves.", fields={"deputy": "Choose someone else."})
    for one in (person, deputy):
        if one.left_at is not None:
            raise Invalid(f"{one.name} left the organisation.", fields={"deputy": "Choose someone who is here."})
    if (
        Deputy.objects.of(actor)
        .filter(person=person, deputy=deputy, starts_at__lt=ends_at, ends_at__gt=starts_at)
        .exists()
    ):
        raise Conflict(f"{deputy.name} stands in for {person.name} in that time already.")
    row: Deputy = Deputy.objects.create(
        organisation_id=actor.organisation_id,
        person=person,
        deputy=deputy,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason.strip()[:300],
    )
    after = {"person": person.name, "deputy": deputy.name, "starts_at": starts_at, "ends_at": ends_at}
    record(actor, "deputy.appointed", row, after=after, note=row.reason)
    return row


@action("organisation.view")
def deputy_end(*, actor: Actor, appointment: Deputy) -> Deputy:
    """End an appointment now: the person, the deputy, or who manages people. Ending twice changes nothing."""
    lock_log(actor.organisation_id)
    row: Deputy = Deputy.objects.select_related("person__unit", "deputy").get_of(actor, pk=appointment.pk)
    if actor.person_id not in (row.person_id, row.deputy_id):
        actor.require("people.manage", row.person)
    moment = now()
    if row.ends_at > moment:
        before = {"ends_at": row.ends_at}
        row.ends_at = moment
        # One that was to begin later never begins.
        row.starts_at = min(row.starts_at, moment)
        row.save(update_fields=("starts_at", "ends_at"))
        record(actor, "deputy.ended", row, before=before, after={"ends_at": moment})
    return row


def _may(actor: Actor, person: Person) -> None:
    if actor.is_system or actor.person_id == person.pk:
        return
    actor.require("people.manage", person)
    if holds_power(person):
        raise Forbidden(
            f"{person.name} holds a powerful role, so only they can appoint their deputy.", code="needs_second_person"
        )
