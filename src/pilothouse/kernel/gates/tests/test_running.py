"""The one function that says what may run, against every arrangement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pilothouse.kernel.gates.rules.running import RunFacts, flagged_prohibited, run_permission
from pilothouse.kernel.gates.rules.stages import NEXT, may_step_back, why_not_through_gate
from pilothouse.kernel.gates.selectors import run_permissions
from pilothouse.kernel.gates.tests.conftest import found_running
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
