"""The share of use cases that data blocks, counted by hand, and the rows behind it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.platform.answer import BLOCKED, answer, blocked_condition, describe_blocked
from pilothouse.domains.platform.tests.papers import PAPERS
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.actions import record_withdraw, records_seal
from pilothouse.kernel.records.models import Record

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BLOCKER, READINESS = "platform.blocker", "platform.data_readiness"


def blocker(kind, since, **changes):
    return PAPERS[BLOCKER] | {"kind": kind, "since": since, "title": f"{kind} since {since}"} | changes


@pytest.fixture
def six(cast):
    """Six use cases added in January: blocked by data; by data and the model; by the model; assessed and free; once
    blocked by legacy, cleared in October; and one of which nobody said anything. A seventh is retired."""
    caio = cast.actor("caio")
    with time_machine.travel(datetime(2026, 1, 10, tzinfo=UTC), tick=False):
        made = [system_create(actor=caio, name=f"System {n}") for n in range(7)]
        records_seal(actor=caio, kind="platform.data_source", bodies=[(None, PAPERS["platform.data_source"])])
    System.objects.filter(pk=made[6].pk).update(stage="retired", stage_since=datetime(2026, 7, 15, tzinfo=UTC))
    with time_machine.travel(datetime(2026, 11, 1, tzinfo=UTC), tick=False):
        cleared = {"cleared_on": "2026-10-10", "cleared_how": "The export was built"}
        bodies = [
            (made[0], blocker("data_access", "2026-06-15")),
            (made[1], blocker("data_quality", "2026-09-15")),
            (made[1], blocker("model", "2026-09-20")),
            (made[2], blocker("model", "2026-03-01")),
            (made[4], blocker("legacy", "2026-02-10", **cleared)),
            (made[6], blocker("legacy", "2026-02-10")),
        ]
        records_seal(actor=caio, kind=BLOCKER, bodies=bodies)
        records_seal(actor=caio, kind=READINESS, bodies=[(made[3], PAPERS[READINESS])])
    return made


def test_counted_by_hand(cast, six):
    figure = answer(cast.actor("caio"), NOW)
    assert (figure.numerator, figure.denominator, figure.unknown, figure.value) == (2, 6, 1, 33.3)
    assert (figure.unit, figure.rows) == ("%", "systems/?blocked=data")
    assert figure.because == (
        "2 of 6 use cases are blocked by data access, data quality or a legacy system, 2 by the model; "
        "of 1 nobody can say."
    )


def test_the_trend_is_read_from_the_dates(cast, six):
    trend = {point.day: point for point in answer(cast.actor("caio"), NOW).trend}
    assert next(iter(trend)) == date(2025, 11, 30)
    assert list(trend)[-2:] == [date(2026, 10, 31), date(2026, 11, 23)]
    assert (trend[date(2025, 12, 31)].value, trend[date(2025, 12, 31)].denominator) == (None, 0)
    told = {day: (p.numerator, p.denominator, p.unknown) for day, p in trend.items()}
    assert told[date(2026, 1, 31)] == (0, 7, 7)
    assert trend[date(2026, 1, 31)].value is None
    assert told[date(2026, 2, 28)] == (2, 7, 5)
    assert told[date(2026, 6, 30)] == (3, 7, 3)
    assert told[date(2026, 7, 31)] == (2, 6, 3)
    assert told[date(2026, 9, 30)] == (3, 6, 2)
    assert told[date(2026, 10, 31)] == (2, 6, 2)


@pytest.mark.parametrize(
    ("value", "which"),
    [("data", {0, 1}), ("data_access", {0}), ("model", {1, 2}), ("legacy", set()), ("legal", set()), ("unknown", {5})],
)
def test_the_rows_are_what_was_counted(cast, six, value, which):
    caio = cast.actor("caio")
    found = systems(caio).filter(blocked_condition(caio, value))
    assert set(found.values_list("pk", flat=True)) == {six[n].pk for n in which}


def test_no_such_filter(cast):
    with pytest.raises(Invalid):
        blocked_condition(cast.actor("caio"), "aliens")
    assert all(describe_blocked(value).startswith("Blocked") for value in BLOCKED)


def test_nothing_is_known_of_nothing(cast):
    figure = answer(cast.actor("caio"), NOW)
    assert (figure.value, figure.denominator) == (None, 0)


def test_what_is_withdrawn_does_not_count(cast, six):
    caio = cast.actor("caio")
    for row in Record.objects.filter(kind__in=(BLOCKER, READINESS), state="sealed"):
        record_withdraw(actor=caio, record=row, reason="Written about the wrong system")
    figure = answer(caio, NOW)
    assert (figure.value, figure.unknown, figure.denominator) == (None, 6, 6)


def test_an_owner_counts_what_they_may_see(cast, six):
    System.objects.filter(pk=six[0].pk).update(owner=cast.people["alice"])
    figure = answer(cast.actor("alice"), NOW)
    assert (figure.numerator, figure.denominator) == (1, 1)
    assert answer(cast.actor("charlie"), NOW).denominator == 0


def test_queries_do_not_grow(cast, six, django_assert_max_num_queries):
    caio = cast.actor("caio")
    with django_assert_max_num_queries(3):
        answer(caio, NOW)
