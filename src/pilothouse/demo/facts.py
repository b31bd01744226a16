"""What owners come to say of their systems during the year, well or badly. Chosen by the teller's own chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pilothouse.demo.catalogue import Line

PRACTICES = (
    "impact_assessment testing independent_evaluation monitoring risks_known human_training human_oversight notice "
    "disparities consultation appeal privacy_review data_documentation"
).split()

WORDS: dict[str, dict[str, str]] = {
    "met": {
        "impact_assessment": "Yes, written in spring and read by legal.",
        "testing": "Ran beside the old process for six weeks before the switch.",
        "independent_evaluation": "Model validation reviewed it last quarter.",
        "monitoring": "A weekly report goes to the team; thresholds are set.",
        "risks_known": "Listed in the project file with who found them.",
        "human_training": "All users took the half-day course.",
        "human_oversight": "A colleague confirms before anything is sent.",
        "notice": "Said on the page and in the letter.",
        "disparities": "Compared by age and sex; no material difference.",
        "consultation": "Two sessions with users and the works council.",
        "appeal": "Customers can ask for a second look by phone.",
        "privacy_review": "Assessed by the data protection officer.",
        "data_documentation": "A data sheet is kept with the model.",
    },
    "in_progress": dict.fromkeys(PRACTICES, "Started, not finished."),
    "not_met": dict.fromkeys(PRACTICES, "Not done so far."),
    "not_answered": dict.fromkeys(PRACTICES, ""),
}

METRICS = (
    ("Minutes saved for each case", "Handling time"),
    ("Share of cases settled the same day", "Same-day rate"),
    ("Losses avoided a month", "Losses in euros a month"),
    ("Customers who come back", "Retention at twelve months"),
    ("Complaints avoided", "Complaints a thousand contacts"),
    ("Hours of overtime avoided", "Overtime hours a week"),
)


@dataclass(frozen=True, slots=True)
class Care:
    """How carefully a system is kept: the share of questions answered, and of answers that are good."""

    answered: float
    good: float


CARE = {"good": Care(0.95, 0.85), "fair": Care(0.7, 0.55), "poor": Care(0.25, 0.3)}


def intake(line: Line) -> dict[str, str]:
    """The five intake answers as a careful owner would give them."""
    outside = line.unit in {"Customer service", "Marketing"} or "chat" in line.name.lower()
    yes = {
        "affects_people": line.impact in {"rights", "both"},
        "safety": line.impact in {"safety", "both"},
        "personal_data": line.personal_data in {"personal", "special"},
        "acts_alone": "agent" in line.technique or line.technique in {"bandit", "anomaly detection"},
        "outside_people": outside,
    }
    return {key: "yes" if value else "no" for key, value in yes.items()}


def whom_it_affects(line: Line) -> str:
    """Whom its outputs affect, in a word or two."""
    if line.unit == "Human resources":
        return "Applicants and employees"
    if line.impact in {"rights", "both"}:
        return "Customers whose case it helps to decide"
    return "Employees who work with it" if line.personal_data == "none" else "Customers"


def said(line: Line, metric: tuple[str, str]) -> dict[str, Any]:
    """The facts that an owner adds on the system's page."""
    outcome, measure = metric
    return {
        "personal_data": line.personal_data,
        "impact": line.impact,
        "sourcing": line.sourcing,
        "affects": whom_it_affects(line),
        "outcome": outcome,
        "outcome_metric": measure,
    }


def models_of(line: Line) -> list[tuple[str, str, str, str]]:
    """The components a system is made of, as (kind, name, version, supplier)."""
    found: list[tuple[str, str, str, str]] = []
    if line.vendor == "Northlight":
        found.append(("model", "Northlight Text", "4.1" if line.stage == "production" else "5.0", "Northlight"))
    elif line.vendor:
        found.append(("model", f"{line.vendor} {line.technique}", "2026.2", line.vendor))
    else:
        found.append(("model", f"{line.name} model", "3.2" if line.stage == "production" else "0.9", ""))
    if line.vendor:
        found.append(("vendor", line.vendor, "", ""))
    if "agent" in line.technique:
        found.append(("agent", f"{line.name} agent", "1.3", ""))
        found.append(("tool", "Customer record look-up", "", ""))
    if "retrieval" in line.technique:
        found.append(("data_source", f"{line.unit} knowledge base", "", ""))
    return found
