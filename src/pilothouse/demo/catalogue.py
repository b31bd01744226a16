"""The catalogue of a demo organisation as values, and as the spreadsheet that its people once kept."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from importlib import resources


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


def read_lines(name: str) -> list[Line]:
    """The systems in this package's file `name`, in order."""
    text = resources.files("pilothouse.demo").joinpath(name).read_text(encoding="utf-8")
    return [Line(**row) for row in csv.DictReader(io.StringIO(text))]


STAGE_WORDS = {
    "idea": "Ideation",
    "development": "In development",
    "pilot": "Pilot",
    "production": "In production",
    "retired": "Retired",
    "rejected": "Rejected",
    "unknown": "",
}
TOLD = {
    "System": "name",
    "Business unit": "unit",
    "What is it for?": "purpose",
    "What does it produce?": "outputs",
    "Status": "stage",
    "Method": "technique",
    "Supplier": "vendor",
    "Started": "date.implemented",
}
"""The spreadsheet's columns, and what each tells."""


def spreadsheet(rows: list[Line], started: dict[str, str]) -> bytes:
    """A CSV as a unit would send it: its own words for the status, blanks where nobody knew."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(TOLD)
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
