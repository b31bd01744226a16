"""Whole bodies of every document of experience, for tests that are about something else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

TODAY = datetime.now(UTC).date()

PAPERS: dict[str, dict[str, Any]] = {
    "experience.workflow": {
        "process": "From a ship's announcement to its berth",
        "change": "Planners judge three ready plans instead of drawing one",
        "human_decides": "Which plan holds: a planner, who knows the pilots",
        "case": "One ship",
        "volume": 900,
        "basis": "measured",
        "as_is": [
            {"name": "Draw a plan", "by": "person", "who": "Planner", "minutes": "25", "decides": True},
            {"name": "Check the tides", "by": "person", "who": "Planner", "minutes": "6", "hands_off": True},
        ],
        "to_be": [
            {"name": "Draw three plans", "by": "ai", "minutes": "0"},
            {"name": "Choose one", "by": "assisted", "who": "Planner", "minutes": "8", "decides": True},
        ],
        "freed": "Planners walk the quay twice a shift, which they had stopped doing",
        "took_part": "Four of nine planners, in three afternoons",
        "owner": "alice@harbour.example",
    },
    "experience.adoption": {
        "uses": ["Draw plans for ships that are announced"],
        "never": ["Plans for dangerous cargo"],
        "eligible": 40,
        "contact": "alice@harbour.example",
        "address": "https://planner.harbour.example/",
        "training": "Half a day with wrong plans to be found, and a month with somebody beside them",
        "worries": "That the desk is closed: it is not, and this is written in the agreement of May",
        "target": "60",
        "target_on": "2036-03-31",
        "review_by": "2036-10-31",
    },
    "experience.use": {
        "period": f"{TODAY:%Y-%m}",
        "eligible": 40,
        "active": 26,
        "answers": 800,
        "overridden": 96,
        "checked": 50,
        "wrong": 5,
        "caught": 4,
        "source": "counted",
    },
    "experience.oversight": {
        "mode": "before",
        "reviewers": ["bob@harbour.example"],
        "stop": "Any planner at the desk, by one switch, without asking",
        "at_stake": "Where a ship lies: a wrong plan costs a tide, or a quay",
        "sees": "The tide table, the draught, and how far the three plans differ",
        "overrides": "Draws another plan; nobody counts that against them",
        "awake": "One planted wrong plan a shift, talked over on Fridays",
        "floor": "2",
        "a_day": 30,
        "capacity": 45,
        "escalates_to": "alice@harbour.example",
        "review_by": "2036-10-31",
    },
    "experience.feedback": {
        "what": "Asked for a berth for a ship of 9 m draught and got one of 8 m",
        "wrong": "wrong",
        "harm": False,
        "on": "2026-11-02",
        "by": "employee@harbour.example",
        "verdict": "confirmed",
        "reply": "The draught sheet was old; it is read anew every night now",
        "replied_on": "2026-11-06",
    },
    "experience.tool_request": {
        "tool": "A translator for letters",
        "purpose": "Twenty letters a week from lines abroad, each an hour of work",
        "data": "internal",
        "on": "2026-11-02",
        "by": "employee@harbour.example",
    },
    "experience.rules": {
        "title": "Using AI at work",
        "rules": ["Put nothing about people into a tool that is not on the list", "You answer for what you send"],
        "why": "They keep what people trusted us with where it belongs",
        "owner": "caio@harbour.example",
    },
    "experience.acknowledgement": {
        "person": "employee@harbour.example",
        "read": [
            {"rules": "Using AI at work", "version": 1, "hash": f"sha256:{'0' * 64}", "on": "2026-11-02"},
        ],
    },
}
