"""Hand-made files in the shapes of the real ones, each row with a trap of its own."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pilothouse.kernel.imports.adapters import us_federal_2024

REPOSITORY = Path(__file__).resolve().parents[5]
SHARED = Path(os.environ.get("PILOTHOUSE_SHARED", REPOSITORY.parent / "shared"))

# Questions of our own that hold the words which v2's headers hold; the eight explanations share one header.
QUESTIONS = {
    "2_use_case_name": "Use Case Name",
    "3_agency": "Agency",
    "3_abr": "Agency Abbreviation",
    "4_bureau": "Bureau",
    "8_topic_area": "Use Case Topic Area",
    "11_purpose_benefits": "What purpose does it serve?",
    "12_outputs": "Which outputs has it?",
    "16_dev_stage": "Stage of Development",
    "17_impact_type": "Is it rights-impacting, safety-impacting, both, or neither?",
    "18_date_initiated": "Date Initiated",
    "20_date_implemented": "Date Implemented",
    "21_date_retired": "Date Retired",
    "22_dev_method": "Under contract or in-house?",
    "29_contains_pii": "Personally identifiable information?",
    "30_saop_review": "Privacy risks assessed?",
    "40_has_ato": "An Authority to Operate?",
    "52_impact_assessment": "An impact assessment?",
    "56_monitor_postdeploy": "A process to monitor it?",
    "65_appeal_process": "A process to appeal?",
}


def real(*parts: str) -> bytes:
    """A real public file, or skip the test and say so."""
    path = SHARED.joinpath("data", *parts)
    if not path.exists():
        pytest.skip(f"the real file {'/'.join(parts)} is not at {SHARED} (set PILOTHOUSE_SHARED)")
    return path.read_bytes()


def csv_bytes(rows: Iterable[Iterable[str]], *, encoding: str = "utf-8-sig", end: str = "\n", mark: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator=end, delimiter=mark).writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_bytes(rows: Iterable[Iterable[Any]], *, title: str = "Inventory") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row_2024(**cells: str) -> list[str]:
    """One row of 62 cells; `cells` by the name of the column without its number."""
    given = {
        "use_case_name": "Harbour chatbot",
        "agency": "Department of Harbours",
        "abr": "DOH",
        "bureau": "Pilots, Tugs and Moorings",
        "commercial_ai": "None of the above.",
        "dev_stage": "Operation and Maintenance",
        "impact_type": "Neither",
        **cells,
    }
    by_name: Mapping[str, str] = {key.partition("_")[2]: key for key in reversed(us_federal_2024.KEYS)}
    filled = {by_name[name]: cell for name, cell in given.items()}
    return [filled.pop(key, "") for key in us_federal_2024.KEYS]


def file_2024(*rows: list[str], version: int = 1) -> bytes:
    if version == 1:
        return csv_bytes([us_federal_2024.KEYS, *rows])
    header = [QUESTIONS.get(key, "If Other, please explain.") for key in us_federal_2024.KEYS]
    return csv_bytes([header, *rows], encoding="cp1252", end="\r\n")


def table_bytes(*rows: Mapping[str, str]) -> bytes:
    keys = list(dict.fromkeys(key for row in rows for key in row))
    return csv_bytes([keys, *([row.get(key, "") for key in keys] for row in rows)])
