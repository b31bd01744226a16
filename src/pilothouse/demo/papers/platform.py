"""Data in the demo: where it comes from, how ready it is, what carries it and what is in the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pilothouse.demo.papers.case import Case, Firm

BLOCKERS = (
    ("No way into the planning system", "legacy", "Shifts are only on a screen of 1998; an export was refused."),
    ("Addresses are wrong in one case of nine", "data_quality", "Letters came back; nobody keeps the register clean."),
    ("Recordings may not leave the call centre", "data_access", "The recorder has no interface that others may use."),
    ("Answers in dialect are too often wrong", "model", "Of 100 calls in dialect 31 were misunderstood."),
    ("The works council has not agreed", "legal", "Talks about what is logged go on since spring."),
    ("Nobody can run it at night", "people", "The team has no rota, and operations has not taken it on."),
)


def source_of(unit: str) -> str:
    """The main data source of a unit."""
    return f"{unit} records"


def of_firm(firm: Firm) -> Iterator[tuple[str, dict[str, Any]]]:
    for at, unit in enumerate(firm.units):
        legacy = at % 4 == 3
        yield (
            "platform.data_source",
            {
                "name": source_of(unit),
                "kind": "operational",
                "holds": f"Cases, people and outcomes of {unit}, from 2017 on.",
                "interface": "none" if legacy and at % 2 else "batch" if legacy else "api",
                "legacy": legacy,
                "owner": firm.lead,
                "right": "unclear" if at % 5 == 4 else "contract",
                "right_note": "What customers agreed to covers serving them; training of models is left out.",
                "personal": "personal",
            },
        )
    yield (
        "platform.data_source",
        {
            "name": "What users type",
            "kind": "experiential",
            "holds": "Questions and texts that colleagues and customers put in, kept for thirty days.",
            "interface": "api",
            "legacy": False,
            "owner": firm.engineer,
            "right": "consent",
            "right_note": "They are told before they type; it is used to answer and to look for faults.",
            "personal": "personal",
        },
    )


def sources_of(case: Case) -> list[str]:
    return ["What users type", source_of(case.line.unit)] if case.language else [source_of(case.line.unit)]


def before_pilot(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    def level(least: int) -> str:
        return str(min(4, case.pick.choice((least, 3, 3, 4))))

    yield (
        "platform.data_readiness",
        {
            "sources": sources_of(case),
            "access": level(2),
            "access_evidence": "The interface was used for a month without anybody's help.",
            "quality": level(1),
            "quality_evidence": "Of 200 records looked at, 6 had a field wrong or empty.",
            "freshness": level(2),
            "freshness_evidence": "Records arrive within the hour; an alert tells when they do not.",
            "lineage": level(2),
            "lineage_evidence": "Noted in the register of processing, with the contract that permits it.",
            "integration": level(2),
            "integration_evidence": "The whole path ran for two weeks in the environment of production.",
            "assessed_by": "Data engineer and product owner",
            "review_by": case.ahead(case.pick.choice((200, 420, 420, 500))),
        },
    )


def before_production(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    if case.line.sourcing == "buy":
        return
    found = case.pick.choice(("86.4", "97.9", "98.1", "98.8"))
    yield (
        "platform.pipeline",
        {
            "name": f"Load for {case.line.name}",
            "sources": [source_of(case.line.unit)],
            "schedule": case.pick.choice(("hourly", "daily", "daily")),
            "metric": "Records loaded without fault",
            "unit": "% of records",
            "better": "higher",
            "development": {"value": "99.2", "runs": 60, "measured_on": case.ago(60)},
            "production": {"value": found, "runs": 45, "measured_on": case.ago(3)},
            "tolerance": "5",
            "owner": "Data engineer on duty",
        },
    )


def blocker(case: Case, at: int, days: int, cleared: bool, owned: bool) -> tuple[str, dict[str, Any]]:
    """Something that has been in the way for so many days."""
    title, kind, detail = BLOCKERS[at % len(BLOCKERS)]
    return (
        "platform.blocker",
        {
            "title": title,
            "kind": kind,
            "detail": detail,
            "since": case.ago(days),
            "owner": case.owner if owned else None,
            "cleared_on": case.ago(1) if cleared else None,
            "cleared_how": "Agreed with its owner, and tried with real cases." if cleared else None,
        },
    )
