"""The worked examples come out as they say, and cover the law."""

from __future__ import annotations

import pytest

from pilothouse.domains.governance.classifier import library, public
from pilothouse.domains.governance.classifier.examples import examples

EXAMPLES = examples()


@pytest.mark.parametrize("example", EXAMPLES, ids=[one.id for one in EXAMPLES])
def test_it_comes_out_as_it_says(example):
    found = public.classify(example.facts, what_if=False)
    for name, expected in example.expect.items():
        axis = found.axis(name)
        if isinstance(expected, list):
            assert (list(axis.classes), axis.provisional) == (expected, False), name
        else:
            told = "".join(axis.classes) + ("?" if axis.provisional else "")
            assert told == expected, f"{name}: open {axis.open}"
    holding = {one.id for one in found.conclusions if one.state == "holds"}
    assert set(example.conclusions) <= holding
    assert len(example.because) > 20


def test_there_are_enough_and_each_has_its_own_name():
    assert len(EXAMPLES) >= 60
    assert len({one.id for one in EXAMPLES}) == len(EXAMPLES)


def test_they_cover_every_conclusion_of_the_law():
    """Each conclusion of the rule sets holds in at least one example."""
    holding = set()
    for example in EXAMPLES:
        found = public.classify(example.facts, what_if=False)
        holding |= {one.id for one in found.conclusions if one.state == "holds"}
    known = {one.id for rules in library.shipped() for one in rules.document.conclusions}
    assert known - holding == set()
