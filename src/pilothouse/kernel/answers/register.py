"""Answers that the register itself gives: where systems stand, and what running ones lack. Pure aggregates in SQL."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.answers.values import RUNNING, Answer, Breakdown, Slice, of_systems, rows
from pilothouse.kernel.inventory.models import ControlPoint, Impact, Stage, Tier
from pilothouse.kernel.inventory.query import MISSING
from pilothouse.kernel.inventory.selectors import systems

_FIELDS = (
    ("stage", "Stage", Stage),
    ("tier", "Tier", Tier),
    ("impact", "Rights and safety", Impact),
    ("control_point", "Control point", ControlPoint),
)
# Fields whose value `unknown` means that nobody has said. An intake without answers is an empty object.
_UNKNOWNS: dict[str, Q] = {
    "stage": Q(stage="unknown"),
    "tier": Q(tier="unknown"),
    "impact": Q(impact="unknown"),
    "personal_data": Q(personal_data="unknown"),
    "sourcing": Q(sourcing="unknown"),
    "intake": Q(intake={}),
}
_UNKNOWN_QUESTIONS = {
    "stage": "Where in its life is it?",
    "tier": "How much should be asked of it?",
    "impact": "Does it touch people's rights or safety?",
    "personal_data": "Does it use personal data?",
    "sourcing": "Was it built here or bought?",
    "intake": "Were the intake questions answered?",
}


@dataclass(frozen=True, slots=True)
class Register:
    """What the register answers about the systems that the actor may see."""

    total: int
    running: int
    inherited: int
    breakdowns: tuple[Breakdown, ...]
    without: tuple[Answer, ...]
    unknowns: tuple[Answer, ...]

    @property
    def answers(self) -> list[Answer]:
        """Everything as answers, the breakdowns included."""
        by_value = [
            of_systems(
                f"systems.{breakdown.id}.{part.value}",
                f"How many systems: {breakdown.title.lower()} is “{part.label}”?",
                part.count,
                breakdown.total,
                part.rows_query,
            )
            for breakdown in self.breakdowns
            for part in breakdown.slices
        ]
        return [
            of_systems("systems", "How many systems are there?", self.total, self.total),
            of_systems(
                "systems.running",
                "How many systems are running, as a pilot or in production?",
                self.running,
                self.total,
                rows(("stage", RUNNING)),
            ),
            *by_value,
            *self.without,
            *self.unknowns,
        ]


def register(actor: Actor) -> Register:
    """The register's answers, in two queries however many systems there are."""
    seen = systems(actor).order_by()
    keys = [key for key, _, _ in _FIELDS]
    combinations = list(seen.values_list(*keys).annotate(n=Count("pk")).values_list(*keys, "n"))
    running_q = Q(stage__in=RUNNING)
    counted = seen.aggregate(
        inherited=Count("pk", filter=Q(inherited_at__isnull=False) & running_q),
        no_owner=Count("pk", filter=Q(owner=None) & running_q),
        no_outcome=Count("pk", filter=Q(outcome="") & running_q),
        **{f"unknown_{key}": Count("pk", filter=condition) for key, condition in _UNKNOWNS.items()},
    )
    total = sum(row[-1] for row in combinations)
    running = sum(row[-1] for row in combinations if row[0] in RUNNING)
    return Register(
        total=total,
        running=running,
        inherited=counted["inherited"],
        breakdowns=tuple(_breakdown(at, combinations, total) for at in range(len(_FIELDS))),
        without=(
            _without("owner", "How many running systems have no owner?", counted["no_owner"], running),
            _without("outcome", "How many running systems name no outcome?", counted["no_outcome"], running),
        ),
        unknowns=tuple(_unknown(key, counted[f"unknown_{key}"], total) for key in _UNKNOWNS),
    )


def _breakdown(at: int, combinations: list[tuple[object, ...]], total: int) -> Breakdown:
    key, title, choices = _FIELDS[at]
    counts: Counter[str] = Counter()
    for row in combinations:
        counts[str(row[at])] += int(str(row[-1]))
    slices = tuple(
        Slice(value, str(label), counts[value], rows((key, value))) for value, label in choices.choices if counts[value]
    )
    return Breakdown(key, title, slices, total)


def _without(key: str, question: str, count: int, running: int) -> Answer:
    query = rows(("stage", RUNNING), ("missing", key))
    return of_systems(f"running.without_{key}", question, count, running, query)


def _unknown(key: str, count: int, total: int) -> Answer:
    query = rows(("missing", key))
    assert key in MISSING, key
    question = _UNKNOWN_QUESTIONS[key]
    return of_systems(f"unknown.{key}", question, count, total, query, unknown=count)
