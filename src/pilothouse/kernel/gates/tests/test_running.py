"""The one function that says what may run, against every arrangement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.errors import Forbidden
from pilothouse.kernel.checks.actions import rulebook_adopt
from pilothouse.kernel.clock import now as clock_now
from pilothouse.kernel.decisions.links import review_actor, review_link_answer, review_link_issue, review_link_of
from pilothouse.kernel.gates.actions.breakglass import breakglass_end_due
from pilothouse.kernel.gates.actions.gaps import gaps_ask_overdue
from pilothouse.kernel.gates.actions.manifests import manifests_follow
from pilothouse.kernel.gates.actions.stages import gate_request
from pilothouse.kernel.gates.actions.waivers import waivers_end_due
from pilothouse.kernel.gates.rules.running import RunFacts, flagged_prohibited, run_permission
from pilothouse.kernel.gates.rules.stages import NEXT, may_step_back, why_not_through_gate
from pilothouse.kernel.gates.selectors import may_run, run_permissions
from pilothouse.kernel.gates.tests.conftest import complete, found_running
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System

NOW = datetime(2026, 5, 1, tzinfo=UTC)
moments = st.sampled_from([NOW - timedelta(hours=1), NOW, NOW + timedelta(hours=1)])
words = st.sampled_from(["", "a reason"])
stages = st.sampled_from(["idea", "development", "pilot", "production", "retired", "rejected", "unknown"])
facts = st.builds(
    RunFacts,
    stage=stages,
    passed_at=st.none() | moments,
    inherited_at=st.none() | moments,
    prohibited=words,
    suspended=words,
    restricted=words,
    break_glass_until=st.none() | moments,
    break_glass_ratified=st.booleans(),
    break_glass_ratify_by=st.none() | moments,
    gaps_open=st.integers(0, 3),
    gaps_overdue=st.integers(0, 3),
    next_gap_due=st.none() | moments,
)


@given(facts)
def test_what_may_never_run_does_not(fact):
    permission = run_permission(fact, NOW)
    assert permission.because
    if fact.prohibited:
        assert not permission.allowed
    emergency = "break_glass" in permission.marks
    if fact.suspended and not emergency:
        assert not permission.allowed
    if permission.allowed and not emergency:
        assert fact.stage in ("pilot", "production")
        assert fact.passed_at or fact.inherited_at
    if emergency:
        assert permission.until is not None
        assert permission.until > NOW


@given(stages, stages)
def test_a_gate_leads_one_step_on(stage, to_stage):
    if not why_not_through_gate(stage, to_stage, inherited=False):
        assert to_stage in (NEXT.get(stage), "retired")
    assert not may_step_back("idea", to_stage) or to_stage == "rejected"


def test_words_for_prohibited():
    assert flagged_prohibited({"prohibited": "Yes"}, {})
    assert flagged_prohibited({}, {"prohibited": "yes"})
    assert not flagged_prohibited({"prohibited": "no"}, {"prohibited": "unknown"})


def test_thousands_take_a_constant_number_of_queries(cast, rulebook, django_assert_max_num_queries):
    found_running(cast)
    System.objects.bulk_create(
        System(organisation=cast.organisation, number=100 + n, name=f"S{n}", stage="pilot") for n in range(1500)
    )
    rows = list(System.objects.filter(organisation=cast.organisation))
    with django_assert_max_num_queries(6):
        permissions = run_permissions(rows, NOW)
    assert len(permissions) == len(rows)


def test_time_is_not_moved_by_just_anyone(cast, rulebook):
    system = found_running(cast)
    alice, moment = cast.actor("alice"), clock_now()
    for act in (waivers_end_due, breakglass_end_due, gaps_ask_overdue):
        with pytest.raises(Forbidden):
            act(actor=alice, moment=moment)
        assert act(actor=cast.actor("charlie"), moment=moment) == 0
    assert manifests_follow(actor=cast.actor("charlie"), system_ids=[system.pk]) == 0


def test_a_lone_decider_is_marked_until_countersigned(cast, sign):
    """A firm with one decider, who owns the system and asks: a day later they may, and it is said so."""
    caio = cast.actor("caio")
    rulebook_adopt(actor=caio, base="sme_light")
    system = complete(cast, system_create(actor=caio, name="Adverts", purpose="Words", owner_id=caio.person_id))
    gate_request(actor=caio, system=system, to_stage="development", reason="Ready")
    outcome = gate_request(actor=caio, system=System.objects.get(pk=system.pk), to_stage="pilot", reason="Ready")
    with pytest.raises(Forbidden, check=lambda e: e.code == "lone_wait"):
        sign("caio", outcome.decision)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        decision = sign("caio", outcome.decision)
        system = System.objects.get(pk=system.pk)
        permission = may_run(system, clock_now())
        assert (permission.allowed, permission.marks) == (True, ("lone",))
        _, secret = review_link_issue(actor=caio, decision=decision, name="Ines", email="ines@outside.example")
        link = review_link_of(secret, clock_now())
        review_link_answer(actor=review_actor(link), link=link, verdict="countersigned", reason="Sound")
        assert may_run(system, clock_now()).marks == ()
