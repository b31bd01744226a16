"""Where the rooms to the right of checks plug in, and what checks hears of the actions of the rooms to its left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pilothouse.kernel.checks.rules.findings import WaiverFact

WaiverLoader = Callable[[UUID, Sequence[UUID] | None], Mapping[UUID, Mapping[str, WaiverFact]]]
"""`loader(organisation_id, system_ids or None) -> {system id: {check id: waiver}}`, in a constant number of queries."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What checks must know of a decision before a loosening becomes active."""

    approved: bool
    content_hash: str
    decided_by: frozenset[UUID]


ApprovalFinder = Callable[[UUID, UUID], Approval | None]
"""`find(organisation_id, decision_id)`; None when there is no such decision."""


class Plugs:
    """What other rooms plugged in. With nothing plugged in there are no waivers and no loosening is ever approved."""

    waivers: WaiverLoader = staticmethod(lambda organisation_id, system_ids: {})
    approval: ApprovalFinder = staticmethod(lambda organisation_id, decision_id: None)


def register_waivers(loader: WaiverLoader) -> None:
    """The gates' room says how waivers in force are found. Call it from AppConfig.ready."""
    Plugs.waivers = staticmethod(loader)


def register_approvals(find: ApprovalFinder) -> None:
    """The decisions' room says how an approved decision is found. Call it from AppConfig.ready."""
    Plugs.approval = staticmethod(find)


def connect() -> None:
    """Called once when Django has loaded the models."""
