"""Reading cases from CSV: what is taken, and what is refused with its line."""

import pytest

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.assessments.fairness.counts import Case
from pilothouse.domains.governance.assessments.fairness.reading import Columns, read

BY_SEX = Columns(("sex",), "invited")


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def test_it_works():
    columns = Columns(("sex", "age"), "invited", truth="fit", score="score", flipped="swapped")
    text = "﻿sex,age,invited,fit,score,swapped\nf,old,yes,1,0.5,no\nm,,no,,,\n\n"
    assert read(lines(text), columns) == [
        Case("f × old", True, True, 0.5, False),
        Case(None, False, None, None, None),
    ]


def test_semicolons_and_a_value_of_their_own():
    columns = Columns(("sex",), "result", favourable="Invited")
    found = read(lines("sex;result\nf;invited\nm;waiting list\n"), columns)
    assert [case.favourable for case in found] == [True, False]


def test_a_score_without_an_outcome_is_held_against_the_median():
    found = read(lines("sex,score\nf,1\nf,2\nm,3\nm,\n"), Columns(("sex",), score="score"))
    assert [case.favourable for case in found] == [False, False, True]


@pytest.mark.parametrize(
    ("text", "columns", "words"),
    [
        ("", BY_SEX, "empty"),
        ("sex,invited\n", BY_SEX, "no rows"),
        ("sex,outcome\nf,1\n", BY_SEX, "“invited” is not there"),
        ("sex,sex,invited\nf,f,1\n", BY_SEX, "there twice"),
        ("sex,invited\nf\n", BY_SEX, "Line 2 has 1 cells"),
        ("sex,invited\nf,perhaps\n", BY_SEX, "Line 2: “perhaps”"),
        ("sex,invited\nf,\n", BY_SEX, "Line 2 has no outcome"),
        ("sex,invited,score\nf,1,much\n", Columns(("sex",), "invited", score="score"), "Line 2: “much” is no number"),
        ("sex,invited,score\nf,1,nan\n", Columns(("sex",), "invited", score="score"), "is no number"),
        ("sex,score\nf,\n", Columns(("sex",), score="score"), "No row has a score"),
        ("sex,invited\nf,1\x00\n", BY_SEX, "no text file"),
        ("sex\nf\n", Columns(("sex",)), "holds the outcome"),
        ("invited\n1\n", Columns((), "invited"), "holds the group"),
    ],
)
def test_what_cannot_be_read_is_refused(text, columns, words):
    with pytest.raises(Invalid, match=words):
        read(lines(text), columns)


def test_there_is_a_most():
    with pytest.raises(Invalid, match="more than 1 rows"):
        read(lines("sex,invited\nf,1\nm,1\n"), BY_SEX, most=1)
