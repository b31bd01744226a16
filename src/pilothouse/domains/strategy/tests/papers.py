"""A whole, good body of each document of this domain, for tests."""

from __future__ import annotations

from typing import Any

PAPERS: dict[str, dict[str, Any]] = {
    "strategy.goal": {
        "name": "Answer within two days",
        "statement": "Every applicant hears from us within two working days, or goes elsewhere.",
        "metric": "Hours until the first answer",
        "unit": "hours",
        "baseline": "96",
        "target": "48",
        "by": "2027-12-31",
        "owner": "Head of recruitment",
        "standing": "stands",
    },
    "strategy.positioning": {
        "statement": "The agency that answers first, because no application waits to be read.",
        "advantage": "Ten years of placements tell us which match lasts.",
        "follow": "Writing and translating: bought, as everybody's is.",
        "never": "No applicant is refused without a person having read the application.",
        "goals": ["Answer within two days"],
        "agreed_by": "The board",
        "agreed_on": "2026-03-15",
        "review_by": "2027-03-15",
    },
    "strategy.value_hypothesis": {
        "kind": "efficiency",
        "goals": ["Answer within two days"],
        "outcome": "Recruiters answer every applicant within two days",
        "mechanism": "Summaries save the first reading of each application",
        "metric": "Hours until the first answer",
        "unit": "hours",
        "baseline": "96",
        "target": "48",
        "guardrail": "No more complaints about wrong refusals than 1 in 200",
        "sample_size": 400,
        "stop_rule": "Stop when after 400 cases the median is above 72 hours",
        "decision_date": "2027-03-31",
        "owner": "Head of recruitment",
        "currency": "EUR",
        "value": {"p10": "10000", "p50": "40000", "p90": "90000"},
        "cost": {"p10": "8000", "p50": "12000.50", "p90": "30000"},
    },
    "strategy.pilot_verdict": {
        "began_on": "2026-08-01",
        "ended_on": "2026-10-31",
        "cases": 412,
        "method": "staggered",
        "measured": "44",
        "low": "40",
        "high": "49",
        "guardrail_held": True,
        "guardrail_result": "One complaint in 412 cases; the limit is 1 in 200.",
        "verdict": "scale",
        "why": "The target was reached in every branch; the smallest branch gained least.",
        "decided_by": "Head of recruitment",
    },
}
