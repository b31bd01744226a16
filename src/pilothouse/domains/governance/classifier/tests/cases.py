"""Random facts for property tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from pilothouse.domains.governance.classifier import library
from pilothouse.domains.governance.classifier.rules.questions import Question

QUESTIONS = library.questions()
AXES = {axis.id: axis for rules in library.shipped() for axis in rules.document.axes}


def known_answers(question: Question) -> st.SearchStrategy[Any]:
    """Every answer but “unknown”."""
    if question.type == "date":
        return st.dates(min_value=date(2015, 1, 1), max_value=date(2035, 1, 1)).map(str)
    if question.type == "choices":
        ids = sorted(question.choice_ids)
        return st.one_of(st.just("none"), st.lists(st.sampled_from(ids), min_size=1, max_size=3, unique=True))
    return st.sampled_from(sorted(question.choice_ids))


def answers(question: Question) -> st.SearchStrategy[Any]:
    return st.one_of(known_answers(question), st.just("unknown"))


# The system is in scope more often than chance would have it, so that what lies behind is reached.
_LIKELY = {"ai_system": "yes", "eu_links": ["market"], "eu_exclusions": "none"}


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    """Facts about a system, some of them unknown or left out."""
    some = draw(st.lists(st.sampled_from(QUESTIONS.all), max_size=40, unique_by=lambda one: one.id))
    found = {question.id: draw(answers(question)) for question in some}
    return {**_LIKELY, **found} if draw(st.booleans()) else found


def strictness(found: Any, axis: str) -> int:
    """Higher is stricter."""
    here = found.axis(axis)
    if here.kind == "set":
        return len(here.classes)
    return len(AXES[axis].classes) - AXES[axis].rank[here.classes[0]] if here.classes else 0
