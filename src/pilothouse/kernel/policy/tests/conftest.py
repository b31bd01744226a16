"""Harbour with a system that runs, an upstream, a model and its price."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pilothouse.contracts.policy.request import CallRequest, key_hash
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.policy.actions.keys import Issued, key_issue
from pilothouse.kernel.policy.actions.routing import alias_save, price_add, upstream_save
from pilothouse.kernel.policy.actions.settings import system_policy_save
from pilothouse.kernel.policy.models import Upstream

UPSTREAM = {
    "base_url": "https://north.example/v1/",
    "secret": "env:PILOTHOUSE_UPSTREAM_HARBOUR__NORTH",
    "region": "eu",
}
TARGETS = [{"upstream": "north", "model": "m-1"}]


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def system(cast: Any) -> System:
    """Alice's system, found running in production."""
    alice = cast.actor("alice")
    made = system_create(actor=alice, name="Planner", owner_id=alice.person_id)
    System.objects.filter(pk=made.pk).update(stage="production", inherited_at=now(), stage_since=now())
    return System.objects.get(pk=made.pk)


@pytest.fixture
def upstream(cast: Any) -> Upstream:
    return upstream_save(actor=cast.actor("caio"), name="north", facts=UPSTREAM)


@pytest.fixture
def offered(cast: Any, upstream: Upstream, system: System) -> System:
    """The system may call the model “chat”, which has a target and a price."""
    caio = cast.actor("caio")
    alias_save(actor=caio, name="chat", facts={"targets": TARGETS})
    amounts = {"input": Decimal("3"), "output": Decimal("15")}
    price_add(actor=caio, upstream=upstream, model="m-1", amounts=amounts)
    system_policy_save(actor=caio, system=system, body={"models": ["chat"]})
    return system


@pytest.fixture
def issued(cast: Any, offered: System) -> Issued:
    return key_issue(actor=cast.actor("alice"), system=offered, name="Nightly")


@pytest.fixture
def call(issued: Issued) -> Callable[..., CallRequest]:
    def make(**changes: Any) -> CallRequest:
        return CallRequest(**{"key": key_hash(issued.text), "endpoint": "chat", "model": "chat", **changes})

    return make
