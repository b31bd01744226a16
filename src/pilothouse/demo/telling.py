"""Telling a year through the product's own actions: whoever acts, acts at a moment of the past."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.access.models import Organisation, Person, Role, Unit
from pilothouse.kernel.access.selectors import actor_of_person
from pilothouse.kernel.directory.actions import membership_grant, person_add, person_invite, unit_add
from pilothouse.kernel.inventory.models import System

LOOKS = (336, 280, 196, 112, 56, 28, 7, 0)
"""Days before today on which the house's own jobs are told to have run. They run every few minutes in real life."""


@dataclass
class Teller:
    """One organisation in the telling: its people by name, its systems by name, its own source of chance."""

    organisation: Organisation
    today: datetime
    told: datetime
    rng: random.Random
    people: dict[str, Person] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    plan: list[tuple[float, int, Callable[[], object]]] = field(default_factory=list)

    def on(self, days_ago: float, act: Callable[[], object]) -> None:
        """Plan something for `days_ago` days before today. Chance is drawn when planning, never while telling."""
        self.plan.append((-days_ago, len(self.plan), act))

    def run(self, every_day: Callable[[datetime], object]) -> None:
        """Tell what is planned, oldest first, with the house's own jobs at LOOKS in between, and last today.

        What an act plans itself (a signature some days after a request) is told in its turn.
        """
        looks = list(LOOKS)
        while self.plan or looks:
            self.plan.sort(key=lambda planned: planned[:2])
            if self.plan and (not looks or -self.plan[0][0] > looks[0]):
                when, _, act = self.plan.pop(0)
                with self.at(-when, 8 + self.rng.randrange(9)):
                    act()
            else:
                with self.at(looks.pop(0), 20) as moment:
                    every_day(moment)

    @contextmanager
    def at(self, days_ago: float, hour: int = 10) -> Iterator[datetime]:
        """Within this block it is `days_ago` days before today, at some minute past `hour` UTC."""
        day = (self.today - timedelta(days=days_ago)).replace(hour=hour, minute=self.rng.randrange(60), second=0)
        moment = self.told = max(self.told, min(day, self.today))
        with clock.telling(moment):
            yield moment

    def operator(self) -> Actor:
        return system_actor(self.organisation.pk, "Demo")

    def actor(self, name: str) -> Actor:
        """The person called `name`, acting on a page at the moment that is being told."""
        return actor_of_person(self.people[name], via="page", request_id="demo")

    def system(self, name: str) -> System:
        """The system called `name`, as it is at the moment that is being told."""
        return System.objects.select_related("unit", "owner", "deputy").get(organisation=self.organisation, name=name)

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


PASSWORD = "pilothouse demo"  # noqa: S105  # of demo organisations only, and printed for whoever runs the demo


def let_sign_in(teller: Teller, names: list[str]) -> None:
    """Give these people the demo's password. Only demo organisations have one that is written down."""
    for name in names:
        user = person_invite(actor=teller.operator(), person=teller.people[name])
        user.set_password(PASSWORD)
        user.save(update_fields=("password",))
