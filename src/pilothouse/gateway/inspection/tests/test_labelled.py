"""How much of the structured personal data of six languages is found, and how much else is taken for it."""

from __future__ import annotations

from collections import Counter

import pytest

from pilothouse.gateway.inspection import personal, secrets
from pilothouse.gateway.inspection.inspector import _PERSONAL, _SECRETS, _anchors
from pilothouse.gateway.inspection.kinds import without_overlaps
from pilothouse.gateway.inspection.tests.labelled import TEMPLATES, VALUES, Labelled, labelled_set

LEAST_F1 = 0.94


def found_in(text: str) -> set[tuple[str, int, int]]:
    """What is found, as characters, by the way that the inspector goes."""
    data = text.encode()
    anchors = {anchor - _SECRETS for anchor in _anchors().found(data) if _SECRETS <= anchor < _PERSONAL}
    spans = without_overlaps([*secrets.secrets_in(data), *personal.personal_in(data, anchors)])
    return {(s.kind, len(data[: s.start].decode()), len(data[: s.end].decode())) for s in spans}


def scores(rows: list[Labelled]) -> dict[str, float]:
    """Span F1 by kind and by locale; a span is right when kind and at least half of the union agree."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for row in rows:
        open_spans = set(row.spans)
        for kind, start, end in found_in(row.text):
            hit = next(
                (
                    span
                    for span in open_spans
                    if span[0] == kind
                    and min(end, span[2]) - max(start, span[1]) >= 0.5 * (max(end, span[2]) - min(start, span[1]))
                ),
                None,
            )
            open_spans.discard(hit or ("", 0, 0))
            (right if hit else wrong).update([kind, row.locale, "all"])
        for kind, _, _ in open_spans:
            missed.update([kind, row.locale, "all"])
    return {key: 2 * right[key] / (2 * right[key] + wrong[key] + missed[key]) for key in {*right, *wrong, *missed}}


@pytest.mark.parametrize("seed", [7, 2026])
def test_structured_personal_data_is_found_in_six_languages(seed: int) -> None:
    measured = scores(labelled_set(seed))
    assert set(VALUES) | set(TEMPLATES) | {"all"} <= set(measured)
    low = {key: round(value, 3) for key, value in measured.items() if value < LEAST_F1}
    assert not low, f"F1 below {LEAST_F1}: {low}"


def test_what_only_looks_like_personal_data_is_left_alone() -> None:
    for row in labelled_set(rounds=0):
        assert not found_in(row.text), row.text
