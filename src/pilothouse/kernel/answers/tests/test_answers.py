"""Answers count what the list shows, no more than the actor may see, in a constant number of queries."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from conftest import Cast
from django.utils import timezone

from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.answers.findings import units
from pilothouse.kernel.answers.needs import needs
from pilothouse.kernel.answers.organisations import side_by_side
from pilothouse.kernel.answers.selectors import answers
from pilothouse.kernel.checks.engine import evaluate
from pilothouse.kernel.gates.models import Gap
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.inventory.selectors import systems_matching

NOW = timezone.now()


def add(cast: Cast, number: int, stage: str, **facts: Any) -> System:
    return System.objects.create(
        organisation=cast.organisation, number=number, name=f"System {number}", stage=stage, **facts
    )


@pytest.fixture
def fleet(cast: Cast) -> list[System]:
    """Nine systems of every kind, judged a month ago and again now."""
    north = Unit.objects.create(organisation=cast.organisation, name="North")
    south = Unit.objects.create(organisation=cast.organisation, name="South")
    below = Unit.objects.create(organisation=cast.organisation, name="South-east", parent=south)
    alice = cast.people["alice"]
    old = NOW - timedelta(days=90)
    made = [
        add(cast, 1, "production", owner=alice, unit=north, tier="high", outcome="Less waiting", created_at=old),
        add(cast, 2, "production", unit=below, tier="high", impact="rights", changed_at=old, created_at=old),
        add(cast, 3, "pilot", owner=alice, unit=south, tier="low", personal_data="none"),
        add(cast, 4, "pilot", tier="unknown", control_point="observed"),
        add(cast, 5, "idea", unit=north),
        add(cast, 6, "unknown", unit=south, changed_at=old),
        add(cast, 7, "retired", unit=north),
        add(cast, 8, "development", unit=below, intake={"people": "yes"}),
        add(cast, 9, "production", deputy=alice, inherited_at=old, sourcing="buy"),
    ]
    evaluate(cast.organisation.pk, None, NOW - timedelta(days=30))
    return made


@pytest.mark.parametrize("who", ["caio", "auditor", "alice", "employee"])
def test_every_number_opens_its_rows(cast: Cast, fleet: list[System], who: str) -> None:
    actor = cast.actor(who)
    found = answers(actor, NOW)
    opened = 0
    for answer in [*found.all, *found.without]:
        figure = answer.figure
        if figure.unit == "systems":
            query = figure.rows.removeprefix("systems/")
            assert systems_matching(actor, SystemQuery.parse(query)).count() == figure.numerator, answer
            opened += 1
    assert opened > 8
    for unit in found.units:
        assert systems_matching(actor, SystemQuery.parse(unit.rows_query)).count() == unit.systems, unit


def test_it_counts(cast: Cast, fleet: list[System]) -> None:
    found = answers(cast.actor("caio"), NOW)
    said = {answer.id: answer.figure for answer in found.all}
    assert (said["systems"].value, said["systems.running"].value) == (9, 5)
    assert said["systems.stage.production"].numerator == 3
    assert (said["running.without_owner"].numerator, said["running.without_owner"].denominator) == (3, 5)
    assert said["running.without_outcome"].numerator == 4
    assert said["unknown.intake"].numerator == 8
    assert said["changes.systems"].numerator == 7
    assert found.changes.added == 7
    for breakdown in found.register.breakdowns:
        assert sum(part.count for part in breakdown.slices) == breakdown.total == 9


def test_unknown_and_waived_stay_in_the_denominator(cast: Cast, fleet: list[System]) -> None:
    met = answers(cast.actor("caio"), NOW, over_time=True).met.figure
    assert met.value is not None
    assert 0 < met.numerator < met.denominator
    assert met.numerator + met.unknown <= met.denominator
    assert met.value == round(100 * met.numerator / met.denominator, 1)
    assert met.trend[-1].denominator == met.denominator
    assert met.trend[0].value is None, "nothing was judged a year ago"
    from_sheets = answers(cast.actor("caio"), NOW).met.figure
    assert (from_sheets.value, from_sheets.numerator, from_sheets.denominator, from_sheets.unknown) == (
        met.value,
        met.numerator,
        met.denominator,
        met.unknown,
    )


def test_an_owner_sees_only_their_own(cast: Cast, fleet: list[System]) -> None:
    found = answers(cast.actor("alice"), NOW)
    assert found.register.total == 3
    assert found.met.figure.denominator < answers(cast.actor("caio"), NOW).met.figure.denominator
    assert answers(cast.actor("employee"), NOW).register.total == 0
    assert answers(cast.actor("charlie"), NOW).register.total == 0


def test_units_roll_up_to_where_the_tree_branches(cast: Cast, fleet: list[System]) -> None:
    by_name = {unit.name: unit for unit in units(cast.actor("caio"), NOW)}
    assert {name: unit.systems for name, unit in by_name.items()} == {"North": 3, "South": 4, "No unit": 2}
    assert by_name["South"].running == 2
    assert by_name["South"].asked == by_name["South"].met + by_name["South"].open


def test_a_single_root_shows_what_lies_below_it(cast: Cast) -> None:
    group = Unit.objects.create(organisation=cast.organisation, name="Group")
    retail = Unit.objects.create(organisation=cast.organisation, name="Retail", parent=group)
    shops = Unit.objects.create(organisation=cast.organisation, name="Shops", parent=retail)
    for number, unit in enumerate((group, retail, shops, shops), start=1):
        add(cast, number, "idea", unit=unit)
    found = {unit.name: unit for unit in units(cast.actor("caio"), NOW)}
    assert {name: unit.systems for name, unit in found.items()} == {"Retail": 3, "Group, no unit below": 1}
    assert found["Group, no unit below"].rows_query == ""


def test_nothing_needs_me_in_an_empty_organisation(cast: Cast) -> None:
    assert needs(cast.actor("caio"), NOW) == []
    assert answers(cast.actor("caio"), NOW).met.figure.value is None


def test_gaps_fill_what_the_urgent_leaves_free(cast: Cast, fleet: list[System]) -> None:
    found = needs(cast.actor("caio"), NOW)
    assert [need.kind for need in found] == ["gap"] * 3
    for need in found:
        if need.system_number:
            assert f"S-{need.system_number}" in need.title
            continue
        count = systems_matching(cast.actor("caio"), SystemQuery.parse(need.rows_query)).count()
        assert f"{count} running system" in need.title


def test_what_got_worse_comes_before_gaps(cast: Cast, fleet: list[System]) -> None:
    caio = cast.actor("caio")
    System.objects.filter(pk=fleet[0].pk).update(owner=None)
    evaluate(cast.organisation.pk, None, NOW)
    worst = needs(caio, timezone.now())[0]
    assert worst.kind == "worse"
    assert worst.system_number == 1
    assert "no longer does" in worst.title
    assert "Nobody owns it" in worst.because


def test_an_overdue_gap_of_high_risk_comes_first(cast: Cast, fleet: list[System]) -> None:
    _gap(cast, fleet[1], NOW - timedelta(days=2))
    _gap(cast, fleet[8], NOW + timedelta(days=3))
    first, *_ = needs(cast.actor("caio"), NOW)
    assert (first.kind, first.title, first.more) == ("deadline", "A dated gap is overdue", 1)
    assert first.rows_query == "number=2"
    mine, *_ = needs(cast.actor("alice"), NOW)
    assert mine.system_number == 9, "an owner is told of their own first"
    assert needs(cast.actor("charlie"), NOW) == []


def test_organisations_stand_side_by_side(cast: Cast, fleet: list[System]) -> None:
    user = cast.people["caio"].user
    assert user is not None
    _gap(cast, fleet[1], NOW - timedelta(days=2))
    [figures] = side_by_side(user, [cast.organisation], NOW)
    assert (figures.systems, figures.running, figures.without_owner, figures.overdue) == (9, 5, 3, 1)
    met = answers(cast.actor("caio"), NOW).met.figure
    assert (figures.met, figures.asked) == (met.numerator, met.denominator)
    owner = cast.people["alice"].user
    assert owner is not None
    assert side_by_side(owner, [cast.organisation], NOW)[0].systems == 3


def test_queries_do_not_grow_with_systems(cast: Cast, fleet: list[System], django_assert_max_num_queries: Any) -> None:
    for number in range(10, 60):
        add(cast, number, "production")
    evaluate(cast.organisation.pk, None, NOW)
    with django_assert_max_num_queries(18):
        answers(cast.actor("caio"), NOW)
    with django_assert_max_num_queries(12):
        needs(cast.actor("caio"), NOW)


def _gap(cast: Cast, system: System, due: datetime) -> Gap:
    return Gap.objects.create(
        organisation=cast.organisation,
        system=system,
        check_id="inventory.monitoring",
        title="Monitoring",
        due_at=due,
        opened_at=NOW - timedelta(days=60),
    )
