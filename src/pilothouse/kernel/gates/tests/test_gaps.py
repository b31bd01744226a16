"""Inherited systems run on, with dated gaps that end in a human's decision."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from pilothouse.contracts.errors import Forbidden, Invalid
from pilothouse.kernel.checks.engine import refresh
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.decisions.tick import decisions_tick
from pilothouse.kernel.gates.actions.gaps import gaps_follow, gaps_tick
from pilothouse.kernel.gates.actions.stages import gate_request
from pilothouse.kernel.gates.models import Gap, Restriction
from pilothouse.kernel.gates.rules.due import due_after_tier, first_due
from pilothouse.kernel.gates.selectors import may_run
from pilothouse.kernel.gates.tests.conftest import complete, found_running
from pilothouse.kernel.inventory.actions import system_change
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Entry


@pytest.fixture
def old(cast, rulebook):
    system = found_running(cast)
    gaps_tick(now())
    return system


def again(system):
    return System.objects.get(pk=system.pk)


def later(days):
    return time_machine.travel(timezone.now() + timedelta(days=days))


def test_it_works(cast, old):
    gaps = Gap.objects.filter(system=old)
    assert gaps.filter(check_id="inventory.tier").exists()
    assert not gaps.filter(check_id="inventory.owner").exists()
    assert {gap.due_at for gap in gaps} == {old.inherited_at + timedelta(days=30)}
    permission = may_run(old, now())
    assert permission.allowed
    assert "inherited" in permission.marks
    assert f"{gaps.count()} gaps" in permission.because
    assert Entry.objects.filter(action="gaps.opened", system_id=old.pk).exists()


def test_a_tick_twice_changes_nothing(old):
    count = Entry.objects.count()
    gaps_tick(now())
    assert Entry.objects.count() == count


def test_a_gap_closes_at_once_when_met(cast, old):
    system_change(actor=cast.actor("alice"), system=old, changes={"purpose": "Score"})
    assert Gap.objects.get(system=old, check_id="inventory.purpose").state == "met"


def test_a_tier_that_becomes_known_sets_the_date_anew(cast, old):
    with later(10):
        complete(cast, again(old), purpose="")
        gap = Gap.objects.get(system=old, check_id="inventory.purpose", state="open")
        assert again(old).tier == "low"
        assert gap.due_at.date() == (timezone.now() + timedelta(days=180)).date()


def test_an_overdue_gap_becomes_a_decision_and_stops_nothing(cast, old):
    with later(31):
        assert gaps_tick(now())["asked"] == 1
        assert gaps_tick(now())["asked"] == 0
        decision = Decision.objects.get(kind="gap.overdue")
        assert decision.options == ["extend", "restrict", "suspend", "retire"]
        permission = may_run(old, now())
        assert (permission.allowed, "overdue" in permission.marks) == (True, True)


def test_it_is_extended_once(cast, old, sign):
    with later(31):
        gaps_tick(now())
        sign("risk", Decision.objects.get(kind="gap.overdue"), "extend", "They need a month")
        assert all(gap.due_at > now() + timedelta(days=29) for gap in Gap.objects.filter(state="open"))
    with later(62):
        gaps_tick(now())
        decision = Decision.objects.get(kind="gap.overdue", state="open")
        assert decision.options == ["restrict", "suspend", "retire"]
        with pytest.raises(Invalid):
            sign("risk", decision, "extend")
        sign("risk", decision, "suspend", "Enough")
        assert not may_run(again(old), now()).allowed
        assert Restriction.objects.get(system=old).kind == "suspend"
        assert gaps_tick(now())["asked"] == 0


def test_it_is_restricted_under_conditions(cast, old, sign):
    with later(31):
        gaps_tick(now())
        sign("risk", Decision.objects.get(kind="gap.overdue"), "restrict", "Internal use only")
        permission = may_run(again(old), now())
        assert (permission.allowed, "restricted" in permission.marks) == (True, True)


def test_it_is_retired(cast, old, sign):
    with later(31):
        gaps_tick(now())
        sign("caio", Decision.objects.get(kind="gap.overdue"), "retire")
        assert again(old).stage == "retired"
        assert not Gap.objects.filter(system=old, state="open").exists()


def test_the_owner_does_not_decide_about_their_own(cast, old, sign):
    System.objects.filter(pk=old.pk).update(owner=cast.people["risk"])
    with later(31):
        gaps_tick(now())
        with pytest.raises(Forbidden):
            sign("risk", Decision.objects.get(kind="gap.overdue"), "extend")


def test_nobody_deciding_asks_again(cast, old):
    with later(31):
        gaps_tick(now())
    with later(90):
        assert decisions_tick()["expired"] == 1
        assert gaps_tick(now())["asked"] == 1
        assert may_run(again(old), now()).allowed


def test_closing_the_gap_supersedes_the_question(cast, old):
    with later(31):
        gaps_tick(now())
        complete(cast, again(old), purpose="Score")
        assert decisions_tick()["superseded"] == 1


def test_passing_the_gate_ends_its_being_inherited(cast, old, sign):
    complete(cast, again(old), purpose="Score")
    outcome = gate_request(actor=cast.actor("alice"), system=again(old), to_stage="production", reason="Put in order")
    sign("caio", outcome.decision)
    permission = may_run(again(old), now())
    assert (permission.allowed, "inherited" in permission.marks) == (True, False)
    assert not Gap.objects.filter(system=old, state="open").exists()


def test_a_new_requirement_counts_from_today(cast, old):
    complete(cast, again(old), purpose="Score")
    with later(100):
        system_change(actor=cast.actor("alice"), system=again(old), changes={"purpose": ""})
        gap = Gap.objects.get(system=old, check_id="inventory.purpose", state="open")
        assert gap.due_at.date() == (timezone.now() + timedelta(days=180)).date()


def test_thousands_take_a_constant_number_of_queries(cast, rulebook, django_assert_max_num_queries):
    alice = cast.actor("caio")
    rows = [
        System(organisation=cast.organisation, number=1000 + n, name=f"Old {n}", stage="production", inherited_at=now())
        for n in range(950)
    ]
    System.objects.bulk_create(rows)
    refresh(alice, None)
    with django_assert_max_num_queries(40):
        done = gaps_follow(actor=alice, system_ids=None, moment=now())
    assert done.opened > 10_000
    with django_assert_max_num_queries(12):
        assert gaps_follow(actor=alice, system_ids=None, moment=now()).opened == 0


def test_dates(rulebook):
    days = rulebook.rules.inherited_days
    start = now()
    assert first_due("unknown", start, days) == start + timedelta(days=30)
    assert first_due("low", start, days) == start + timedelta(days=180)
    due = first_due("low", start, days)
    soon = start + timedelta(days=10)
    assert due_after_tier("low", "high", start, due, soon, days) == soon + timedelta(days=30)
    assert due_after_tier("high", "low", start, start + timedelta(days=30), soon, days) == due
