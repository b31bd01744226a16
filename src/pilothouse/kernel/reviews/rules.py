"""How a review is measured. Pure: no ORM, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from rapidfuzz.distance import Levenshtein

LONGEST_LOOK = timedelta(minutes=30)  # beyond it somebody left the page open
MOST_EDITS = 20_000  # characters; counting further would take longer than it tells

STATES = {"release": "released", "edit": "edited", "refuse": "refused"}


def looked(opened: datetime, decided: datetime) -> int:
    """Seconds that a review took, from its opening to its decision, at most LONGEST_LOOK."""
    return int(min(max(decided - opened, timedelta(0)), LONGEST_LOOK).total_seconds())


def opened_anew(opened: datetime, moment: datetime) -> bool:
    """Does opening it once more begin a new look? A reload within LONGEST_LOOK does not."""
    return moment - opened > LONGEST_LOOK


def edit_distance(before: Sequence[str], after: Sequence[str]) -> int:
    """Characters put in, taken out or replaced (Levenshtein 1966), over all texts, counted up to MOST_EDITS in each."""
    pairs = zip(before, after, strict=True)
    return sum(min(MOST_EDITS, Levenshtein.distance(a, b, score_cutoff=MOST_EDITS)) for a, b in pairs)
