"""Dates as inventories write them: the shared reader, and the habits that only spreadsheets and reports have. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta

from pilothouse.kernel.imports.words import fold, missing_kind
from pilothouse.kernel.inventory.dates import Told, told_date

_EXCEL_EPOCH = date(1899, 12, 30)
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AP]M)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
# A date, then a remark or the end of a range: “2022-08 (estimated)”, “2015-2022”, “2024-02-15 (kick-off); …”.
_LEADING = re.compile(
    rf"(\d{{4}}-\d{{1,2}}-\d{{1,2}}{_TIME}|\d{{1,2}}/\d{{1,2}}/\d{{4}}{_TIME}|\d{{4}}-\d{{2}}(?!\d)|\d{{1,2}}/\d{{4}}|\d{{4}})"
    r"(?=\s*[(;,–—-]|\s+[A-Za-z])",
    re.IGNORECASE,
)
_FISCAL = re.compile(r"(?:Q([1-4])\s*)?FY\s*'?(\d{4}|\d{2})(?:\s*Q([1-4]))?", re.IGNORECASE)


def imported_date(text: str, *, day_first: bool | None, fiscal_start: int = 1) -> Told | None:
    """The date a cell tells, with its precision and its words; None when the cell holds no answer.

    `fiscal_start` is the month a fiscal year FY25 begins in, in the calendar year before when it is not January.
    A bare number from 25000 to 60000 is a spreadsheet's serial day. Words that tell no date keep precision `none`.
    """
    raw = fold(text)[:300]
    if missing_kind(raw):
        return None
    told = told_date(raw, day_first=day_first)
    if told.value is None:
        told = _serial(raw) or _fiscal(raw, fiscal_start) or _leading(raw, day_first) or told
    return told


def as_value(told: Told) -> dict[str, str | None]:
    """`told` as an imported value: JSON only."""
    return {"value": told.value.isoformat() if told.value else None, "precision": told.precision, "raw": told.raw}


def _serial(raw: str) -> Told | None:
    if not re.fullmatch(r"\d{5}(\.\d+)?", raw) or not 25_000 <= float(raw) <= 60_000:
        return None
    return Told(_EXCEL_EPOCH + timedelta(days=int(float(raw))), "day", raw)


def _fiscal(raw: str, start: int) -> Told | None:
    match = _FISCAL.fullmatch(raw)
    if match is None:
        return None
    year = int(match[2]) if len(match[2]) == 4 else 2000 + int(match[2])
    quarter = match[1] or match[3]
    # A fiscal year that does not begin in January begins in the calendar year before the one it is named after.
    index = (year - (start > 1)) * 12 + start - 1 + (int(quarter or 1) - 1) * 3
    return Told(date(index // 12, index % 12 + 1, 1), "quarter" if quarter else "year", raw)


def _leading(raw: str, day_first: bool | None) -> Told | None:
    match = _LEADING.match(raw)
    if match is None:
        return None
    told = told_date(match[1], day_first=day_first)
    return Told(told.value, told.precision, raw) if told.value else None
