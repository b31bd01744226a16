import pytest
from django.conf import settings as django_settings
from django.db import transaction

from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.ledger.log import Event, record_many


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    """A data directory of the test's own, so that no key leaves it."""
    settings.HOME = tmp_path / "home"
    settings.WITNESS = ""
    return django_settings.HOME


@pytest.fixture
def write(cast):
    """Write `count` entries about the organisation."""

    def entries(count=1, **fields):
        actor = cast.actor("alice")
        with transaction.atomic():
            return record_many(
                actor,
                [
                    Event("test.written", cast.organisation, before={"name": i}, after={"name": i + 1, **fields})
                    for i in range(count)
                ],
            )

    return entries


@pytest.fixture
def machine(cast):
    return system_actor(cast.organisation.pk)
