"""Adopting, proposing and activating rulebooks; gate reports."""

import uuid

import pytest

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.checks import plugs
from pilothouse.kernel.checks.actions import (
    rulebook_activate,
    rulebook_adopt,
    rulebook_draft,
    rulebook_propose,
    rulebook_withdraw,
    set_intake,
)
from pilothouse.kernel.checks.active import active_rulebook
from pilothouse.kernel.checks.models import Rulebook
from pilothouse.kernel.checks.plugs import Approval
from pilothouse.kernel.checks.rulebook import GATES, TIERS, RulebookBody
from pilothouse.kernel.checks.rulebooks import SHIPPED
from pilothouse.kernel.checks.rules import asks_of
from pilothouse.kernel.checks.selectors import gate_report, gate_reports
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.actions import practice_state, system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.records.schema import shapes

ALL_NO = dict.fromkeys(("affects_people", "safety", "personal_data", "acts_alone", "outside_people"), "no")


def body_of(key="enterprise"):
    return SHIPPED[key].body.model_dump(mode="json")


@pytest.fixture
def caio(cast):
    actor = cast.actor("caio")
    rulebook_adopt(actor=actor, base="enterprise")
    return actor


def loosened():
    body = body_of()
    body["inherited_days"]["high"] = 60
    return body


def tightened():
    body = body_of()
    body["inherited_days"]["high"] = 20
    return body


def approving(monkeypatch, rulebook, *people, approved=True, content_hash=""):
    found = Approval(approved, content_hash or rulebook.hash, frozenset(people))
    monkeypatch.setattr(plugs, "_approvals", [lambda organisation_id, decision_id: found])


def test_it_works(cast, caio):
    book = active_rulebook(caio.organisation_id)
    assert (book.version, book.base, book.state) == (1, "enterprise", "active")
    proposed = rulebook_propose(actor=caio, body=tightened(), reason="A month is long")
    assert (proposed.kind, proposed.loosenings) == ("tightening", [])
    rulebook_activate(actor=caio, rulebook=proposed)
    assert active_rulebook(caio.organisation_id).version == 2
    assert Rulebook.objects.get(version=1).state == "superseded"
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {"rulebook.adopted", "rulebook.proposed", "rulebook.activated"} <= actions


@pytest.mark.parametrize("key", SHIPPED)
def test_what_ships_asks_only_for_what_can_be_judged(key):
    body = SHIPPED[key].body
    assert len(body.questions) == 5
    for gate in GATES:
        assert all(ask.check in registry.checks for ask in body.gates.of(gate).asks)
    assert set(body.waivers.never) <= set(registry.checks)
    assert RulebookBody.model_validate(body.model_dump(mode="json")) == body
    for gate in GATES[:3]:
        asked = [set(asks_of(body, (gate,), tier)) for tier in TIERS]
        assert asked[0] <= asked[1] <= asked[2]


def test_the_low_tier_of_the_light_rulebook_fits_ten_minutes():
    """About a system, what concerns only few (agents, fine-tuning) apart: eight short documents of a few lines."""
    asked = asks_of(SHIPPED["sme_light"].body, GATES[:3], "low")
    kinds = {kind for check in asked for kind in registry.records if f"/{kind}/" in f"/{registry.checks[check].remedy}"}
    kinds = {kind for kind in kinds if registry.records[kind].of_system} | {"security.review"}
    kinds -= {"model_lifecycle.fine_tuning", "architecture.agent"}
    all_lines = [shape for kind in kinds for shape in shapes(registry.records[kind].schema)]
    lines = [shape.name for shape in all_lines if shape.required and not shape.full]
    assert len(kinds) <= 8
    assert len(lines) <= 32


def test_a_second_adoption_is_refused(caio):
    with pytest.raises(Conflict):
        rulebook_adopt(actor=caio, base="sme_light")


def test_an_engineer_proposes_nothing(cast, caio):
    with pytest.raises(Forbidden):
        rulebook_propose(actor=cast.actor("bob"), body=tightened(), reason="Because")


def test_another_organisations_rulebook_is_not_there(cast, caio):
    draft = rulebook_draft(actor=caio, body=tightened())
    with pytest.raises(NotFound):
        rulebook_activate(actor=cast.actor("charlie"), rulebook=draft)


