"""What one call takes from limits and budgets: its charges, before and after."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from pilothouse.contracts.policy.budgets import Tokens, cost, span, worst_case
from pilothouse.contracts.policy.events import Reservation
from pilothouse.contracts.policy.request import Route, Verdict
from pilothouse.contracts.policy.snapshot import Budget, Snapshot, Window
from pilothouse.gateway.counters import Charge
from pilothouse.gateway.dialects.base import BYTES_PER_TOKEN, Asked, Used

MINUTE = 60


class Bill:
    """The charges of one call: what is held while it runs, what remains when it is over."""

    __slots__ = ("charges", "guess", "most_output", "reserved", "worst")

    def __init__(self, snapshot: Snapshot, verdict: Verdict, asked: Asked, size: int, now: datetime) -> None:
        # A token is at least a byte of the request, whatever the language, so the body's size bounds the input.
        self.most_output = output_bound(verdict, asked)
        output = self.most_output * asked.choices
        self.guess = Tokens(input=size // BYTES_PER_TOKEN, output=output)
        self.worst = 0
        for route in verdict.routes:
            if route.price is not None:
                self.worst = max(self.worst, worst_case(route.price, size, output))
        minute = int(now.timestamp()) // MINUTE
        self.charges = limits(verdict, self.guess.total, minute * MINUTE)
        reserved = []
        for budget in verdict.budgets:
            name = slot_at(budget, minute, snapshot.time_zone)
            reserved.append(Reservation(name, budget.id, self.worst))
            self.charges.append(account(name, self.worst, budget.cap))
        self.reserved = tuple(reserved)

    def amounts(self, tokens: Tokens, cost: int) -> list[int]:
        """What each charge comes to in the end, in the order of `charges`."""
        total = tokens.total
        return [cost if charge.account.startswith("budget:") else total for charge in self.charges]


def slot_at(budget: Budget, minute: int, zone: str) -> str:
    """`budgets.slot` at a minute since 1970. All windows begin with a minute, so it is worked out once in each."""
    return f"{budget.id}@{_start(budget.window, minute, zone)}"


@lru_cache(maxsize=256)
def _start(window: Window, minute: int, zone: str) -> int:
    return int(span(window, datetime.fromtimestamp(minute * MINUTE, UTC), zone).start.timestamp())


def output_bound(verdict: Verdict, asked: Asked) -> int:
    """The most output tokens of one choice: what the request says, else the model's maximum."""
    if asked.most_output is not None:
        return asked.most_output
    return verdict.alias.max_output if verdict.alias else 0


def account(slot_name: str, amount: int, cap: int | None) -> Charge:
    """A budget's charge from the name of its counter, `<budget>@<start of its window>` (see `budgets.slot`)."""
    name, _, start = slot_name.rpartition("@")
    return Charge(f"budget:{name}", int(start), amount, cap)


def limits(verdict: Verdict, tokens: int, now: int) -> list[Charge]:
    """The charges of limits a minute and at the same time."""
    minute = now - now % MINUTE
    charges = []
    for limit in verdict.limits:
        who, most = f"{limit.scope}:{limit.scope_id}", limit.limits
        if most.concurrent is not None:
            charges.append(Charge(f"concurrent:{who}", 0, 1, most.concurrent, "nothing"))
        if most.tokens_per_minute is not None:
            charges.append(Charge(f"tokens:{who}", minute, tokens, most.tokens_per_minute))
        if most.requests_per_minute is not None:
            charges.append(Charge(f"requests:{who}", minute, 1, most.requests_per_minute, "at_once"))
    return charges


def estimated(used: Used, size: int) -> Tokens:
    """Tokens that nobody told: from the sizes, or from what was told at the beginning."""
    output = max(used.seen // BYTES_PER_TOKEN, 1 if used.seen else 0)
    if used.begun is not None:
        begun = used.begun
        return Tokens(begun.input, max(begun.output, output), begun.cache_read, begun.cache_write)
    return Tokens(input=size // BYTES_PER_TOKEN, output=output)


def price_of(route: Route, tokens: Tokens) -> int:
    return cost(route.price, tokens) if route.price is not None else 0
