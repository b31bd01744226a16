from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.kernel.imports.dates import as_value, imported_date

US = {"day_first": False, "fiscal_start": 10}


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("3/4/2025", "2025-03-04", "day"),
        ("10/31/2023 0:00", "2023-10-31", "day"),
        ("2024-09-01 14:30:00", "2024-09-01", "day"),
        ("2025-06-26T07:39:09Z", "2025-06-26", "day"),
        ("7/16/1905", "2024-01-01", "year"),
        ("7/7/1905", "2015-01-01", "year"),
        ("1905-07-15", "2023-01-01", "year"),
        ("24-Sep", "2024-09-01", "month"),
        ("Sep-24", "2024-09-01", "month"),
        ("14-Jan", "2014-01-01", "month"),
        ("Apr-2019", "2019-04-01", "month"),
        ("01/2024", "2024-01-01", "month"),
        ("2024", "2024-01-01", "year"),
        ("2022-08 (estimated)", "2022-08-01", "month"),
        ("2022-11-16 (first formal action)", "2022-11-16", "day"),
        ("2024-02-15 (kick-off); 2024-08-23 (signed)", "2024-02-15", "day"),
        ("2015-2022", "2015-01-01", "year"),
        ("Q4FY25", "2025-07-01", "quarter"),
        ("FY25 Q1", "2024-10-01", "quarter"),
        ("FY2025", "2024-10-01", "year"),
        ("45536", "2024-09-01", "day"),
        ("10/12023", None, "none"),
        ("Pre-2021", None, "none"),
        ("Ongoing", None, "none"),
        ("2/30/2024", None, "none"),
        ("REDACTED", None, "none"),
    ],
)
def test_every_habit(text, value, precision):
    told = imported_date(text, **US)
    assert as_value(told) == {"value": value, "precision": precision, "raw": text}


@pytest.mark.parametrize("text", ["", " ", "N/A", "NA", "TBD", "N/A - never retired"])
def test_no_answer_is_no_date(text):
    assert imported_date(text, **US) is None


def test_a_day_that_may_be_two_is_none_until_someone_says_which():
    assert imported_date("3/4/2025", day_first=None).value is None
    assert imported_date("3/4/2025", day_first=True).value == date(2025, 4, 3)


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_every_spelling_of_a_day_is_that_day(day):
    for text in (
        day.isoformat(),
        f"{day.month}/{day.day}/{day.year}",
        f"{day.month:02}/{day.day:02}/{day.year} 12:00 AM",
        f"{day.isoformat()} (about)",
        f"{day.isoformat()} 00:00:00",
    ):
        told = imported_date(text, **US)
        assert (told.value, told.precision, told.raw) == (day, "day", text)


@given(st.integers(1990, 2040))
def test_a_year_that_excel_made_a_day_is_that_year(year):
    day = date(1899, 12, 30) + timedelta(days=year)
    told = imported_date(f"{day.month}/{day.day}/{day.year}", **US)
    assert (told.value, told.precision) == (date(year, 1, 1), "year")


@given(st.text(max_size=60))
def test_no_text_breaks_it_and_its_words_are_kept(text):
    told = imported_date(text, **US)
    assert told is None or (told.precision == "none") == (told.value is None)
