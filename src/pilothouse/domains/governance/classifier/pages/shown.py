"""How a classification is shown: axes with tones, duties by day, conclusions that decide."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

from pilothouse.domains.governance.classifier.rules.sealing import OUTSIDE, deciding_of
from pilothouse.domains.governance.classifier.values import AxisFound, Classification

TONES = {
    "prohibited": "bad",
    "high": "warn",
    "high_impact": "warn",
    "not_permitted": "bad",
    "systemic": "warn",
    "required": "warn",
    "exempt": "info",
    "limited": "info",
    "presumed_not": "info",
    "with_safeguards": "info",
}
CONFIDENCE_TONES = {
    "text": "good",
    "secondary_x2+": "info",
    "secondary_x1": "muted",
    "inference": "warn",
    "background": "warn",
}
FEW = 12
PLAIN = ("eu_scope", "eu_role")
"""Axes of which everybody knows what would change them: the answer itself."""


def shown(found: Classification) -> dict[str, Any]:
    """What the templates of a result need."""
    return {
        "found": found,
        "axes": [(axis, _tone(axis)) for axis in found.axes],
        "deciding": [(one, CONFIDENCE_TONES[one.confidence]) for one in deciding_of(found)],
        "timeline": timeline(found),
        "settling": _few(found, "would_settle"),
        "changing": _few(found, "would_change"),
        "confidences": found.confidences,
    }


def _tone(axis: AxisFound) -> str:
    return TONES.get(axis.classes[0], "muted") if axis.classes else "muted"


def timeline(found: Classification) -> list[tuple[date | None, bool | None, list[Any]]]:
    """Duties by the day on which they begin; last those that begin with an event."""
    rows = groupby(found.duties, key=lambda duty: duty.begins)
    return [(day, (duties := list(group))[0].in_force, duties) for day, group in rows]


def _few(found: Classification, which: str) -> list[tuple[str, Any]]:
    told = [(axis, change) for axis in found.axes if axis.id not in PLAIN for change in getattr(axis, which)]
    return [(axis.title, change) for axis, change in told if not set(change.classes) & set(OUTSIDE)][:FEW]
