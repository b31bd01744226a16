"""What a system is made of, as its owner recorded it; and the agents of all systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pilothouse.domains.architecture import facts
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import records


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A system's sealed design (None: there is none) with its agents, corpora and decisions."""

    design: Record | None
    agents: Sequence[Record]
    corpora: Sequence[Record]
    decisions: Sequence[Record]


def blueprint(actor: Actor, system: System) -> Blueprint:
    """What is recorded of how this system is built, in one query."""
    kinds = (facts.DESIGN, facts.AGENT, facts.CORPUS, facts.DECISION)
    held: dict[str, list[Record]] = {kind: [] for kind in kinds}
    for row in records(actor, system=system, state="sealed").filter(kind__in=kinds):
        held[row.kind].append(row)
    design = held[facts.DESIGN][0] if held[facts.DESIGN] else None
    return Blueprint(design, held[facts.AGENT], held[facts.CORPUS], held[facts.DECISION])


def agents_registered(actor: Actor, limit: int) -> tuple[list[Record], int]:
    """The first registered agents of the systems that the actor sees, and how many there are."""
    found = records(actor, kind=facts.AGENT, state="sealed")
    return list(found[:limit]), found.count()
