"""What needs me today: at most three things, most urgent first.

Four kinds compete: a decision that waits for my role, a dated gap that is overdue or due soon, a check that was met a
week ago and no longer is, and, where these leave room, the gaps with the most risk for the least effort. The most
urgent of each kind stands for the others, which are counted beside it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.answers.findings import CheckCount, check_title, open_gaps, running_checks
from pilothouse.kernel.answers.values import RUNNING, Need, rows
from pilothouse.kernel.checks.models import FindingRow
from pilothouse.kernel.checks.rules.gaps import TIER_RISK
from pilothouse.kernel.checks.trends import rows_of
from pilothouse.kernel.decisions.selectors import waiting_for
from pilothouse.kernel.gates.models import Gap

MOST = 3
SOON = timedelta(days=14)
WORSE_DAYS = 7
HEAVIEST = 300


def needs(actor: Actor, now: datetime, most: int = MOST) -> list[Need]:
    """What needs the actor today, in a constant number of queries."""
    found = [*_decisions(actor, now), *_deadlines(actor, now), *_worse(actor, now)]
    if len(found) < most:
        found += _gaps(actor, most - len(found))
    return sorted(found, key=lambda need: -need.rank)[:most]


def _decisions(actor: Actor, now: datetime) -> list[Need]:
    waiting = waiting_for(actor, now)
    first = waiting.first()
    if first is None:
        return []
    left = first.deadline - now
    about = f" about S-{first.system.number}" if first.system else ""
    return [
        Need(
            "decision",
            first.title,
            f"{first.requested_name} asked{about} and it waits for your role. Silence is passed on; it never approves.",
            rank=100 if left < timedelta() else 90 if left < timedelta(days=2) else 70 if first.high_risk else 60,
            act="Decide",
            due=first.deadline,
            more=waiting.count() - 1,
            decision_id=str(first.pk),
        )
    ]


def _deadlines(actor: Actor, now: datetime) -> list[Need]:
    """Dated gaps that are overdue or due soon: of one's own systems when one owns any such, else of all one sees."""
    gaps = open_gaps(actor).filter(due_at__lt=now + SOON)
    own = gaps.filter(Q(system__owner__in=actor.stands_for) | Q(system__deputy__in=actor.stands_for))
    first: Gap | None = None
    for reach in (own, gaps):
        first = reach.select_related("system").order_by("due_at", "pk").first()
        if first is not None:
            counted = reach.aggregate(
                all=Count("pk"), overdue=Count("pk", filter=Q(due_at__lt=now)), systems=Count("system", distinct=True)
            )
            break
    if first is None:
        return []
    overdue = counted["overdue"]
    many = counted["systems"] > 1
    what = f"{overdue} dated gaps are overdue" if overdue > 1 else "A dated gap is overdue" if overdue else ""
    soon = f"{counted['all']} dated gaps are due within two weeks" if counted["all"] > 1 else "A dated gap is due soon"
    return [
        Need(
            "deadline",
            what or soon,
            f"First: “{first.title}” of S-{first.system.number} {first.system.name}."
            " It was found running and may go on; what is missing has a date.",
            rank=95 if overdue and first.system.tier == "high" else 85 if overdue else 50,
            act="See the systems" if many else "Close the gap",
            due=first.due_at,
            more=counted["all"] - 1,
            rows_query=rows(("number", _numbers(reach, now, overdue))) if many else "",
            system_number=first.system.number,
            path="gates/",
        )
    ]


def _worse(actor: Actor, now: datetime) -> list[Need]:
    """Checks that running systems met within the last week and no longer do."""
    since = now - timedelta(days=WORSE_DAYS)
    was_met = set(
        rows_of(actor).filter(to_at__gte=since, status="met").order_by().values_list("system_id", "check_id").distinct()
    )
    if not was_met:
        return []
    opened = (
        rows_of(actor)
        .filter(to_at=None, from_at__gte=since, weight__gt=0, system__stage__in=RUNNING)
        .order_by()
        .values_list("system_id", "check_id", "system__number", "system__tier", "pk")
    )
    worse = [row for row in opened if row[:2] in was_met]
    by_check: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in worse:
        by_check[row[1]].append(row)
    if not worse:
        return []
    check_id, hit = max(by_check.items(), key=lambda item: (sum(TIER_RISK[row[3]] for row in item[1]), item[0]))
    example = FindingRow.objects.select_related("system").get(
        pk=min(hit, key=lambda row: (-TIER_RISK[row[3]], row[2]))[4]
    )
    one, title = len(hit) == 1, check_title(check_id)
    told = f"S-{example.system.number} {example.system.name}: {example.reason}"
    return [
        Need(
            "worse",
            f"{title}: {'S-' + str(hit[0][2]) if one else str(len(hit)) + ' running systems'} met it last week and"
            f" no longer {'does' if one else 'do'}",
            told if one else f"For example {told}",
            rank=80 if any(row[3] in ("high", "unknown") for row in hit) else 55,
            act="See why",
            more=len(worse) - len(hit),
            rows_query="" if one else rows(("number", ",".join(str(row[2]) for row in hit))),
            system_number=hit[0][2] if one else None,
        )
    ]


def _gaps(actor: Actor, most: int) -> list[Need]:
    """The checks whose mending in running systems takes away the most risk for the least effort."""
    # The heaviest few hundred gaps come straight off an index and tell which checks matter; those alone are counted.
    heaviest = rows_of(actor).filter(to_at=None, weight__gt=0).order_by("-weight").values_list("check_id", "weight")
    weights: Counter[str] = Counter()
    for check_id, weight in heaviest[:HEAVIEST]:
        weights[check_id] += weight
    checks = running_checks(actor, [check_id for check_id, _ in weights.most_common(most + 2)])
    found = [check for check in checks.values() if check.gaps][:most]
    return [
        Need(
            "gap",
            f"{check.title}: missing for {f'S-{check.first}' if check.gaps == 1 else f'{check.gaps} running systems'}",
            f"Closing it takes away the most risk for the least effort.{_unanswered(check)}",
            rank=30 - at,
            act="See the system" if check.gaps == 1 else "See the systems",
            rows_query="" if check.gaps == 1 else check.rows_query,
            system_number=check.first if check.gaps == 1 else None,
        )
        for at, check in enumerate(found)
    ]


def _unanswered(check: CheckCount) -> str:
    if check.unknown and check.unknown == check.gaps:
        return " Nobody has answered it yet."
    return f" For {check.unknown} of them nobody has answered." if check.unknown else ""


def _numbers(gaps: QuerySet[Gap], now: datetime, overdue: int) -> str:
    """The numbers of the systems that have such gaps, as the list's filter takes them."""
    chosen = gaps.filter(due_at__lt=now) if overdue else gaps
    return ",".join(str(n) for n in sorted(set(chosen.values_list("system__number", flat=True))))
