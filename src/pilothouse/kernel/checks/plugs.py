"""Where the rooms to the right of checks plug in. A room calls these from its AppConfig.ready.

With nothing plugged in there are no waivers, and no loosening of a rulebook is ever approved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

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


@dataclass(frozen=True, slots=True)
class DueDates:
    """How the deadlines of inherited systems' gaps are read: for some systems, and as a condition over finding rows."""

    of: Callable[[UUID, Sequence[UUID]], Mapping[tuple[UUID, str], datetime]]
    overdue: Callable[[datetime], Q]


_due_dates: list[DueDates] = []
_waivers: list[WaiverLoader] = []
_approvals: list[ApprovalFinder] = []
_loosenings: list[LooseningListener] = []


def register_waivers(loader: WaiverLoader) -> None:
    """The gates' room says how the waivers in force are found."""
    _waivers[:] = [loader]


def register_due_dates(due_dates: DueDates) -> None:
    """The gates' room, which dates the gaps and extends them, says when each is due."""
    _due_dates[:] = [due_dates]


def due_dates_of(organisation_id: UUID, system_ids: Sequence[UUID]) -> Mapping[tuple[UUID, str], datetime]:
    """(system, check) → when that gap is due, in one query."""
    return _due_dates[0].of(organisation_id, system_ids) if _due_dates and system_ids else {}


def overdue(now: datetime) -> Q:
    """The finding rows whose gap is past its date."""
    return _due_dates[0].overdue(now) if _due_dates else Q(pk=None)


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
