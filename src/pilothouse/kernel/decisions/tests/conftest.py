"""A kind of decision of the tests' own: about a system, bound to its purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pilothouse.contracts.canonical import content_hash
from pilothouse.kernel.decisions.actions import decision_request
from pilothouse.kernel.decisions.kinds import DecisionKind, kinds
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System

CARRIED_OUT: list[tuple[str, str]] = []


def _hash(decision: Decision) -> str | None:
    system = System.objects.filter(pk=decision.subject_id).first()
    return content_hash({"purpose": system.purpose}) if system else None


KIND = DecisionKind(
    id="test.purpose",
    title="A purpose",
    current_hash=_hash,
    apply=lambda decision, actor: CARRIED_OUT.append((decision.title, decision.outcome)),
    allow_lone=True,
    standing=True,
)


@pytest.fixture(autouse=True)
def _kind() -> None:
    CARRIED_OUT.clear()
    if KIND.id not in kinds:
        kinds.register(KIND)


@pytest.fixture
def system(cast: Any) -> System:
    alice = cast.actor("alice")
    return system_create(actor=alice, name="CV summary", purpose="Read faster", owner_id=alice.person_id)


@pytest.fixture
def ask(cast: Any, system: System) -> Callable[..., Decision]:
    def run(who: str = "alice", groups: Any = (("caio",),), **more: Any) -> Decision:
        return decision_request(
            actor=cast.actor(who),
            kind=KIND.id,
            title="Approve the purpose",
            subject=system,
            system=system,
            groups=groups,
            **more,
        )

    return run
