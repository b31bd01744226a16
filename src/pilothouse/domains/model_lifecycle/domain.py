"""The model lifecycle, as the house sees it."""

from __future__ import annotations

from pilothouse.domains.model_lifecycle.checks import CHECKS, FINE_TUNING, MODEL, SELECTION, VERSION
from pilothouse.domains.model_lifecycle.schemas import FineTuning, Model, Selection, Version
from pilothouse.kernel.domain import Domain, RecordKind, ShareMet

DOMAIN = Domain(
    id="model_lifecycle",
    title="Model lifecycle",
    question="Is there one inventory with owner and version history for every production model?",
    order=5,
    checks=CHECKS,
    answer=ShareMet(checks=("model_lifecycle.version_recorded",), stages=("production",)),
    records=(
        RecordKind(
            id=MODEL,
            title="Model",
            schema=Model,
            why="Which models the organisation uses, where they come from, and what their licences allow.",
            of_system=False,
            many=True,
            key="name",
            judges=True,
        ),
        RecordKind(
            id=VERSION,
            title="Model version",
            schema=Version,
            why="Which model and exact version runs in the system, since when, and who answers for it.",
            many=True,
            key="version",
        ),
        RecordKind(
            id=SELECTION,
            title="Model selection",
            schema=Selection,
            why="Which models were looked at, by which criteria and tests, and why this one was chosen.",
        ),
        RecordKind(
            id=FINE_TUNING,
            title="Fine-tuning case",
            schema=FineTuning,
            why="Why prompting and retrieval do not suffice, shown by figures, before weights are changed.",
        ),
    ),
)
