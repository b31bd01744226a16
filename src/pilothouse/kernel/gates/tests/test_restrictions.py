"""Restricting is one person's act; lifting it another's decision."""

from __future__ import annotations

import pytest

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.clock import now
from pilothouse.kernel.gates.actions.restrictions import gate_restrict, restriction_lift_request
from pilothouse.kernel.gates.models import Restriction
from pilothouse.kernel.gates.selectors import may_run
from pilothouse.kernel.gates.tests.conftest import found_running


@pytest.fixture
def old(cast, rulebook):
    return found_running(cast)


def stop(cast, system, kind="suspend", who="risk", **more):
    return gate_restrict(actor=cast.actor(who), system=system, kind=kind, reason="A complaint", **more)


def test_it_works(cast, old, sign):
    row = stop(cast, old)
    assert not may_run(old, now()).allowed
    decision = restriction_lift_request(actor=cast.actor("alice"), system=old, restriction=row, reason="Settled")
    with pytest.raises(Forbidden):
        sign("alice", decision)
    sign("ciso", decision)
    assert not may_run(old, now()).allowed
    sign("caio", decision)
    assert may_run(old, now()).allowed
    assert Restriction.objects.get().lifted_at


def test_a_restricted_one_runs_under_conditions(cast, old):
    with pytest.raises(Invalid, check=lambda e: "conditions" in e.fields):
        stop(cast, old, "restrict")
    stop(cast, old, "restrict", conditions="Staff only")
    assert "restricted" in may_run(old, now()).marks


def test_a_prohibition_takes_two_to_lift_and_no_token(cast, old, sign):
    row = stop(cast, old, "prohibit")
    decision = restriction_lift_request(actor=cast.actor("alice"), system=old, restriction=row, reason="A mistake")
    sign("legal", decision)
    assert not may_run(old, now()).allowed
    sign("caio", decision)
    assert may_run(old, now()).allowed


def test_twice_is_refused(cast, old):
    stop(cast, old)
    with pytest.raises(Conflict):
        stop(cast, old)


def test_by_the_right_people(cast, old):
    for who in ("alice", "legal"):
        with pytest.raises(Forbidden):
            stop(cast, old, who=who)
    with pytest.raises(NotFound):
        stop(cast, old, who="charlie")
    with pytest.raises(Invalid):
        stop(cast, old, "explode")
