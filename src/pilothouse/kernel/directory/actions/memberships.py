"""Who holds which role. A powerful role is given and taken by a decision of two (see directory.power)."""

from __future__ import annotations

from pilothouse.contracts.errors import Conflict, Forbidden, NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Membership, Person, Role, Unit
from pilothouse.kernel.actions import action
from pilothouse.kernel.directory.reach import require_in
from pilothouse.kernel.directory.rules import is_powerful
from pilothouse.kernel.ledger.log import lock_log, record


@action("people.manage", on="person")
def membership_grant(*, actor: Actor, person: Person, role: Role, unit: Unit | None = None) -> Membership:
    """Give a person a role, everywhere or in one unit. Having it already changes nothing.

    Raises Forbidden (code needs_second_person) for a powerful role: that is asked for with `power_request`. Only the
    installation's operator, who makes the first members of an organisation, gives one directly.
    """
    lock_log(actor.organisation_id)
    person, role, unit = _here(actor, person, role, unit)
    # A role for the whole organisation is given by who manages people in the whole organisation.
    require_in(actor, "people.manage", unit)
    if is_powerful(role.permissions) and not actor.is_system:
        raise Forbidden(
            f"“{role.title}” is a powerful role: ask for it, and someone else confirms.", code="needs_second_person"
        )
    return grant(actor, person, role, unit)


@action("people.manage", on="membership")
def membership_revoke(*, actor: Actor, membership: Membership) -> None:
    """Take a role from a person. A powerful one may be given up, but not taken from someone else by one person."""
    lock_log(actor.organisation_id)
    current: Membership = Membership.objects.select_related("role", "person", "unit").get_of(actor, pk=membership.pk)
    own = actor.person_id == current.person_id
    if is_powerful(current.role.permissions) and not actor.is_system and not own:
        raise Forbidden(
            f"“{current.role.title}” is a powerful role: ask to take it away, and someone else confirms.",
            code="needs_second_person",
        )
    revoke(actor, current)


def grant(actor: Actor, person: Person, role: Role, unit: Unit | None, note: str = "") -> Membership:
    """Write the membership and its entry. Whoever calls this has asked for the permission or holds the decision."""
    if person.left_at is not None:
        raise Conflict(f"{person.name} left the organisation.")
    membership, made = Membership.objects.get_or_create(
        organisation_id=actor.organisation_id, person=person, role=role, unit=unit
    )
    if made:
        after = {"person": person.name, "role": role.title, "unit": unit.name if unit else None}
        record(actor, "membership.granted", membership, after=after, note=note)
    return membership


def revoke(actor: Actor, membership: Membership, note: str = "") -> None:
    """Delete the membership and write its entry; see `grant` for who may call this."""
    before = {
        "person": membership.person.name,
        "role": membership.role.title,
        "unit": membership.unit.name if membership.unit else None,
    }
    record(actor, "membership.revoked", membership, before=before, note=note)
    membership.delete()


def _here(actor: Actor, person: Person, role: Role, unit: Unit | None) -> tuple[Person, Role, Unit | None]:
    """The three as this organisation has them. Raises NotFound for what is another's."""
    for thing in (person, role, unit):
        if thing is not None and thing.organisation_id != actor.organisation_id:
            raise NotFound
    return Person.objects.get_of(actor, pk=person.pk), Role.objects.get_of(actor, pk=role.pk), unit
