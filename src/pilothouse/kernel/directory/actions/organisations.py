"""Making an organisation, and changing what it is called and how it counts."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import available_timezones

from django.db import transaction

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.access.models import Organisation, Role, Unit
from pilothouse.kernel.access.roles import ROLES
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.directory.rules import clean_name, clean_slug
from pilothouse.kernel.ledger.log import record

# ISO 4217's current codes are three capitals; which of them an organisation counts in is its own business.
CHANGEABLE = ("name", "time_zone", "currency")


def organisation_create(
    *,
    slug: str,
    name: str,
    by: str = "Installation",
    time_zone: str = "UTC",
    currency: str = "EUR",
    is_demo: bool = False,
) -> Organisation:
    """Make an organisation with the default roles and its first unit, of the same name. Nobody is in it yet.

    There is no actor yet to ask for a permission: only the installation's operator reaches this (the command line).
    Raises Invalid, and Conflict when the short name is taken.
    """
    slug, name = clean_slug(slug), clean_name(name)
    _check(time_zone=time_zone, currency=currency)
    with transaction.atomic():
        if Organisation.objects.filter(slug=slug).exists():
            raise Conflict(f"There is an organisation “{slug}” already.", data={"slug": slug})
        organisation = Organisation.objects.create(
            slug=slug, name=name, time_zone=time_zone, currency=currency, is_demo=is_demo, created_at=now()
        )
        Role.objects.bulk_create(
            Role(organisation=organisation, key=key, title=title, permissions=permissions)
            for key, (title, permissions) in ROLES.items()
        )
        Unit.objects.create(organisation=organisation, name=name)
        record(
            system_actor(organisation.pk, by),
            "organisation.created",
            organisation,
            after={"slug": slug, "name": name, "time_zone": time_zone, "currency": currency, "is_demo": is_demo},
        )
    return organisation


@action("organisation.change")
def organisation_change(*, actor: Actor, changes: Mapping[str, str]) -> Organisation:
    """Change the organisation's name, time zone or currency."""
    unknown = sorted(set(changes) - set(CHANGEABLE))
    if unknown:
        raise Invalid(f"“{unknown[0]}” cannot be changed here.", fields={unknown[0]: "It cannot be changed."})
    _check(**{key: value for key, value in changes.items() if key != "name"})
    organisation = Organisation.objects.select_for_update().get(pk=actor.organisation_id)
    wanted = {key: clean_name(value) if key == "name" else value for key, value in changes.items()}
    before = {key: getattr(organisation, key) for key, value in wanted.items() if getattr(organisation, key) != value}
    if before:
        for key in before:
            setattr(organisation, key, wanted[key])
        organisation.save(update_fields=list(before))
        after = {key: wanted[key] for key in before}
        record(actor, "organisation.changed", organisation, before=before, after=after)
    return organisation


def _check(*, time_zone: str = "UTC", currency: str = "EUR") -> None:
    wrong = {}
    if time_zone not in available_timezones():
        wrong["time_zone"] = "Choose one such as Europe/Amsterdam."
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        wrong["currency"] = "Three capital letters, such as EUR."
    if wrong:
        raise Invalid("Some of the input is not valid.", fields=wrong)
