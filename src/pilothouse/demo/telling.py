"""Telling a year through the product's own actions: whoever acts, acts at a moment of the past."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.access.models import Organisation, Person, Role, Unit
from pilothouse.kernel.access.selectors import actor_of_person
from pilothouse.kernel.directory.actions import membership_grant, person_add, person_invite, unit_add
from pilothouse.kernel.inventory.models import System


@dataclass
class Teller:
    """One organisation in the telling: its people by name, its systems by name, its own source of chance."""

    organisation: Organisation
    today: datetime
    rng: random.Random
    people: dict[str, Person] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    systems: dict[str, System] = field(default_factory=dict)

    @contextmanager
    def at(self, days_ago: float, hour: int = 10) -> Iterator[datetime]:
        """Within this block it is `days_ago` days before today, at some minute past `hour` UTC."""
        day = (self.today - timedelta(days=days_ago)).replace(hour=hour, minute=self.rng.randrange(60), second=0)
        moment = min(day, self.today)
        with clock.telling(moment):
            yield moment

    def operator(self) -> Actor:
        return system_actor(self.organisation.pk, "Demo")

    def actor(self, name: str) -> Actor:
        """The person called `name`, acting on a page at the moment that is being told."""
        return actor_of_person(self.people[name], via="page", request_id="demo")

    def system(self, name: str) -> System:
        """The system called `name`, as it is now."""
        system = System.objects.select_related("unit", "owner", "deputy").get(organisation=self.organisation, name=name)
        self.systems[name] = system
        return system

    def settle(self, units: list[str], people: list[tuple[str, str, str, tuple[str, ...], str]]) -> None:
        """Add units under the root, then people (name, title, unit, roles, e-mail) with their roles and a sign-in."""
        operator = self.operator()
        root = Unit.objects.get(organisation=self.organisation, parent=None)
        for name in units:
            self.units[name] = unit_add(actor=operator, name=name, parent=root)
        roles = {role.key: role for role in Role.objects.filter(organisation=self.organisation)}
        for name, title, unit, keys, email in people:
            person = person_add(actor=operator, name=name, email=email, title=title, unit=self.units.get(unit, root))
            for key in keys:
                membership_grant(actor=operator, person=person, role=roles[key])
            self.people[name] = person


def let_sign_in(teller: Teller, names: list[str], password: str) -> None:
    """Give these people the demo's password. Only demo organisations have one that is written down."""
    for name in names:
        user = person_invite(actor=teller.operator(), person=teller.people[name])
        user.set_password(password)
        user.save(update_fields=("password",))
