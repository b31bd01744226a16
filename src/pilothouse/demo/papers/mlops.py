"""Monitoring in the demo: what is watched, what is done, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from pilothouse.demo.papers.case import Case, Firm

FAULTS = (
    ("Results left out new products", "data_drift", "The product list of spring was not loaded, so 40 were missing"),
    (
        "Scores drifted after the price change",
        "concept_drift",
        "What customers do changed; the model learnt before that",
    ),
    ("Answers came in the wrong language", "prompt_change", "A shorter prompt lost the line about the language"),
    (
        "The provider changed the model unasked",
        "model_change",
        "Answers grew longer and named sources that do not exist",
    ),
    ("A night's load was empty", "pipeline", "The table was renamed, and an empty file counted as loaded"),
)


def of_firm(firm: Firm) -> Iterator[tuple[str, dict[str, Any]]]:
    return iter(())


def before_pilot(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    return iter(())


def runbook_of(case: Case) -> str:
    return f"{case.line.name} is wrong"


def before_production(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "mlops.monitor",
        {
            "name": "Weekly sample",
            "watches": "quality",
            "state": "live",
            "measures": "Share of 50 sampled results without error, weekly",
            "threshold": "Below 90 %",
            "detect_within": case.pick.choice((24, 72, 168)),
            "people": [case.owner],
            "role": "operations",
            "channel": "E-mail and the duty telephone",
            "live_since": case.ago(20),
            "tested_on": case.ago(case.pick.choice((4, 10, 18))),
        },
    )
    yield (
        "mlops.runbook",
        {
            "name": runbook_of(case),
            "owner": case.owner,
            "stop": "The team lead switches it off at the desk; switching on takes the owner",
            "without": "The team works as before, for up to three days",
            "signs": "The weekly sample below 90 %, or two complaints in one day",
            "steps": ["Switch it off", "Tell the team lead and operations", "Go through the last day's cases"],
            "told": "Users at once, customers concerned within two days",
            "review_by": case.ahead(380),
        },
    )


def incident(case: Case, at: int, noticed: float, open_still: bool, known: bool) -> tuple[str, dict[str, Any]]:
    """Something that went wrong, noticed after so many hours."""
    title, cause, story = FAULTS[at % len(FAULTS)]
    onset = datetime.combine(case.told, datetime.min.time()) - timedelta(days=5, hours=at % 11)
    found = onset + timedelta(hours=noticed)

    def minute(when: datetime) -> str:
        return f"{when:%Y-%m-%d %H:%M}"

    body: dict[str, Any] = {
        "title": title,
        "severity": ("medium", "high", "low")[at % 3],
        "onset": minute(onset) if known else None,
        "detected": minute(found),
        "found_by": "monitor" if noticed < 30 else ("employee", "customer")[at % 2],
        "told": [case.owner],
        "story": f"{story}.",
        "acknowledged": minute(found + timedelta(hours=1)),
    }
    if not open_still:
        body |= {
            "contained": minute(found + timedelta(hours=5)),
            "resolved": minute(found + timedelta(hours=50)),
            "cause": cause,
            "lessons": "What failed silently is counted now, and the count is watched",
        }
    return "mlops.incident", body
