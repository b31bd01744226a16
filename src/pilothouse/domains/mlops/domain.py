"""Monitoring and incidents, as the house sees them."""

from __future__ import annotations

from pilothouse.domains.mlops.answer import answer
from pilothouse.domains.mlops.checks import CHECKS, INCIDENT, MONITOR, RUNBOOK
from pilothouse.domains.mlops.schemas import Incident, Monitor, Runbook
from pilothouse.kernel.domain import Domain, RecordKind

DOMAIN = Domain(
    id="mlops",
    title="Monitoring and incidents",
    question="What is the mean time to detect a model issue, and who is alerted?",
    order=6,
    checks=CHECKS,
    answer=answer,
    records=(
        RecordKind(
            id=MONITOR,
            title="Monitor",
            schema=Monitor,
            why="What is watched, from which value on somebody is alerted, and who that is.",
            many=True,
            key="name",
        ),
        RecordKind(
            id=RUNBOOK,
            title="Runbook",
            schema=Runbook,
            why="What is done when it goes wrong: how it is stopped, how work goes on, who is told.",
            many=True,
            key="name",
        ),
        RecordKind(
            id=INCIDENT,
            title="Incident",
            schema=Incident,
            why="What went wrong, from when it began until it was noticed and mended, and why.",
            many=True,
            plural="AI incidents",
        ),
    ),
)
