"""Entering a stage: through its gate, or not at all."""

from __future__ import annotations

import pytest

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.decisions.register import human_only_add
from pilothouse.kernel.decisions.selectors import signatures_of
from pilothouse.kernel.decisions.tick import decisions_tick
from pilothouse.kernel.gates.actions.restrictions import gate_restrict
from pilothouse.kernel.gates.actions.stages import gate_request, stage_correct, stage_withdraw
from pilothouse.kernel.gates.models import Manifest, Passage
from pilothouse.kernel.gates.selectors import may_run
from pilothouse.kernel.gates.tests.conftest import LOW, complete, found_running
from pilothouse.kernel.inventory.actions import system_change
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Entry


def ask(cast, system, to_stage, who="alice", **more):
    return gate_request(actor=cast.actor(who), system=system, to_stage=to_stage, reason="It is ready", **more)


def again(system):
    return System.objects.get(pk=system.pk)


def refused(error, code):
    return pytest.raises(error, check=lambda e: e.code == code)


def test_it_works(cast, system, sign):
    system = complete(cast, system)
    for stage in ("development", "pilot", "production"):
        outcome = ask(cast, system, stage)
        assert outcome.passage is None
        assert sign("caio", outcome.decision).state == "approved"
        system = again(system)
        assert system.stage == stage
    assert may_run(system, now()).allowed
    assert Passage.objects.filter(system=system, way="gate").count() == 3
    assert Manifest.objects.get(system=system).state == "approved"
    actions = list(Entry.objects.filter(system_id=system.pk).values_list("action", flat=True))
    assert actions.count("system.stage_changed") == 3


def test_a_shut_gate_names_what_blocks(cast, system):
    with refused(Conflict, "blocked") as caught:
        ask(cast, system, "development")
    blocking = {line["check"]: line for line in caught.value.data["blocking"]}
    assert "inventory.outcome" in blocking
    assert blocking["inventory.outcome"]["because"]
    assert blocking["inventory.outcome"]["remedy"] == "edit/#outcome"
    assert "inventory.owner" not in blocking
    assert not Decision.objects.exists()


def test_no_gate_is_leapt_over(cast, system):
    with refused(Conflict, "no_way"):
        ask(cast, complete(cast, system), "production")


def test_there_is_no_gate_into_idea(cast, system):
    with pytest.raises(Invalid):
        ask(cast, system, "idea")


def test_a_reason_is_asked(cast, system):
    with pytest.raises(Invalid):
        gate_request(actor=cast.actor("alice"), system=system, to_stage="development", reason=" ")


def test_the_outsider_and_the_stranger(cast, system):
    with pytest.raises(NotFound):
        ask(cast, system, "development", "charlie")
    with pytest.raises(Forbidden):
        ask(cast, system, "development", "auditor")


def test_a_change_in_between_voids(cast, system, sign):
    system = complete(cast, system)
    decision = ask(cast, system, "development").decision
    system_change(actor=cast.actor("alice"), system=again(system), changes={"purpose": "Rank applicants"})
    with refused(Conflict, "closed"):
        sign("caio", decision)
    decision.refresh_from_db()
    assert decision.state == "superseded"
    assert again(system).stage == "idea"


def test_a_signature_before_the_change_is_void(cast, system, sign):
    system = complete(cast, system, intake=dict.fromkeys(LOW, "no") | {"outside_people": "yes", "prohibited": "no"})
    for stage in ("development", "pilot"):
        sign("caio", ask(cast, again(system), stage).decision)
    decision = ask(cast, again(system), "production").decision
    assert sign("risk", decision).state == "open"
    system_change(actor=cast.actor("alice"), system=again(system), changes={"vendor": "Another"})
    assert decisions_tick()["superseded"] == 1
    decision.refresh_from_db()
    assert [bool(view.void) for view in signatures_of(decision)] == [True]
    assert again(system).stage == "pilot"


