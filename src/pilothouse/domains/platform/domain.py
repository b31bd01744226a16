"""Platform, as the house sees it."""

from __future__ import annotations

from pilothouse.domains.platform.answer import answer
from pilothouse.domains.platform.checks import BLOCKER, CHECKS, PIPELINE, READINESS, SOURCE
from pilothouse.domains.platform.schemas import Blocker, DataReadiness, DataSource, Pipeline
from pilothouse.kernel.domain import Domain, RecordKind

DOMAIN = Domain(
    id="platform",
    title="Data and platform",
    question="What share of use cases is blocked by data access or quality rather than by model limits?",
    order=2,
    checks=CHECKS,
    answer=answer,
    records=(
        RecordKind(
            id=SOURCE,
            title="Data source",
            schema=DataSource,
            why="Where data comes from, how it is reached, and by what right it is used.",
            of_system=False,
            many=True,
            key="name",
            judges=True,
        ),
        RecordKind(
            id=READINESS,
            title="Data-readiness assessment",
            schema=DataReadiness,
            why="How ready its data is, from 0 to 4 on five sides, each with what shows it.",
        ),
        RecordKind(
            id=PIPELINE,
            title="Pipeline",
            schema=Pipeline,
            why="How data reaches the system, and whether that works in production as it did in development.",
            many=True,
            key="name",
        ),
        RecordKind(
            id=BLOCKER,
            title="Blocker",
            schema=Blocker,
            why="What keeps it from going on, of which kind, since when, and who clears it.",
            many=True,
            key="title",
        ),
    ),
)