def test_a_body_that_does_not_hold_is_refused_by_place(caio):
    body = body_of()
    body["waivers"]["max_days"] = 400
    with pytest.raises(Invalid) as refused:
        rulebook_propose(actor=caio, body=body, reason="Longer")
    assert "waivers.max_days" in refused.value.fields


def test_a_role_that_does_not_exist_is_refused(caio):
    body = body_of()
    body["break_glass"]["roles"] = ["emperor"]
    with pytest.raises(Invalid, match="emperor"):
        rulebook_draft(actor=caio, body=body)


def test_a_proposal_without_a_reason_or_a_difference_is_refused(caio):
    with pytest.raises(Invalid):
        rulebook_propose(actor=caio, body=tightened(), reason=" ")
    with pytest.raises(Conflict):
        rulebook_propose(actor=caio, body=body_of(), title="Enterprise", reason="No change")


def test_a_draft_is_kept_and_kept_again(caio):
    draft = rulebook_draft(actor=caio, body=tightened())
    again = rulebook_draft(actor=caio, body=loosened(), rulebook=draft)
    assert (again.pk, again.hash != draft.hash) == (draft.pk, True)
    proposed = rulebook_propose(actor=caio, rulebook=again, reason="More time")
    with pytest.raises(Conflict):
        rulebook_draft(actor=caio, body=tightened(), rulebook=proposed)
    with pytest.raises(Conflict):
        rulebook_propose(actor=caio, rulebook=proposed, reason="Twice")


def test_a_loosening_waits_for_someone_else(cast, caio, monkeypatch):
    heard = []
    monkeypatch.setattr(plugs, "_loosenings", [lambda actor, rulebook: heard.append(rulebook.pk)])
    proposed = rulebook_propose(actor=caio, body=loosened(), reason="More time")
    assert proposed.kind == "loosening"
    assert heard == [proposed.pk]
    with pytest.raises(Forbidden) as refused:
        rulebook_activate(actor=caio, rulebook=proposed)
    assert refused.value.code == "needs_decision"
    assert active_rulebook(caio.organisation_id).version == 1
    approving(monkeypatch, proposed, cast.people["risk"].pk)
    rulebook_activate(actor=cast.actor("risk"), rulebook=proposed, decision_id=uuid.uuid4())
    assert active_rulebook(caio.organisation_id).version == proposed.version


def test_a_loosening_is_not_let_through_by(cast, caio, monkeypatch):
    proposed = rulebook_propose(actor=caio, body=loosened(), reason="More time")
    risk = cast.people["risk"].pk

    def code(**how):
        approving(monkeypatch, proposed, *how.pop("people", [risk]), **how)
        with pytest.raises(Forbidden) as refused:
            rulebook_activate(actor=cast.actor("risk"), rulebook=proposed, decision_id=uuid.uuid4())
        return refused.value.code

    assert code(approved=False) == "needs_decision"
    assert code(content_hash="sha256:other") == "other_content"
    assert code(people=[caio.person_id]) == "own_proposal"
    assert code(people=[]) == "own_proposal"


def test_a_proposal_is_compared_anew_when_it_becomes_active(caio):
    """Proposed as a tightening of version 1; version 2 was stricter still, so by now it would loosen."""
    mild = rulebook_propose(actor=caio, body=tightened(), reason="A little")
    strict = body_of()
    strict["inherited_days"]["high"] = 10
    rulebook_activate(actor=caio, rulebook=rulebook_propose(actor=caio, body=strict, reason="A lot"))
    with pytest.raises(Forbidden):
        rulebook_activate(actor=caio, rulebook=mild)


def test_a_version_changed_past_the_actions_does_not_become_active(caio):
    proposed = rulebook_propose(actor=caio, body=tightened(), reason="A month is long")
    Rulebook.objects.filter(pk=proposed.pk).update(body=loosened())
    with pytest.raises(Conflict) as refused:
        rulebook_activate(actor=caio, rulebook=proposed)
    assert refused.value.code == "tampered"


def test_an_auditor_activates_nothing(cast, caio):
    proposed = rulebook_propose(actor=caio, body=tightened(), reason="A month is long")
    with pytest.raises(Forbidden):
        rulebook_activate(actor=cast.actor("auditor"), rulebook=proposed)


