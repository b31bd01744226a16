"""Dates as people write them, kept with the precision they were told in and with the original words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januari januar janvier",
            "feb february februari februar fevrier février",
            "mar march maart märz mars mrt",
            "apr april avril",
            "may mei mai",
            "jun june juni juin",
            "jul july juli juillet",
            "aug august augustus août aout",
            "sep sept september septembre",
            "oct october oktober octobre okt",
            "nov november novembre",
            "dec december dezember décembre decembre dez",
        ),
        start=1,
    )
    for name in names.split()
}


@dataclass(frozen=True, slots=True)
class Told:
    """A date as told: the first day it may mean, its precision (day, month, quarter, year, none), the words."""

    value: date | None
    precision: str
    raw: str


def told_date(text: str, *, day_first: bool | None = None) -> Told:
    """Read a date in whatever way it was written; never raises.

    `day_first` settles 3/4/2025 (True: 3 April, as most of the world writes; False: March 4, as in the US). Left None
    it is read only when it can mean one day, else it has the precision of nothing and keeps its words.
    A day in 1905 is an Excel serial of a bare year (7/16/1905 is the year 2024) and is read as that year.
    """
    raw = text.strip()
    words = re.sub(r"[T\s]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([AaPp][Mm])?(Z|[+-]\d{2}:?\d{2})?$", "", raw).strip()
    for reader in (_iso, _slashes, _month_name, _quarter, _month_year, _year):
        found = reader(words, day_first)
        if found is not None:
            value, precision = found
            if value.year == 1905 and precision == "day":
                return Told(date((value - date(1899, 12, 30)).days, 1, 1), "year", raw)
            return Told(value, precision, raw)
    return Told(None, "none", raw)


def last_day(told: Told) -> date | None:
    """The last day that the told date may mean."""
    if told.value is None:
        return None
    months = {"day": 0, "month": 1, "quarter": 3, "year": 12}[told.precision]
    if not months:
        return told.value
    index = told.value.year * 12 + told.value.month - 1 + months
    return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)


_Found = tuple[date, str] | None


def _day(year: int, month: int, day: int) -> _Found:
    try:
        return date(year, month, day), "day"
    except ValueError:
        return None


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _iso(text: str, _: bool | None) -> _Found:
    match = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text)
    return _day(*map(int, match.groups())) if match else None


def _slashes(text: str, day_first: bool | None) -> _Found:
    match = re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})", text)
    if not match:
        return None
    first, second, year = int(match[1]), int(match[3]), _full_year(match[4])
    if day_first is None:
        # Dots are written day first wherever they are written; otherwise only one reading may be possible.
        if match[2] == "." or first > 12:
            day_first = True
        elif second > 12 or first == second:
            day_first = False
        else:
            return None
    return _day(year, second, first) if day_first else _day(year, first, second)


def _month_name(text: str, _: bool | None) -> _Found:
    words = re.findall(r"[^\W\d_]+|\d+", text.lower())
    months = [MONTHS[word] for word in words if word in MONTHS]
    numbers = [word for word in words if word.isdigit()]
    others = [w for w in words if not w.isdigit() and w not in MONTHS and w not in {"st", "nd", "rd", "th", "of", "de"}]
    if len(months) != 1 or others:
        return None
    if len(numbers) == 1 and len(numbers[0]) in (2, 4):
        return date(_full_year(numbers[0]), months[0], 1), "month"
    if len(numbers) == 2 and len(numbers[-1]) in (2, 4) and len(numbers[0]) <= 2:
        return _day(_full_year(numbers[1]), months[0], int(numbers[0]))
    if len(numbers) == 2 and len(numbers[0]) == 4:
        return _day(int(numbers[0]), months[0], int(numbers[1]))
    return None


def _quarter(text: str, _: bool | None) -> _Found:
    match = re.fullmatch(r"[Qq]([1-4])[\s,/-]*(\d{4})", text)
    if match:
        return date(int(match[2]), int(match[1]) * 3 - 2, 1), "quarter"
    match = re.fullmatch(r"(\d{4})[\s,/-]*[Qq]([1-4])", text)
    return (date(int(match[1]), int(match[2]) * 3 - 2, 1), "quarter") if match else None


def _month_year(text: str, _: bool | None) -> _Found:
    match = re.fullmatch(r"(\d{1,2})[-/.](\d{4})", text)
    year, month = (int(match[2]), int(match[1])) if match else (0, 0)
    if not match:
        match = re.fullmatch(r"(\d{4})[-/.](\d{1,2})", text)
        year, month = (int(match[1]), int(match[2])) if match else (0, 0)
    return (date(year, month, 1), "month") if year and 1 <= month <= 12 else None


def _year(text: str, _: bool | None) -> _Found:
    return (date(int(text), 1, 1), "year") if re.fullmatch(r"(19|20|21)\d{2}", text) else None
