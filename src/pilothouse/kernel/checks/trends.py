"""Figures over time, read back from rows that say from when to when something held: findings, and answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.checks.models import AnswerRow, FindingRow
from pilothouse.kernel.checks.rules.domains import Counted
from pilothouse.kernel.domain import Status, TrendPoint, registry
from pilothouse.kernel.inventory.selectors import systems

WEEKS = 52


def rows_of(actor: Actor) -> QuerySet[FindingRow]:
    """The finding rows, of any time, about systems that the actor may see."""
    return _seen(FindingRow.objects.filter(organisation_id=actor.organisation_id), actor)


def answer_rows(actor: Actor) -> QuerySet[AnswerRow]:
    """What answers count, at any time, of systems that the actor may see."""
    return _seen(AnswerRow.objects.filter(organisation_id=actor.organisation_id), actor).order_by()


def _seen(rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    return rows if actor.scope("system.view").everywhere else rows.filter(system__in=systems(actor))


def trend(
    actor: Actor, *, check: str = "", domain: str = "", days: int = 90, now: datetime | None = None
) -> list[TrendPoint]:
    """How much was met of what was asked at the end of each of the last days (today: now), by one check, a domain or
    all, in three queries. Counts findings; see `answer_trends` for systems."""
    rows = rows_of(actor).order_by()
    if check:
        rows = rows.filter(check_id=check)
    elif domain:
        rows = rows.filter(check_id__in=[c.id for c in registry.checks.values() if c.domain == domain])
    moment = now or clock.now()
    zone = zone_of(actor.organisation_id)
    ends = _ends(moment, zone, days, 1)
    moves = ((day, "", status, n) for day, (status,), n in _moves(rows, ("status",), ends[0], moment, zone))
    return _points(moves, ends, Status.MET, Status.UNKNOWN).get("") or [TrendPoint(day, None) for day in ends]


def answer_trends(actor: Actor, now: datetime) -> dict[str, list[TrendPoint]]:
    """Domain id → its answer by findings at the end of each week for a year (the last: now), in three queries."""
    zone = zone_of(actor.organisation_id)
    ends = _ends(now, zone, WEEKS + 1, 7)
    found = _moves(answer_rows(actor), ("domain", "counted"), ends[0], now, zone)
    moves = ((day, domain, state, n) for day, (domain, state), n in found)
    return _points(moves, ends, Counted.MET, Counted.UNKNOWN)


def share(numerator: int, denominator: int, unknown: int) -> float | None:
    """Of 100, to one decimal. None where nothing is asked, or where all that is asked is unknown: that is not zero."""
    return round(100 * numerator / denominator, 1) if denominator > unknown else None


def _ends(now: datetime, zone: ZoneInfo, count: int, step: int) -> list[date]:
    """The days of the points, first to last, `step` days apart; the last is today."""
    today = now.astimezone(zone).date()
    return [today - timedelta(days=step * back) for back in reversed(range(count))]


def _moves(
    rows: QuerySet[Any], fields: Sequence[str], first: date, now: datetime, zone: ZoneInfo
) -> Iterator[tuple[date, tuple[str, ...], int]]:
    """(day, values of the fields, how many more or fewer rows held): what held at the end of `first` stands there."""
    begin = end_of(first, zone)
    before = rows.filter(from_at__lt=begin).filter(Q(to_at=None) | Q(to_at__gte=begin))
    for *values, count in before.values_list(*fields).annotate(n=Count("pk")):
        yield first, tuple(values), count
    for field, sign in (("from_at", 1), ("to_at", -1)):
        inside = rows.filter(**{f"{field}__gte": begin, f"{field}__lte": now})
        for *values, moment, count in inside.values_list(*fields, field).annotate(n=Count("pk")):
            yield moment.astimezone(zone).date(), tuple(values), sign * count


def _points(
    moves: Iterable[tuple[date, str, str, int]], ends: Sequence[date], met: str, unknown: str
) -> dict[str, list[TrendPoint]]:
    """Key → its points at the end of each of `ends`, from moves of (day, key, status, count)."""
    by_key: defaultdict[str, list[tuple[date, str, int]]] = defaultdict(list)
    for day, key, status, count in moves:
        by_key[key].append((day, status, count))
    found = {}
    for key, changes in by_key.items():
        changes.sort(key=lambda change: change[0])
        held, at, points = [0, 0, 0], 0, []
        for end in ends:
            while at < len(changes) and changes[at][0] <= end:
                _, status, count = changes[at]
                held[0] += count if status == met else 0
                held[1] += count
                held[2] += count if status == unknown else 0
                at += 1
            numerator, denominator, open_ = held
            points.append(TrendPoint(end, share(numerator, denominator, open_), numerator, denominator, open_))
        found[key] = points
    return found


def zone_of(organisation_id: UUID) -> ZoneInfo:
    """The organisation's time zone, in which its days end."""
    return ZoneInfo(Organisation.objects.values_list("time_zone", flat=True).get(pk=organisation_id))


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which a day ends there."""
    return datetime.combine(day + timedelta(days=1), time.min, zone)
