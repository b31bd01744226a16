"""A warehouse of its own for each test, and events in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from pilothouse.contracts.policy.events import Event
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.traffic import places
from pilothouse.kernel.warehouse import writer
from pilothouse.kernel.warehouse.tables import rows_of
from pilothouse.kernel.warehouse.tests import events as made


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def alpha(cast: Any) -> Any:
    return system_create(actor=cast.actor("caio"), name="Claims helper", owner_id=cast.people["alice"].pk)


@pytest.fixture
def beta(cast: Any) -> Any:
    return system_create(actor=cast.actor("caio"), name="Translator")


@pytest.fixture
def told(cast: Any, home: Path) -> Callable[..., None]:
    """`told(settlement, system=alpha, minutes=-5, cost=…)`: put an event into the warehouse, minutes from now."""

    def put(make: Callable[..., Event], system: Any = None, minutes: float = -5, **said: Any) -> Event:
        said |= {"organisation": str(cast.organisation.pk), "at": timezone.now() + timedelta(minutes=minutes)}
        event = make(system=str(system.pk) if system else "", **said)
        writer.append(places.warehouse(), event.id.replace("/", "-"), rows_of(event))
        return event

    return put


settlement, refusal, check, feedback, intent = (
    made.settlement, made.refusal, made.check, made.feedback, made.intent)  # fmt: skip
