"""People: who the organisation knows, and what ends when someone leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Deputy, Person, Token, Unit, User
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.directory.reach import require_in
from pilothouse.kernel.directory.rules import clean_email, clean_name, is_powerful
from pilothouse.kernel.inventory.actions import owners_release
from pilothouse.kernel.ledger.log import Event, lock_log, record, record_many
from pilothouse.kernel.notify.notices import holders, notify

FIELDS = ("name", "email", "title", "unit", "external_id")


@action("people.manage")
def person_add(
    *, actor: Actor, name: str, email: str = "", title: str = "", unit: Unit | None = None, external_id: str = ""
) -> Person:
    """Add a person. They hold no role yet and cannot sign in until invited. Raises Invalid and Conflict."""
    require_in(actor, "people.manage", unit)
    facts = _clean({"name": name, "email": email, "title": title, "unit": unit, "external_id": external_id})
    lock_log(actor.organisation_id)
    _unique(actor, facts, None)
    person: Person = Person.objects.create(organisation_id=actor.organisation_id, **facts)
    record(actor, "person.added", person, after=_told(facts))
    return person


@action("people.manage", on="person")
def person_change(*, actor: Actor, person: Person, changes: Mapping[str, Any]) -> Person:
    """Change a person's name, e-mail, title, unit or external id.

    The e-mail of someone with a powerful role may lead to their sign-in, so nobody else changes it alone.
    """
    facts = _clean(changes)
    lock_log(actor.organisation_id)
    current: Person = Person.objects.select_related("unit").get_of(actor, pk=person.pk)
    after = {key: value for key, value in facts.items() if getattr(current, key) != value}
    if not after:
        return current
    if "unit" in after:
        require_in(actor, "people.manage", after["unit"])
    if "email" in after and actor.person_id != current.pk and not actor.is_system and holds_power(current):
        raise Forbidden(
            f"{current.name} holds a powerful role, so only they can change their e-mail address.",
            code="needs_second_person",
        )
    _unique(actor, after, current)
    before = {key: getattr(current, key) for key in after}
    for key, value in after.items():
        setattr(current, key, value)
    current.save(update_fields=list(after))
    record(actor, "person.changed", current, before=_told(before), after=_told(after))
    return current


@action("people.manage", on="person")
def person_invite(*, actor: Actor, person: Person) -> User:
    """Let a person sign in: gives them the user with their e-mail address, made without a password when there is none.

    They set a password by the link that “Forgot your password?” sends, or come in by single sign-on: either proves
    that the address is theirs.
    """
    lock_log(actor.organisation_id)
    current: Person = Person.objects.select_related("user").get_of(actor, pk=person.pk)
    if current.left_at is not None:
        raise Conflict(f"{current.name} left the organisation.")
    if current.user is not None:
        return current.user
    if not current.email:
        raise Invalid("An e-mail address is needed to sign in.", fields={"email": "Write their e-mail address."})
    user = User.objects.filter(email=current.email).first()
    if user is None:
        user = User.objects.create_user(current.email, None, name=current.name)
    current.user = user
    current.save(update_fields=("user",))
    record(actor, "person.invited", current, after={"email": current.email})
    return user


@action("people.manage")
def password_set(*, actor: Actor, user: User, password: str) -> None:
    """Set someone's password. The installation's operator alone: whoever knows a password can act as its user."""
    if not actor.is_system:
        raise Forbidden("People set their own password, by the link that “Forgot your password?” sends.")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid("That password will not do.", fields={"password": " ".join(error.messages)}) from None
    user.set_password(password)
    user.save(update_fields=("password",))
    person = Person.objects.of(actor).get(user=user)
    record(actor, "person.password_set", person)


@action("people.manage", on="person")
def person_leave(*, actor: Actor, person: Person, reason: str = "") -> int:
    """A person leaves: roles end, tokens are revoked, deputies end, their systems become ownerless and say so.

    Returns how many systems lost their owner or deputy. Leaving twice changes nothing.
    """
    lock_log(actor.organisation_id)
    current: Person = Person.objects.get_of(actor, pk=person.pk)
    if current.left_at is not None:
        return 0
    if current.pk == actor.person_id:
        raise Forbidden("Nobody can take themselves out. Ask a colleague who manages people.")
    if holds_power(current):
        # One person may say that someone has left; everyone who could have objected is told.
        others = [pk for pk in holders(actor.organisation_id, "role.change") if pk not in (current.pk, actor.person_id)]
        notify(others, f"{current.name}, who held a powerful role, was marked as left by {actor.name}.")
    moment = now()
    current.left_at = moment
    current.save(update_fields=("left_at",))
    memberships = list(current.memberships.select_related("role", "unit"))
    tokens = list(Token.objects.filter(person=current, revoked_at=None))
    events = [Event("person.left", current, before={"left_at": None}, after={"left_at": moment}, note=reason.strip())]
    for membership in memberships:
        before = {"person": current.name, "role": membership.role.title, "unit": getattr(membership.unit, "name", None)}
        events.append(Event("membership.ended", membership, before=before, note="Left the organisation."))
    events += [Event("token.revoked", token, before={"name": token.name}, note="Its person left.") for token in tokens]
    record_many(actor, events)
    current.memberships.all().delete()
    Token.objects.filter(pk__in=[token.pk for token in tokens]).update(revoked_at=moment)
    for side in ("person", "deputy"):
        Deputy.objects.filter(**{side: current}, ends_at__gt=moment).update(ends_at=moment)
    # What follows for the systems follows by the house's rules, whatever else this actor may do.
    return owners_release(replace(actor, is_system=True), current)


@action("people.manage", on="person")
def person_return(*, actor: Actor, person: Person) -> Person:
    """Someone who left is back. Roles and systems are given anew; nothing returns by itself."""
    lock_log(actor.organisation_id)
    current: Person = Person.objects.get_of(actor, pk=person.pk)
    if current.left_at is not None:
        before = {"left_at": current.left_at}
        current.left_at = None
        current.save(update_fields=("left_at",))
        record(actor, "person.returned", current, before=before, after={"left_at": None})
    return current


def holds_power(person: Person) -> bool:
    """Does the person hold a role that takes two to be given?"""
    return any(is_powerful(m.role.permissions) for m in person.memberships.select_related("role"))


def _clean(facts: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(facts) - set(FIELDS))
    if unknown:
        raise Invalid(f"A person has no field “{unknown[0]}”.", fields=dict.fromkeys(unknown, "No such field."))
    cleaned: dict[str, Any] = {}
    for key, value in facts.items():
        if key == "name":
            cleaned[key] = clean_name(value)
        elif key == "email":
            cleaned[key] = clean_email(value)
        elif key == "unit":
            cleaned[key] = value
        else:
            cleaned[key] = " ".join(value.split())[:200]
    return cleaned


def _unique(actor: Actor, facts: Mapping[str, Any], current: Person | None) -> None:
    for key, words in (("email", "e-mail address"), ("external_id", "external id")):
        if facts.get(key):
            others = Person.objects.of(actor).filter(**{key: facts[key]})
            if current is not None:
                others = others.exclude(pk=current.pk)
            if others.exists():
                raise Conflict(f"Someone else here has that {words}.", data={"field": key})


def _told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as the ledger keeps them: a unit by its name."""
    return {key: value.name if isinstance(value, Unit) else value for key, value in facts.items()}
