"""Waivers: granted by whom the check protects, counted as not met, ended on time."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.checks.models import FindingRow
from pilothouse.kernel.checks.selectors import tally
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.selectors import decisions
from pilothouse.kernel.gates.actions.restrictions import gate_restrict
from pilothouse.kernel.gates.actions.waivers import waiver_end, waiver_request, waivers_tick
from pilothouse.kernel.gates.models import Waiver
from pilothouse.kernel.gates.selectors import may_run, report_of
from pilothouse.kernel.gates.tests.conftest import found_running
from pilothouse.kernel.ledger.models import Entry

CHECK = "inventory.outcome"  # it protects the CFO


def ask(cast, system, who="alice", **more):
    given = {"check_id": CHECK, "reason": "The measure is being built", "days": 60} | more
    return waiver_request(actor=cast.actor(who), system=system, **given)


def status(system, check=CHECK):
    return FindingRow.objects.get(system=system, check_id=check, to_at=None).status


def refused(error, code):
    return pytest.raises(error, check=lambda e: e.code == code)


def later(days):
    return time_machine.travel(timezone.now() + timedelta(days=days))


def test_it_works_and_ends_on_time(cast, system, sign):
    waiver = ask(cast, system)
    total = tally(cast.actor("caio"))[CHECK].total
    sign("cfo", waiver.decision)
    assert status(system) == "waived"
    counted = tally(cast.actor("caio"))[CHECK]
    assert (counted.met, counted.waived, counted.total) == (0, 1, total)
    assert CHECK not in {row.check_id for row in report_of(system, "development", now()).blocking}
    with later(59):
        assert waivers_tick(now())["ended"] == 0
        assert status(system) == "waived"
    with later(61):
        assert CHECK in {row.check_id for row in report_of(system, "development", now()).blocking}
        assert waivers_tick(now())["ended"] == 1
        assert status(system) == "not_met"
    assert Waiver.objects.get().state == "ended"
    said = list(Entry.objects.filter(system_id=system.pk, action__startswith="waiver").values_list("action", flat=True))
    assert sorted(said) == ["waiver.asked", "waiver.ended", "waiver.granted"]


@pytest.mark.parametrize("who", ["caio", "risk", "legal"])
def test_only_whom_the_check_protects_decides(cast, system, sign, who):
    with refused(Forbidden, "wrong_role"):
        sign(who, ask(cast, system).decision)


def test_not_whoever_asked(cast, system, sign):
    from pilothouse.kernel.access.models import Membership, Role

    role = Role.objects.get(organisation=cast.organisation, key="cfo")
    Membership.objects.create(organisation=cast.organisation, person=cast.people["caio"], role=role)
    waiver = ask(cast, system, "caio")
    with refused(Forbidden, "own_request"):
        sign("caio", waiver.decision)
    sign("cfo", waiver.decision)


def test_not_whoever_owns_the_system(cast, system, sign):
    waiver = ask(cast, system)
    system.deputy = cast.people["cfo"]
    system.save()
    with refused(Conflict, "closed"):  # who owns it is part of what is signed
        sign("cfo", waiver.decision)


def test_nobody_to_decide_is_said_at_once(cast, system):
    system.deputy = cast.people["cfo"]
    system.save()
    with refused(Conflict, "nobody"):
        ask(cast, system)


def test_silence_waives_nothing(cast, system):
    from pilothouse.kernel.decisions.tick import decisions_tick

    ask(cast, system)
    with later(40):
        decisions_tick()
    assert (Waiver.objects.get().state, status(system)) == ("refused", "not_met")


def test_some_are_never_waived(cast, system):
    with refused(Forbidden, "never"):
        ask(cast, system, check_id="inventory.owner")


@pytest.mark.parametrize("days", [0, 91])
def test_at_most_ninety_days(cast, system, days):
    with pytest.raises(Invalid, check=lambda e: "days" in e.fields):
        ask(cast, system, days=days)


def test_renewed_once(cast, system, sign):
    sign("cfo", ask(cast, system, days=30).decision)
    with later(20):
        renewal = ask(cast, system, days=30)
        with refused(Conflict, "already_asked"):
            ask(cast, system)
        sign("cfo", renewal.decision)
        live = Waiver.objects.get(state="live")
        assert live.ends_at.date() == (timezone.now() + timedelta(days=40)).date()
        with refused(Conflict, "renewed"):
            ask(cast, system)
    with later(61):
        waivers_tick(now())
        with refused(Conflict, "renewed"):
            ask(cast, system)
        assert status(system) == "not_met"


def test_it_can_end_early(cast, system, sign):
    waiver = ask(cast, system)
    sign("cfo", waiver.decision)
    waiver_end(actor=cast.actor("risk"), waiver=waiver, reason="Built")
    assert status(system) == "not_met"
    with refused(Conflict, "closed"):
        waiver_end(actor=cast.actor("risk"), waiver=waiver, reason="Again")


def test_never_for_prohibited_use(cast, system):
    gate_restrict(actor=cast.actor("risk"), system=system, kind="prohibit", reason="Article 5")
    with refused(Forbidden, "prohibited"):
        ask(cast, system)


def test_the_outsider_and_the_stranger(cast, system):
    with pytest.raises(NotFound):
        ask(cast, system, "charlie")
    with pytest.raises(Forbidden):
        ask(cast, system, "auditor")
    waiver = ask(cast, system)
    assert not decisions(cast.actor("charlie")).filter(pk=waiver.decision_id).exists()


def test_what_runs_says_that_it_is_waived(cast, rulebook, sign):
    old = found_running(cast)
    sign("cfo", ask(cast, old).decision)
    assert "waived" in may_run(old, now()).marks
    with later(61):
        assert "waived" not in may_run(old, now()).marks