def test_what_was_withdrawn_does_not_come_back(caio):
    proposed = rulebook_propose(actor=caio, body=tightened(), reason="A month is long")
    rulebook_withdraw(actor=caio, rulebook=proposed)
    with pytest.raises(Conflict):
        rulebook_activate(actor=caio, rulebook=proposed)


def test_a_new_rulebook_sets_tiers_anew_with_an_entry_each(caio):
    system = system_create(actor=caio, name="Search")
    set_intake(actor=caio, system=system, answers=ALL_NO | {"acts_alone": "yes"})
    assert System.objects.get().tier == "medium"
    body = body_of()
    next(q for q in body["questions"] if q["key"] == "acts_alone")["yes"] = "high"
    rulebook_activate(actor=caio, rulebook=rulebook_propose(actor=caio, body=body, reason="Acting alone is risky"))
    assert System.objects.get().tier == "high"
    assert Entry.objects.filter(action="system.tier_changed", system_id=system.pk).count() == 2


def test_an_answer_to_no_question_is_refused(caio):
    system = system_create(actor=caio, name="Search")
    with pytest.raises(Invalid):
        set_intake(actor=caio, system=system, answers={"prohibited": "no"})
    with pytest.raises(Invalid):
        set_intake(actor=caio, system=system, answers={"safety": "perhaps"})


def test_a_gate_reports_what_stands_in_the_way(caio):
    system = system_create(actor=caio, name="Search", purpose="Find things", owner_id=caio.person_id)
    set_intake(actor=caio, system=system, answers=ALL_NO)
    report = gate_report(caio, system, "development")
    assert report.blocked
    blocking = {r.check_id for r in report.blocking}
    assert blocking == {"inventory.unit", "inventory.outcome", "strategy.value_hypothesis_sealed"}
    owner = next(r for r in report.requirements if r.check_id == "inventory.owner")
    assert (owner.waivable, owner.protects, owner.blocking) == (False, "caio", False)
    assert report.signers == (("caio", "cio", "cto", "risk", "operations"),)


def test_a_later_gate_asks_what_the_earlier_ones_asked(caio):
    system = system_create(actor=caio, name="Search")
    report = gate_report(caio.organisation_id, system, "production")
    asked = {r.check_id for r in report.requirements}
    assert {"inventory.outcome", "inventory.impact_assessment", "inventory.vendor"} <= asked
    assert report.tier == "high"  # nobody knows, so it is asked what the high tier is asked


def test_a_claim_below_the_grade_blocks(caio):
    system = system_create(actor=caio, name="Search")
    practice_state(actor=caio, system=system, key="testing", status="met")
    report = gate_report(caio, system, "production")
    testing = next(r for r in report.requirements if r.check_id == "inventory.testing")
    assert (testing.finding.status, testing.least, testing.blocking) == ("in_progress", "documented", True)


def test_a_check_that_nobody_brings_blocks_and_cannot_be_waived(caio):
    body = body_of()
    body["gates"]["development"]["asks"].append({"check": "strategy.value_hypothesis", "grade": "sealed"})
    rulebook_activate(actor=caio, rulebook=rulebook_propose(actor=caio, body=body, reason="Value first"))
    system = system_create(actor=caio, name="Search")
    report = gate_report(caio, system, "development")
    line = next(r for r in report.requirements if r.check_id == "strategy.value_hypothesis")
    assert (line.check, line.blocking, line.waivable) == (None, True, False)
    assert "nothing in this installation can judge it" in line.finding.reason


def test_gate_reports_of_a_list_agree_with_each_one(caio, django_assert_max_num_queries):
    for name in ("Search", "Translate", "Rank"):
        system_create(actor=caio, name=name)
    with django_assert_max_num_queries(3):
        reports = gate_reports(caio, System.objects.of(caio))
    for system in System.objects.of(caio):
        assert reports[system.pk] == gate_report(caio, system, "development")


def test_no_gate_leads_back_to_an_idea(cast, caio):
    system = system_create(actor=caio, name="Search")
    with pytest.raises(Invalid):
        gate_report(caio, system, "idea")
    with pytest.raises(NotFound):
        gate_report(cast.actor("charlie"), system, "pilot")
