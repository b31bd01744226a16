"""The catalogue of a demo organisation as values, and as the spreadsheet that its people once kept."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One system as its unit told it."""

    unit: str
    name: str
    technique: str
    sourcing: str
    vendor: str
    personal_data: str
    impact: str
    stage: str
    purpose: str
    outputs: str


def lines(units: dict[str, str]) -> list[Line]:
    """The systems of every unit, in order."""
    return [
        Line(unit, *(cell.strip() for cell in row.split("|")))
        for unit, rows in units.items()
        for row in rows.strip().splitlines()
    ]


STAGE_WORDS = {
    "idea": "Ideation",
    "development": "In development",
    "pilot": "Pilot",
    "production": "In production",
    "retired": "Retired",
    "rejected": "Rejected",
    "unknown": "",
}
HEADERS = ("System", "Business unit", "What is it for?", "What does it produce?", "Status", "Method", "Supplier", "Started")


def spreadsheet(rows: list[Line], started: dict[str, str]) -> bytes:
    """A CSV as a unit would send it: its own words for the status, blanks where nobody knew."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADERS)
    for row in rows:
        writer.writerow(
            (
                row.name,
                row.unit,
                row.purpose,
                row.outputs,
                STAGE_WORDS[row.stage],
                row.technique,
                row.vendor,
                started.get(row.name, ""),
            )
        )
    return out.getvalue().encode("utf-8-sig")
