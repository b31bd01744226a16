"""Which target a call goes to, in which order others are tried, and which are left alone for a while."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

from pilothouse.contracts.policy.request import Route

FAILURES = 5  # in a row, after which a target is left alone
PAUSE = 10.0  # seconds; then one call tries again
# The provider is overloaded or broken: another one, or the same a little later, may answer.
RETRYABLE = frozenset({408, 429, 500, 502, 503, 504, 529})


@dataclass(slots=True)
class Circuit:
    failures: int = 0
    open_until: float = 0.0


class Breaker:
    """Remembers who fails. One for each worker: a worker that cannot reach somebody need not be believed by others."""

    def __init__(self) -> None:
        self._circuits: dict[str, Circuit] = {}

    def lets_through(self, name: str, now: float) -> bool:
        """May `name` be tried? After the pause one call may, and the next only when that one has succeeded."""
        circuit = self._circuits.get(name)
        if circuit is None or circuit.failures < FAILURES:
            return True
        if now < circuit.open_until:
            return False
        circuit.open_until = now + PAUSE
        return True

    def succeeded(self, name: str) -> None:
        self._circuits.pop(name, None)

    def failed(self, name: str, now: float) -> None:
        circuit = self._circuits.setdefault(name, Circuit())
        circuit.failures += 1
        if circuit.failures >= FAILURES:
            circuit.open_until = now + PAUSE

    def open(self, now: float) -> list[str]:
        """Who is left alone now."""
        return [
            name
            for name, circuit in self._circuits.items()
            if circuit.failures >= FAILURES and now < circuit.open_until
        ]


def order(routes: Sequence[Route], sticky: str) -> list[Route]:
    """Targets in the order in which they are tried: equals by weight, then fallbacks as they were written down.

    With `sticky` (a conversation) the draw is the same each time, as long as the targets are.
    """
    firsts = [route for route in routes if not route.target.fallback and route.target.weight > 0]
    if len(firsts) > 1:
        firsts.sort(key=lambda route: _draw(route, sticky), reverse=True)
    return firsts + [route for route in routes if route.target.fallback]


def _draw(route: Route, sticky: str) -> float:
    """A weighted draw (Efraimidis and Spirakis, 2006): the largest of u^(1/w) is each with its weight's share.

    Drawn from a hash of both names, it is rendezvous hashing: when a target goes away, only its own calls move.
    """
    if not sticky:
        u = random.random()  # noqa: S311  which target, not a secret
    else:
        name = f"{sticky}\n{route.target.upstream}/{route.target.model}"
        u = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64
    return float(u ** (1 / route.target.weight))
