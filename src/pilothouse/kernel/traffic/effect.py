"""Which of last week's calls would other rules have refused? The gateway's own judgement, over calls that were made.

Of a call is kept who made it, with which model, for what and with what class of data. Its size, the regions that it
wished for and the decision that it served are not, so rules about those are not judged here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pilothouse.contracts.policy.evaluate import evaluate
from pilothouse.contracts.policy.request import CallRequest
from pilothouse.contracts.policy.snapshot import Snapshot, Suspensions
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.policy.compile import compile_snapshot, compile_stops
from pilothouse.kernel.policy.rules import clean_rules, plain
from pilothouse.kernel.traffic.selectors import reading
from pilothouse.kernel.warehouse.asking import Warehouse
from pilothouse.kernel.warehouse.tables import Row

WINDOW = timedelta(days=7)
SHAPE = ("key", "endpoint", "model", "purpose", "data_classes", "person", "agent")


@dataclass(frozen=True, slots=True)
class Refused:
    """One reason for which calls would be refused, with how many and what they cost (micro-units)."""

    code: str
    reason: str
    change: str
    calls: int
    cost: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change of rules would have done to the calls since `since`: how many were judged, and what is refused
    that now is not. `over` were made with keys that no longer live. `held` are those for which the rules on every
    answer or on the random audit would have had a reviewer come first."""

    since: datetime
    calls: int
    over: int
    refused: tuple[Refused, ...]
    held: int = 0

    @property
    def total(self) -> int:
        """How many calls would have been refused."""
        return sum(line.calls for line in self.refused)


def effect_of_rules(actor: Actor, system: System, body: Mapping[str, Any], now: datetime) -> Effect:
    """What `body`, put in the place of a system's rules, would have done to its calls of the last seven days.

    Raises Invalid for rules that could not be saved.
    """
    actor.require("traffic.view", system)
    rules = plain(clean_rules(body))
    organisation = Organisation.objects.get(pk=actor.organisation_id)
    before = compile_snapshot(organisation, now)
    after = compile_snapshot(organisation, now, {system.pk: rules})
    with reading(actor, now - WINDOW, now) as warehouse:
        shapes = _shapes(warehouse, str(system.pk))
    effect = _compare(before, after, compile_stops(organisation, before), shapes, now)
    rule = clean_rules(body).hold
    return replace(effect, held=effect.calls if rule.every else round(effect.calls * rule.sample_per_mille / 1000))


def _shapes(warehouse: Warehouse, system: str) -> list[Row]:
    """Calls that the judgement cannot tell apart, counted together, so that a week of millions is judged in a blink."""
    usage = warehouse.table("usage")
    mine = usage.filter((usage.system == system) & (usage.key != ""))
    return warehouse.rows(mine.group_by(list(SHAPE)).agg(calls=mine.count(), cost=mine.cost.sum().fill_null(0)))


def _compare(before: Snapshot, after: Snapshot, stops: Suspensions, shapes: Iterable[Row], now: datetime) -> Effect:
    hashes = {key.id: digest for digest, key in before.keys.items()}
    found: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    judged = over = 0
    for shape in shapes:
        calls, cost = int(shape["calls"]), int(shape["cost"])
        if shape["key"] not in hashes:
            over += calls
            continue
        judged += calls
        request = _request(hashes[shape["key"]], shape)
        verdict = evaluate(after, stops, request, now)
        if not verdict.allow and evaluate(before, stops, request, now).allow:
            line = found[verdict.code, verdict.reason, verdict.change]
            line[0] += calls
            line[1] += cost
    lines = sorted((Refused(*said, *sums) for said, sums in found.items()), key=lambda line: -line.calls)
    return Effect(now - WINDOW, judged, over, tuple(lines))


def _request(digest: str, shape: Row) -> CallRequest:
    said: dict[str, Any] = {name: shape[name] or "" for name in ("endpoint", "model", "purpose", "person", "agent")}
    classes = frozenset((shape["data_classes"] or "").split())
    # Whoever was let through had shown themselves as the key asks.
    return CallRequest(key=digest, data_classes=classes, person_verified=True, **said)
