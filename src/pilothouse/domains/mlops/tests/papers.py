"""Whole bodies of every document of monitoring, for tests that are about something else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

TODAY = datetime.now(UTC).date()

PAPERS: dict[str, dict[str, Any]] = {
    "mlops.monitor": {
        "name": "Weekly sample",
        "watches": "quality",
        "state": "live",
        "measures": "Share of 50 sampled plans without error, weekly",
        "threshold": "Below 92 %",
        "detect_within": 168,
        "people": ["bob@harbour.example"],
        "role": "caio",
        "channel": "E-mail",
        "live_since": "2026-09-01",
        "tested_on": TODAY.isoformat(),
    },
    "mlops.runbook": {
        "name": "Plans are wrong",
        "owner": "bob@harbour.example",
        "stop": "The duty officer switches it off at the planning desk; switching on takes the owner",
        "without": "Berths are planned by hand on the wall chart, for up to three days",
        "signs": "Two ships on one berth, or the weekly sample below 92 %",
        "steps": ["Switch it off", "Tell the duty officer", "Plan by hand"],
        "told": "The pilots at once, the shipping lines within the hour",
        "review_by": "2036-10-31",
    },
    "mlops.incident": {
        "title": "Two ships on one berth",
        "severity": "high",
        "onset": "2026-10-05 06:00",
        "detected": "2026-10-05 18:00",
        "found_by": "employee",
        "told": ["bob@harbour.example"],
        "story": "The tide table of the wrong year was read, so that 14 plans were wrong",
        "acknowledged": "2026-10-05 18:30",
        "contained": "2026-10-05 20:00",
        "resolved": "2026-10-07 12:00",
        "cause": "pipeline",
        "runbook": "Plans are wrong",
        "lessons": "The year is checked before a table is read",
    },
}
