"""Fixtures that every test may use: the shared cast and the clock."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Membership, Organisation, Person, Role, User
from pilothouse.kernel.access.roles import ROLES
from pilothouse.kernel.access.selectors import actor_of_person

pytest_plugins = ["tests.harness", "tests.faces"]

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Cast:
    """Harbour, an organisation, with an owner (Alice), a colleague (Bob), an auditor, a CAIO and the other roles;
    and Charlie, the outsider, who is the CAIO of another organisation."""

    organisation: Organisation
    elsewhere: Organisation
    people: dict[str, Person]

    def actor(self, who: str, *, via: str = "page") -> Actor:
        return actor_of_person(self.people[who], via=via, request_id="test")


def add_person(organisation: Organisation, name: str, *roles: str) -> Person:
    email = f"{name}@{organisation.slug}.example"
    user = User.objects.create_user(email, PASSWORD, name=name.title())
    person = Person.objects.create(organisation=organisation, user=user, name=name.title(), email=email)
    for key in roles:
        title, permissions = ROLES[key]
        role, _ = Role.objects.get_or_create(
            organisation=organisation, key=key, defaults={"title": title, "permissions": permissions}
        )
        Membership.objects.create(organisation=organisation, person=person, role=role)
    return person


@pytest.fixture
def cast(db: None) -> Cast:
    here = Organisation.objects.create(slug="harbour", name="Harbour")
    elsewhere = Organisation.objects.create(slug="elsewhere", name="Elsewhere")
    people = {
        "alice": add_person(here, "alice", "owner"),
        "bob": add_person(here, "bob", "engineer"),
        "auditor": add_person(here, "auditor", "auditor"),
        "caio": add_person(here, "caio", "caio"),
        "ciso": add_person(here, "ciso", "ciso"),
        "risk": add_person(here, "risk", "risk"),
        "legal": add_person(here, "legal", "legal"),
        "cfo": add_person(here, "cfo", "cfo"),
        "employee": add_person(here, "employee", "employee"),
        "charlie": add_person(elsewhere, "charlie", "caio"),
    }
    return Cast(here, elsewhere, people)


def pytest_configure() -> None:
    """Pages name their static files plainly under test: hashed names need a build step, `collectstatic`."""
    from django.conf import settings

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
