"""Where the rooms to the right of checks plug in. A room calls these from its AppConfig.ready.

With nothing plugged in there are no waivers, and no loosening of a rulebook is ever approved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.checks.models import Rulebook
from pilothouse.kernel.checks.rules.findings import WaiverFact

Waivers = Mapping[UUID, Mapping[str, WaiverFact]]
WaiverLoader = Callable[[UUID, Sequence[UUID] | None], Waivers]
"""`loader(organisation_id, system_ids or None) -> {system id: {check id: waiver}}`, in a constant number of queries."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What checks must know of a decision before a loosening becomes active."""

    approved: bool
    content_hash: str
    decided_by: frozenset[UUID]


ApprovalFinder = Callable[[UUID, UUID], Approval | None]
"""`find(organisation_id, decision_id)`; None when there is no such decision."""

LooseningListener = Callable[[Actor, Rulebook], None]
"""`listener(actor, rulebook)` hears of each proposed loosening, inside its transaction, and opens the decision."""

_waivers: list[WaiverLoader] = []
_approvals: list[ApprovalFinder] = []
_loosenings: list[LooseningListener] = []


def register_waivers(loader: WaiverLoader) -> None:
    """The gates' room says how the waivers in force are found."""
    _waivers[:] = [loader]


def register_approvals(find: ApprovalFinder) -> None:
    """The decisions' room says how an approved decision is found."""
    _approvals[:] = [find]


def on_loosening(listener: LooseningListener) -> None:
    """The decisions' room opens a decision when somebody proposes to loosen a rulebook."""
    _loosenings[:] = [listener]


def tell_loosening(actor: Actor, rulebook: Rulebook) -> None:
    """A loosening was proposed and waits."""
    for listener in _loosenings:
        listener(actor, rulebook)


def waivers_of(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Waivers:
    """The waivers in force of these systems (None: of all)."""
    return _waivers[0](organisation_id, system_ids) if _waivers else {}


def approval_of(organisation_id: UUID, decision_id: UUID) -> Approval | None:
    """What is known of a decision; None when there is none, or nobody who could tell."""
    return _approvals[0](organisation_id, decision_id) if _approvals else None
