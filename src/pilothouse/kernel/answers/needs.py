"""What needs me today: at most three things, most urgent first.

Four kinds compete: a decision that waits for my role, a dated gap that is overdue or due soon, a check that was met a
week ago and no longer is, and, where these leave room, the gaps with the most risk for the least effort. The most
urgent of each kind stands for the others, which are counted beside it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.answers.findings import check_title, open_gaps
from pilothouse.kernel.answers.values import RUNNING, Need, rows
from pilothouse.kernel.checks.models import FindingRow
from pilothouse.kernel.checks.rules.gaps import TIER_RISK
from pilothouse.kernel.checks.selectors import rows_of
from pilothouse.kernel.decisions.selectors import waiting_for
from pilothouse.kernel.gates.models import Gap

MOST = 3
SOON = timedelta(days=14)
WORSE_DAYS = 7


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
    was_met = FindingRow.objects.filter(
        system=OuterRef("system"), check_id=OuterRef("check_id"), status="met", to_at__gte=since, to_at__lte=now
    )
    worse = list(
        rows_of(actor)
        .filter(Exists(was_met), to_at=None, from_at__gte=since, system__stage__in=RUNNING)
        .exclude(status__in=("met", "waived"))
        .values_list("check_id", "system__number", "system__name", "system__tier", "reason")[:2000]
    )
    if not worse:
        return []
    by_check: defaultdict[str, list[tuple[str, int, str, str, str]]] = defaultdict(list)
    for row in worse:
        by_check[row[0]].append(row)
    check_id, hit = max(by_check.items(), key=lambda item: (sum(TIER_RISK[row[3]] for row in item[1]), item[0]))
    one = len(hit) == 1
    title = check_title(check_id)
    return [
        Need(
            "worse",
            f"{title}: {'S-' + str(hit[0][1]) if one else str(len(hit)) + ' running systems'} met it last week and"
            f" no longer {'does' if one else 'do'}",
            hit[0][4] if one else f"For example S-{hit[0][1]} {hit[0][2]}: {hit[0][4]}",
            rank=80 if any(row[3] in ("high", "unknown") for row in hit) else 55,
            act="See why",
            more=len(worse) - len(hit),
            rows_query="" if one else rows(("number", ",".join(str(row[1]) for row in hit))),
            system_number=hit[0][1] if one else None,
        )
    ]


def _gaps(actor: Actor, most: int) -> list[Need]:
    """The checks whose mending in running systems takes away the most risk for the least effort."""
    ranked = list(
        rows_of(actor)
        .filter(to_at=None, system__stage__in=RUNNING, weight__gt=0)
        .order_by()
        .values("check_id")
        .annotate(n=Count("pk"), weight=Sum("weight"), nobody=Count("pk", filter=Q(status="unknown")))
        .order_by("-weight", "check_id")[:most]
    )
    return [
        Need(
            "gap",
            f"{check_title(row['check_id'])}: missing for {_running(row['n'])}",
            "Closing it takes away the most risk for the least effort."
            + (f" For {row['nobody']} of them nobody has answered." if row["nobody"] else ""),
            rank=30 * row["weight"] / ranked[0]["weight"],
            act="See the systems",
            rows_query=rows(("stage", RUNNING), ("finding", row["check_id"])),
        )
        for row in ranked
    ]


def _running(count: int) -> str:
    return f"{count} running system{'' if count == 1 else 's'}"


def _numbers(gaps: QuerySet[Gap], now: datetime, overdue: int) -> str:
    """The numbers of the systems that have such gaps, as the list's filter takes them."""
    chosen = gaps.filter(due_at__lt=now) if overdue else gaps
    return ",".join(str(n) for n in sorted(set(chosen.values_list("system__number", flat=True))))
