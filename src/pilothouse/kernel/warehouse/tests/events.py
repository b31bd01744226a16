"""Made-up events for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from pilothouse.contracts.policy.budgets import Tokens
from pilothouse.contracts.policy.events import Check, Feedback, Intent, Refusal, Settlement

ORG = str(UUID(int=1))
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def about(minutes: float = 0, **said: Any) -> dict[str, Any]:
    call = said.pop("call", "") or str(uuid4())
    return {
        "id": f"{call}/e",
        "call": call,
        "at": NOON + timedelta(minutes=minutes),
        "organisation": ORG,
        "revision": 3,
        "system": "s1",
        "model": "gpt-x",
        "upstream": "main",
        "target": "gpt-x-1",
    } | said


def settlement(minutes: float = 0, **said: Any) -> Settlement:
    basic = {
        "tokens": Tokens(input=100, output=20),
        "cost": 1500,
        "currency": "EUR",
        "latency_ms": 200,
        "finish": "stop",
    }
    return Settlement(**(about(minutes) | basic | said))


def intent(minutes: float = 0, **said: Any) -> Intent:
    return Intent(**about(minutes, **said))


def refusal(minutes: float = 0, **said: Any) -> Refusal:
    return Refusal(**(about(minutes) | {"code": "budget_exhausted", "reason": "No.", "status": 429} | said))


def check(minutes: float = 0, **said: Any) -> Check:
    return Check(**about(minutes, source="evaluate", **said))


def feedback(minutes: float = 0, **said: Any) -> Feedback:
    return Feedback(**(about(minutes) | {"rating": 800} | said))
