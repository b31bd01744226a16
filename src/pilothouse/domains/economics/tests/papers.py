"""A whole, good body of each document of this domain, for tests."""

from __future__ import annotations

from typing import Any

PAPERS: dict[str, dict[str, Any]] = {
    "economics.budget": {
        "period": "2026 and 2027",
        "starts": "2026-01-01",
        "ends": "2027-12-31",
        "currency": "EUR",
        "amount": "50000",
        "warn_at": "80",
        "holder": "Head of recruitment",
    },
    "economics.price": {
        "item": "Northlight Text, input",
        "supplier": "Northlight",
        "unit": "1,000,000 tokens",
        "currency": "EUR",
        "rates": [
            {"valid_from": "2026-01-01", "valid_until": "2026-06-30", "amount": "2.40"},
            {"valid_from": "2026-07-01", "valid_until": None, "amount": "1.80"},
        ],
        "source": "Framework contract of 2026, annex 2, read on 1 July 2026",
    },
    "economics.cost_plan": {
        "starts": "2026-07-01",
        "ends": "2027-12-31",
        "currency": "EUR",
        "total": {"p10": "9000", "p50": "14000", "p90": "26000"},
        "lines": [
            {
                "category": "model_use",
                "treatment": "opex",
                "cost": {"p10": "2000", "p50": "4000", "p90": "12000"},
                "basis": "40 users × 30 calls a day × 6,000 tokens × price",
            },
            {
                "category": "review",
                "treatment": "opex",
                "cost": {"p10": "6000", "p50": "9000", "p90": "16000"},
                "basis": "Two minutes for each of 900 summaries a month",
            },
        ],
        "prices": ["Northlight Text, input"],
        "assumptions": "Forty users; twice as dear if every application is summarised twice.",
    },
    "economics.invoice": {
        "number": "Northlight 2026-0815",
        "supplier": "Northlight",
        "invoiced_on": "2026-10-31",
        "currency": "EUR",
        "total": "1300.00",
        "lines": [
            {"text": "Text model, October", "category": "model_use", "amount": "1000.00", "system": 1},
            {"text": "Support, October", "category": "licence", "amount": "300.00", "system": None},
        ],
    },
    "economics.human_review": {
        "currency": "EUR",
        "review_cost": "1.20",
        "catch_rate": "80",
        "error_loss": "60",
        "false_alarm_rate": "5",
        "false_alarm_cost": "4",
        "error_rate": "6",
        "scored": False,
        "policy": "all",
        "audit_share": "2",
        "volume": 900,
        "basis": "Minutes measured in September; the loss is a guess from three complaints.",
    },
    "economics.realised_value": {
        "name": "First reading saved, October 2026",
        "starts": "2026-10-01",
        "ends": "2026-10-31",
        "currency": "EUR",
        "amount": "4200.00",
        "method": "staggered",
        "low": "3100",
        "high": "5400",
        "how": "11 minutes less for each of 900 applications, of which 60 % was put to other use, at EUR 42 an hour.",
        "where": "time",
    },
}