def test_the_owner_does_not_sign_their_own_gate(cast, system, sign):
    system = complete(cast, system, owner_id=cast.people["caio"].pk)
    decision = ask(cast, system, "development", "bob").decision
    with refused(Forbidden, "owner"):
        sign("caio", decision)


def test_where_nobody_need_sign_it_enters_at_once(cast, sign):
    from pilothouse.kernel.checks.actions import rulebook_adopt
    from pilothouse.kernel.inventory.actions import system_create

    rulebook_adopt(actor=cast.actor("caio"), base="sme_light")
    alice = cast.actor("alice")
    system = complete(cast, system_create(actor=alice, name="Adverts", purpose="Words", owner_id=alice.person_id))
    outcome = ask(cast, system, "development")
    assert outcome.decision is None
    assert again(system).stage == "development"


def test_the_register_of_human_decisions_has_no_bypass(cast):
    from pilothouse.kernel.checks.actions import rulebook_adopt
    from pilothouse.kernel.inventory.actions import system_create

    rulebook_adopt(actor=cast.actor("caio"), base="sme_light")
    human_only_add(actor=cast.actor("caio"), title="Gates", why="People live with what runs", kind="gate")
    alice = cast.actor("alice")
    system = complete(cast, system_create(actor=alice, name="Adverts", purpose="Words", owner_id=alice.person_id))
    assert ask(cast, system, "development").decision is not None
    assert again(system).stage == "idea"


def test_a_prohibited_use_passes_no_gate(cast, system):
    system = complete(cast, system)
    gate_restrict(actor=cast.actor("risk"), system=system, kind="prohibit", reason="Article 5")
    with refused(Forbidden, "prohibited"):
        ask(cast, system, "development")


def test_going_back_needs_no_gate(cast, system, sign):
    system = complete(cast, system)
    sign("caio", ask(cast, system, "development").decision)
    stage_withdraw(actor=cast.actor("alice"), system=again(system), to_stage="idea", reason="Think again")
    assert again(system).stage == "idea"
    with refused(Conflict, "no_way"):
        stage_withdraw(actor=cast.actor("alice"), system=again(system), to_stage="pilot", reason="Ahead")
    stage_withdraw(actor=cast.actor("alice"), system=again(system), to_stage="rejected", reason="No")
    assert again(system).stage == "rejected"


def test_retiring_goes_through_its_gate(cast, rulebook, sign):
    system = found_running(cast, intake={"affects_people": "yes"})
    outcome = gate_restrict(actor=cast.actor("risk"), system=system, kind="retire", reason="Old")
    assert again(system).stage == "production"
    sign("caio", outcome.decision)
    assert again(system).stage == "retired"
    assert not may_run(again(system), now()).allowed


class TestCorrection:
    def test_an_unknown_stage_is_recorded_and_inherited(self, cast, rulebook):
        system = found_running(cast, stage="unknown")
        System.objects.filter(pk=system.pk).update(inherited_at=None)
        passage = stage_correct(actor=cast.actor("alice"), system=again(system), to_stage="production", reason="Seen")
        assert passage.way == "correction"
        assert again(system).inherited_at is not None
        assert "inherited" in may_run(again(system), now()).marks

    def test_any_other_is_decided_by_someone_else(self, cast, system, sign):
        decision = stage_correct(actor=cast.actor("alice"), system=system, to_stage="production", reason="It runs")
        assert again(system).stage == "idea"
        sign("risk", decision)
        assert (again(system).stage, again(system).inherited_at is None) == ("production", False)

    def test_it_says_how_one_knows(self, cast, system):
        with pytest.raises(Invalid):
            stage_correct(actor=cast.actor("alice"), system=system, to_stage="production", reason="")
        with pytest.raises(Invalid):
            stage_correct(actor=cast.actor("alice"), system=system, to_stage="idea", reason="Same")

    def test_the_outsider(self, cast, system):
        with pytest.raises(NotFound):
            stage_correct(actor=cast.actor("charlie"), system=system, to_stage="pilot", reason="x")
