"""Break-glass: two roles, eight hours, and an incident when nobody ratifies."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.tick import decisions_tick
from pilothouse.kernel.gates.actions.breakglass import breakglass_end, breakglass_open, breakglass_tick
from pilothouse.kernel.gates.actions.incidents import incident_close
from pilothouse.kernel.gates.actions.restrictions import gate_restrict
from pilothouse.kernel.gates.actions.waivers import waiver_request
from pilothouse.kernel.gates.models import BreakGlass, Incident
from pilothouse.kernel.gates.selectors import may_run
from pilothouse.kernel.inventory.actions import system_change
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.notify.notices import notices_of


def open_it(cast, system, who="ciso", hours=8, reason="The hospital needs it tonight"):
    return breakglass_open(actor=cast.actor(who), system=system, reason=reason, hours=hours)


def refused(error, code):
    return pytest.raises(error, check=lambda e: e.code == code)


def later(**delta):
    return time_machine.travel(timezone.now() + timedelta(**delta))


def trail(system):
    rows = Entry.objects.filter(system_id=system.pk).order_by("seq").values_list("action", flat=True)
    return [name for name in rows if name.startswith(("breakglass", "incident"))]


def test_it_works_and_ends_on_time(cast, system, sign):
    assert not may_run(system, now()).allowed
    glass = open_it(cast, system)
    permission = may_run(system, now())
    assert (permission.allowed, permission.until) == (True, glass.ends_at)
    assert set(permission.marks) >= {"break_glass", "unratified"}
    sign("caio", glass.decision)
    assert "unratified" not in may_run(system, now()).marks
    with later(hours=7, minutes=59):
        assert may_run(system, now()).allowed
    with later(hours=8, minutes=1):
        assert not may_run(system, now()).allowed  # even before the tick
        assert breakglass_tick(now())["ended"] == 1
    with later(hours=30):
        decisions_tick()
    assert BreakGlass.objects.get().ended_because == "time"
    assert not Incident.objects.exists()
    assert trail(system) == ["breakglass.opened", "breakglass.ratified", "breakglass.ended"]


def test_unratified_it_is_an_incident(cast, system):
    open_it(cast, system)
    with later(hours=9):
        breakglass_tick(now())
        decisions_tick()
        assert not Incident.objects.exists()
    with later(hours=25):
        decisions_tick()
    incident = Incident.objects.get()
    assert "not ratified" in incident.title
    assert trail(system) == ["breakglass.opened", "breakglass.ended", "incident.opened"]


def test_refused_it_ends_at_once(cast, system, sign):
    sign("caio", open_it(cast, system).decision, "refuse", "No emergency")
    assert not may_run(system, now()).allowed
    assert BreakGlass.objects.get().ended_because == "unratified"
    assert Incident.objects.exists()


def test_the_same_person_does_not_ratify(cast, system, sign):
    glass = open_it(cast, system)
    with refused(Forbidden, "own_request"):
        sign("ciso", glass.decision)


def test_the_escalation_path_is_told(cast, system):
    open_it(cast, system)
    for who in ("caio", "risk", "alice"):
        assert any(
            "Break-glass" in notice.text or "break-glass" in notice.text for notice in notices_of(cast.actor(who))
        )


def test_never_for_prohibited_use(cast, system):
    gate_restrict(actor=cast.actor("risk"), system=system, kind="prohibit", reason="Article 5")
    with refused(Forbidden, "prohibited"):
        open_it(cast, system)


def test_a_prohibition_ends_it(cast, system):
    open_it(cast, system)
    system_change(actor=cast.actor("alice"), system=system, changes={"intake": {"prohibited": "yes"}})
    permission = may_run(system, now())
    assert (permission.allowed, permission.marks) == (False, ("prohibited",))
    assert BreakGlass.objects.get().ended_at
    # Taking the answer back lifts nothing.
    system_change(actor=cast.actor("alice"), system=system, changes={"intake": {"prohibited": "no"}})
    assert not may_run(system, now()).allowed


@pytest.mark.parametrize("hours", [0, 9])
def test_at_most_eight_hours(cast, system, hours):
    with pytest.raises(Invalid, check=lambda e: "hours" in e.fields):
        open_it(cast, system, hours=hours)


def test_with_a_reason(cast, system):
    with pytest.raises(Invalid, check=lambda e: "reason" in e.fields):
        open_it(cast, system, reason=" ")


def test_by_the_right_roles(cast, system):
    with refused(Forbidden, "wrong_role"):
        open_it(cast, system, "legal")
    with pytest.raises(Forbidden):
        open_it(cast, system, "alice")
    with pytest.raises(NotFound):
        open_it(cast, system, "charlie")


def test_one_at_a_time_and_no_next_before_ratification(cast, system, sign):
    glass = open_it(cast, system)
    with refused(Conflict, "already"):
        open_it(cast, system, "caio")
    with later(hours=9):
        breakglass_tick(now())
        with refused(Conflict, "unratified"):
            open_it(cast, system)
        sign("caio", glass.decision)
        open_it(cast, system)


def test_it_can_end_early(cast, system):
    glass = open_it(cast, system)
    breakglass_end(actor=cast.actor("caio"), glass=glass, reason="Over")
    assert not may_run(system, now()).allowed
    with refused(Conflict, "closed"):
        breakglass_end(actor=cast.actor("caio"), glass=glass, reason="Over")


def test_who_broke_the_glass_does_not_close_the_incident(cast, system, sign):
    sign("caio", open_it(cast, system).decision, "refuse", "No emergency")
    incident = Incident.objects.get()
    with refused(Forbidden, "own_request"):
        incident_close(actor=cast.actor("ciso"), incident=incident, resolution="Fine")
    with pytest.raises(Invalid):
        incident_close(actor=cast.actor("risk"), incident=incident, resolution="")
    incident_close(actor=cast.actor("risk"), incident=incident, resolution="Nothing was harmed")
    with refused(Conflict, "closed"):
        incident_close(actor=cast.actor("risk"), incident=incident, resolution="Again")
    assert trail(system)[-1] == "incident.closed"


def test_what_is_asked_meanwhile_is_marked(cast, system):
    open_it(cast, system)
    waiver = waiver_request(
        actor=cast.actor("alice"), system=system, check_id="inventory.outcome", reason="Not now", days=5
    )
    assert waiver.decision.marks == ["break_glass"]
