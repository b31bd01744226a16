"""Whole bodies of every document of talent, for tests that are about something else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

TODAY = datetime.now(UTC).date()

PAPERS: dict[str, dict[str, Any]] = {
    "talent.skill": {
        "name": "Model monitoring",
        "area": "mlops",
        "alone": "Sets thresholds and reads drift without help",
    },
    "talent.role": {
        "title": "MLOps engineer",
        "area": "mlops",
        "purpose": "Nobody would notice when a model goes wrong",
        "skills": [{"skill": "Model monitoring", "level": 3}],
    },
    "talent.person": {
        "person": "bob@harbour.example",
        "role": "MLOps engineer",
        "fte": "0.5",
        "basis": "employed",
        "levels": [{"skill": "Model monitoring", "level": 3, "by": "tested"}],
        "assessed_on": "2026-10-01",
    },
    "talent.demand": {
        "title": "Berth planner to production",
        "role": "MLOps engineer",
        "needs": [{"quarter": "2026-Q4", "fte": "1"}],
        "sure": True,
    },
    "talent.staffing": {
        "posts": [{"role": "MLOps engineer", "people": ["bob@harbour.example"]}],
        "away": "Alice stands in; new versions wait until Bob is back",
        "gaps": "None: the one role is held",
        "review_by": "2036-10-31",
    },
    "talent.charter": {
        "model": "central",
        "mission": "Units get to production without building platforms of their own",
        "lead": "caio@harbour.example",
        "decides": ["Which models may be used"],
        "services": ["A gateway with budgets"],
        "funding": "central",
        "measure": "Months from idea to production, and what is used twice",
        "review_by": "2036-10-31",
    },
    "talent.asset": {
        "name": "Connector to the tide tables",
        "kind": "connector",
        "what": "Reads tides of the coming ten days; no history",
        "owner": "bob@harbour.example",
        "how": "Ask Bob for a key of your own",
    },
    "talent.reuse": {
        "asset": "Connector to the tide tables",
        "unit": "Quay",
        "state": "in_use",
        "asked_on": "2026-09-01",
        "used_since": "2026-09-15",
        "spared": "12",
    },
    "talent.course": {
        "title": "Using AI at work",
        "audience": "everybody",
        "required": True,
        "covers": "Knows what may go into a prompt and when not to trust an answer",
        "hours": "1.5",
        "target": "80",
        "owner": "caio@harbour.example",
    },
    "talent.completion": {
        "course": "Using AI at work",
        "on": TODAY.isoformat(),
        "people": 20,
        "done": 18,
    },
}
