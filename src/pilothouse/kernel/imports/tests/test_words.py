import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.kernel.imports.words import fold, is_redacted, key_of, list_cell, missing_kind, same, tidy, yes_no


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "blank"),
        (" \n\t\xa0", "blank"),
        ("—", "blank"),
        ("N/A", "not_applicable"),
        ("n/a ", "not_applicable"),
        ("NA", "not_applicable"),
        ("Not Applicable", "not_applicable"),
        ("N/A - merged into another", "not_applicable"),
        ("TBD", "pending"),
        ("Unknown", "pending"),
        ("Data not reported by submitter and will follow", "pending"),
        ("Unknown caller triage", None),
        ("NA region chat", None),
        ("TBD in spring", "pending"),
        ("Nabla", None),
        ("National", None),
        ("REDACTED", None),
        ("No", None),
        ("None", None),
        ("0", None),
    ],
)
def test_blank_not_applicable_and_answered_differ(text, kind):
    assert missing_kind(text) == kind


def test_redacted_is_an_answer():
    assert is_redacted("[REDACTED]")
    assert is_redacted("Withheld - security")
    assert not is_redacted("Video redaction")


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("['Sex', 'Age, or so']", ["Sex", "Age, or so"]),
        ('["Sex","Age"]', ["Sex", "Age"]),
        ("Sex, Age", ["Sex", "Age"]),
        ("Sex; Age, or so", ["Sex", "Age, or so"]),
        ("N/A", []),
        ("", []),
        ("[not a list", ["[not a list"]),
        ("[__import__('os')]", ["[__import__('os')]"]),
    ],
)
def test_lists_are_read_in_every_dress(text, items):
    assert list_cell(text) == items


@pytest.mark.parametrize(
    ("text", "told"),
    [("b) Yes", True), ("TRUE", True), ("NO", False), ("No – not now", False), ("Not sure", None), ("Yesterday", None)],
)
def test_yes_and_no(text, told):
    assert yes_no(text) is told


def test_paragraphs_stay():
    assert tidy("One \xa0two\r\n\r\n\r\nThree ") == "One two\n\nThree"


@given(st.text())
def test_folding_is_done_once(text):
    assert fold(fold(text)) == fold(text)
    assert key_of(key_of(text)) == key_of(text) or text != text.casefold()
    assert same(text, f" {text}\n")


@given(st.recursive(st.text() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_a_thing_is_the_same_as_itself(value):
    assert same(value, value)
