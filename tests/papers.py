"""The sealed documents that every shipped rulebook asks for, for tests that are about something else."""

from __future__ import annotations

from pilothouse.domains.security.tests.test_threat_model import model
from pilothouse.domains.strategy.tests.test_value_hypothesis import hypothesis
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import record_draft, record_seal


def seal_papers(actor: Actor, system: System) -> None:
    """Seal a value hypothesis and a threat model about `system`."""
    for kind, body in (("strategy.value_hypothesis", hypothesis()), ("security.threat_model", model())):
        draft = record_draft(actor=actor, system=system, kind=kind, body=body)
        record_seal(actor=actor, record=draft)
