"""One call that somebody else saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pilothouse.contracts.policy.budgets import Tokens

NONE = Tokens()


@dataclass(frozen=True, slots=True)
class Seen:
    """`line` is its place in what was read, `id` what makes it the same call when told again, `cost` micro-units of
    the organisation's currency where it was told. `system` is a system's number or name, as the teller calls it."""

    line: int
    id: str
    at: datetime | None
    model: str = ""
    model_reported: str = ""
    provider: str = ""
    operation: str = ""
    system: str = ""
    person: str = ""
    agent: str = ""
    conversation: str = ""
    tokens: Tokens = NONE
    cost: int | None = None
    latency_ms: int = 0
    status: int = 200
