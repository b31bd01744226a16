"""What changed since last week, read from the ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.answers.values import Answer, of_systems, rows
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.ledger.selectors import Told, action_title, tell

DAYS = 7
LATEST = 6
LOOKED_AT = 300


@dataclass(frozen=True, slots=True)
class ActionCount:
    """How often one thing was done."""

    action: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Changes:
    """The week: systems changed and added, what was done how often, the latest entries with their system's number."""

    since: datetime
    changed: Answer
    added: int
    actions: tuple[ActionCount, ...]
    latest: tuple[tuple[Told, int | None], ...]


def changes(actor: Actor, now: datetime) -> Changes:
    """What changed in the last seven days, in a constant number of queries."""
    since = now - timedelta(days=DAYS)
    seen = systems(actor).order_by()
    counted = seen.aggregate(
        all=Count("pk"),
        changed=Count("pk", filter=_since("changed_at", since)),
        added=Count("pk", filter=_since("created_at", since)),
    )
    entries = _entries(actor).filter(at__gte=since)
    counts = entries.order_by().values_list("action").annotate(n=Count("pk")).order_by("-n", "action")
    told = tell(entries.select_related("content__erased_by").filter(pk__in=_varied(entries)).order_by("-seq"))
    ids = {entry.system_id for entry in told if entry.system_id}
    numbers = dict(seen.filter(pk__in=ids).values_list("pk", "number"))
    question = "How many systems changed in the last seven days?"
    return Changes(
        since=since,
        changed=of_systems(
            "changes.systems", question, counted["changed"], counted["all"], rows(("changed_since", f"{DAYS}d"))
        ),
        added=counted["added"],
        actions=tuple(ActionCount(action, action_title(action), n) for action, n in counts),
        latest=tuple((entry, numbers.get(entry.system_id) if entry.system_id else None) for entry in told),
    )


def _varied(entries: QuerySet[Entry]) -> list[UUID]:
    """The newest entries, at most two of a kind, so that one job's hundred do not hide what people did."""
    seen: Counter[str] = Counter()
    chosen: list[UUID] = []
    for pk, action in entries.order_by("-seq").values_list("pk", "action")[:LOOKED_AT]:
        seen[action] += 1
        if seen[action] <= 2 and len(chosen) < LATEST:
            chosen.append(pk)
    return chosen


def _entries(actor: Actor) -> QuerySet[Entry]:
    """The ledger's entries that the actor may read: all with `ledger.view` everywhere, else those of their systems."""
    entries: QuerySet[Entry] = Entry.objects.of(actor)
    if actor.scope("ledger.view").everywhere:
        return entries
    return entries.filter(system_id__in=systems(actor).order_by().values("pk"))


def _since(field: str, moment: datetime) -> Q:
    return Q(**{f"{field}__gte": moment})
