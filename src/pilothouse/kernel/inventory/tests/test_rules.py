"""Values, dates and likeness: the pure parts."""

from dataclasses import dataclass, field
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.kernel.inventory.dates import last_day, told_date
from pilothouse.kernel.inventory.duplicates import Candidate, likely_pairs
from pilothouse.kernel.inventory.rules import BadValueError, clean_custom, clean_facts, clean_tags, fold, merged


@dataclass
class Spec:
    key: str
    kind: str
    title: str = "Field"
    choices: list[str] = field(default_factory=list)


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("2023-04-05", date(2023, 4, 5), "day"),
        ("2023-04-05T00:00:00", date(2023, 4, 5), "day"),
        ("4/13/2024 10:00 AM", date(2024, 4, 13), "day"),
        ("13/4/2024", date(2024, 4, 13), "day"),
        ("4.3.2025", date(2025, 3, 4), "day"),
        ("3/4/2025", None, "none"),
        ("7/16/1905", date(2024, 1, 1), "year"),
        ("Sep-24", date(2024, 9, 1), "month"),
        ("01/2024", date(2024, 1, 1), "month"),
        ("April 3rd, 2025", date(2025, 4, 3), "day"),
        ("Q3 2024", date(2024, 7, 1), "quarter"),
        ("2024-Q3", date(2024, 7, 1), "quarter"),
        ("2024", date(2024, 1, 1), "year"),
        ("février 2026", date(2026, 2, 1), "month"),
        ("31/2/2024", None, "none"),
        ("soon", None, "none"),
        ("", None, "none"),
    ],
)
def test_dates_are_read_as_they_were_told(text, value, precision):
    told = told_date(text)
    assert (told.value, told.precision, told.raw) == (value, precision, text)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader_of_dates(text):
    told = told_date(text)
    assert told.raw == text.strip()
    assert (told.value is None) == (told.precision == "none")
    assert last_day(told) is None or last_day(told) >= told.value


@given(st.dates(min_value=date(1906, 1, 1), max_value=date(2199, 12, 31)))
def test_every_date_is_read_back(day):
    for text in (day.isoformat(), f"{day.day} {day:%B} {day.year}", f"{day:%B} {day.day}, {day.year}"):
        assert told_date(text).value == day
    assert told_date(f"{day.month}/{day.day}/{day.year}", day_first=False).value == day
    assert told_date(f"{day.day}/{day.month}/{day.year}", day_first=True).value == day


@given(st.lists(st.text(max_size=20), max_size=10))
def test_tags_are_stable(texts):
    try:
        once = clean_tags(texts)
    except BadValueError:
        return
    assert clean_tags(once) == once
    assert len(set(once)) == len(once)


@pytest.mark.parametrize(
    ("spec", "given", "stored"),
    [
        (Spec("f", "number"), "1 250,5", "1250.5"),
        (Spec("f", "date"), "3 March 2026", "2026-03-03"),
        (Spec("f", "choice", choices=["Café", "Bar"]), "cafe", "Café"),
        (Spec("f", "yes_no"), True, "yes"),
        (Spec("f", "text"), "  x  ", "x"),
        (Spec("f", "text"), " ", None),
    ],
)
def test_custom_values_are_read_forgivingly(spec, given, stored):
    assert clean_custom([spec], {"f": given}) == {"f": stored}


@pytest.mark.parametrize(
    ("spec", "given"),
    [
        (Spec("f", "number"), "many"),
        (Spec("f", "number"), "NaN"),
        (Spec("f", "date"), "2026"),
        (Spec("f", "choice", choices=["A", "B"]), "C"),
        (Spec("f", "yes_no"), "perhaps"),
        (Spec("f", "text"), "x" * 5001),
        (Spec("other", "text"), "x"),
    ],
)
def test_custom_values_that_make_no_sense_are_refused(spec, given):
    with pytest.raises(BadValueError):
        clean_custom([spec], {"f": given})


def test_every_wrong_fact_is_named_at_once():
    clean, wrong = clean_facts(
        {"name": "", "impact": "huge", "owner_id": "bob", "vendor": "v" * 301, "stage": "pilot", "purpose": "Fine"}, []
    )
    assert set(wrong) == {"name", "impact", "owner_id", "vendor", "stage"}
    assert clean == {"purpose": "Fine"}


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


def test_merging_takes_away_what_is_none():
    assert merged({"a": 1, "b": 2}, {"b": None, "c": 3}) == {"a": 1, "c": 3}


def candidate(name, purpose="", unit=None, vendor=""):
    return Candidate(uuid4(), name, purpose, unit, vendor)


def test_the_same_system_written_twice_is_found():
    a = candidate("CV Summary", "Read applications faster, so that people get an answer")
    b = candidate("cv-summary", "Read applications faster so that people get an answer.")
    others = [candidate(f"Forecast {n}", "Plan stock") for n in range(30)]
    pairs = likely_pairs([a, *others, b])
    assert {pairs[0].left, pairs[0].right} == {a.id, b.id}
    assert pairs[0].score > 0.95


def test_the_same_short_name_with_other_purposes_is_not():
    assert likely_pairs([candidate("Chatbot", "Answer students"), candidate("Chatbot", "Book meeting rooms")]) == []


def test_a_name_that_everyone_uses_stays_fast_and_bounded():
    rows = [candidate("Generative AI usage", f"Department {n} drafts texts") for n in range(400)]
    pairs = likely_pairs(rows)
    assert len(pairs) <= 400 * 5
