"""What checks does when Django is ready: its own checks are registered, and it listens for changes of systems."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.checks.answering import (
    answer_condition,
    describe_answer,
    describe_standing,
    standing_condition,
)
from pilothouse.kernel.checks.engine import checks_tick, refresh
from pilothouse.kernel.checks.evidence import evidence_support
from pilothouse.kernel.checks.inventory_checks import INVENTORY
from pilothouse.kernel.checks.lift import register_support
from pilothouse.kernel.checks.selectors import describe_finding, finding_condition
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.hooks import FILTERS, SystemFilter, add_filter, on_systems_changed
from pilothouse.kernel.work.schedule import scheduled


def judge_changed(actor: Actor, system_ids: Sequence[UUID]) -> None:
    """Hears of every write to systems, inside its transaction."""
    refresh(actor, system_ids)


def connect() -> None:
    """Called once when Django has loaded the models."""
    if INVENTORY.id not in registry.domains:
        registry.register(INVENTORY)
    if "finding" not in FILTERS:
        add_filter(SystemFilter("finding", "Finding", finding_condition, describe_finding))
        add_filter(SystemFilter("answer", "Answer", answer_condition, describe_answer))
        add_filter(SystemFilter("standing", "Standing", standing_condition, describe_standing))
    register_support(evidence_support)
    on_systems_changed(judge_changed)
    scheduled("checks_tick", "23 * * * *", "Judge every system anew, for what time alone changes")(checks_tick)
