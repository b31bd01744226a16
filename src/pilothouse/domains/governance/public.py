"""What other domains may use of governance: measuring bias, and what a system's bias policy asks for. Values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pilothouse.domains.governance.assessments.bias import thresholds
from pilothouse.domains.governance.assessments.fairness.counts import UNKNOWN, Case, Counts
from pilothouse.domains.governance.assessments.fairness.judging import State, Thresholds
from pilothouse.domains.governance.assessments.fairness.metrics import METRICS
from pilothouse.domains.governance.assessments.fairness.report import Report, hidden, measure
from pilothouse.domains.governance.assessments.fairness.scored import psi
from pilothouse.domains.governance.assessments.needs import BIAS_POLICY
from pilothouse.kernel.records.selectors import latest_sealed

__all__ = [
    "METRICS",
    "UNKNOWN",
    "BiasAsked",
    "Case",
    "Counts",
    "Report",
    "State",
    "Thresholds",
    "bias_asked",
    "hidden",
    "measure",
    "psi",
]


@dataclass(frozen=True, slots=True)
class BiasAsked:
    """What the sealed bias policy of a system asks a monitor to measure. `attributes` are those held or guessed, each
    with its reference group (empty: the largest); `told` are e-mail addresses; `hash` is what the policy was sealed
    with, so that a run can say which thresholds it was judged by."""

    system_id: UUID
    version: int
    hash: str
    attributes: tuple[tuple[str, str], ...]
    metrics: tuple[str, ...]
    thresholds: Thresholds
    withheld: int
    cadence: str
    told: tuple[str, ...]


def bias_asked(organisation_id: UUID, system_ids: Sequence[UUID] | None = None) -> dict[UUID, BiasAsked]:
    """The bias policies that are sealed, by system, in one query. A page narrows `system_ids` to what one may see."""
    return {
        system_id: BiasAsked(
            system_id,
            paper.version,
            paper.hash,
            tuple(
                (one["name"], one.get("reference") or "")
                for one in paper.body["attributes"]
                if one["held"] in ("held", "proxy")
            ),
            tuple(one["metric"] for one in paper.body["measures"]),
            thresholds(paper.body),
            paper.body["withheld"],
            paper.body["cadence"] or "",
            tuple(paper.body["told"] or ()),
        )
        for system_id, paper in latest_sealed(BIAS_POLICY)(organisation_id, system_ids).items()
    }
