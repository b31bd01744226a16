"""Systems as gates meet them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.papers import seal_papers

from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.checks.actions import rulebook_adopt
from pilothouse.kernel.checks.engine import refresh
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import decision_sign
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.inventory.actions import system_change, system_create
from pilothouse.kernel.inventory.models import Practice, System
from pilothouse.kernel.inventory.practices import PRACTICES

LOW = dict.fromkeys(
    ("people", "personal_data", "acts_alone", "outside_people", "undo", "affects_people", "safety"), "no"
)


@pytest.fixture
def rulebook(cast: Any) -> Any:
    return rulebook_adopt(actor=cast.actor("caio"), base="enterprise")


@pytest.fixture
def system(cast: Any, rulebook: Any) -> System:
    """Alice's new idea, with an owner and a purpose and nothing else."""
    alice = cast.actor("alice")
    return system_create(actor=alice, name="CV summary", purpose="Read faster", owner_id=alice.person_id)


def complete(cast: Any, system: System, **facts: Any) -> System:
    """Say and do whatever the inventory's checks ask, at grade attested, and seal the documents that gates ask for."""
    caio = cast.actor("caio")
    unit, _ = Unit.objects.get_or_create(organisation=cast.organisation, parent=None, name="Recruiting")
    changes = {
        "unit_id": unit.pk,
        "outcome": "Hours saved",
        "outcome_metric": "Hours a month",
        "outputs": "A summary",
        "vendor": "Acme",
        "sourcing": "buy",
        "personal_data": "none",
        "impact": "neither",
        "affects": "Recruiters",
        "deputy_id": cast.people["bob"].pk,
        "intake": LOW | {"prohibited": "no"},
    }
    Practice.objects.bulk_create(
        Practice(organisation=cast.organisation, system=system, key=key, status="met", words="Yes", source="Alice")
        for key in PRACTICES
    )
    seal_papers(caio, system)
    system_change(actor=caio, system=system, changes=changes | facts)
    return System.objects.get(pk=system.pk)


def found_running(cast: Any, name: str = "Old scorer", stage: str = "production", **facts: Any) -> System:
    """A system that an import found running."""
    alice = cast.actor("alice")
    system = system_create(actor=alice, name=name, owner_id=alice.person_id, **facts)
    System.objects.filter(pk=system.pk).update(stage=stage, inherited_at=now(), stage_since=now())
    refresh(alice, [system.pk])
    return System.objects.get(pk=system.pk)


@pytest.fixture
def sign(cast: Any) -> Callable[..., Decision]:
    def run(who: str, decision: Decision | Any, verdict: str = "approve", reason: str = "Sound") -> Decision:
        decision = Decision.objects.get(pk=decision.pk)
        return decision_sign(
            actor=cast.actor(who),
            decision=decision,
            verdict=verdict,
            reason=reason,
            content_hash=decision.content_hash,
        )

    return run
