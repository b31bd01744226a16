"""SME light: a lone decider, marked so, and the outside reviewer's link."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.checks.models import Rulebook
from pilothouse.kernel.decisions.actions import decision_sign
from pilothouse.kernel.decisions.links import review_actor, review_link_answer, review_link_issue, review_link_of
from pilothouse.kernel.decisions.models import Decision, HumanOnly
from pilothouse.kernel.decisions.register import human_only_add, human_only_remove, register_lines
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.notify.notices import notices_of

QUESTIONS = [
    {"key": f"q{n}", "text": f"A question numbered {n}?", "example": "An example", "yes": "high"} for n in range(3)
]


@pytest.fixture
def sme_light(cast, system):
    system.tier = "low"
    system.save()
    body = {"questions": QUESTIONS, "gates": {}, "lone_decider": {"tiers": ["low"], "after_hours": 24}}
    Rulebook.objects.filter(organisation=cast.organisation, state="active").update(state="superseded")
    Rulebook.objects.create(
        organisation=cast.organisation, base="sme-light", version=99, title="SME", body=body, state="active", hash="h"
    )


def sign(actor, decision):
    return decision_sign(
        actor=actor, decision=decision, verdict="approve", reason="Sound", content_hash=decision.content_hash
    )


def refused(code):
    return pytest.raises(Forbidden, check=lambda e: e.code == code)


def test_it_works(cast, sme_light, ask):
    decision = ask("caio")
    with refused("lone_wait"):
        sign(cast.actor("caio"), decision)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        done = sign(cast.actor("caio"), decision)
    assert (done.state, done.marks, done.signatures.get().lone) == ("approved", ["lone"], True)


def test_not_without_the_rulebook(cast, ask):
    decision = ask("caio")
    with time_machine.travel(timezone.now() + timedelta(hours=25)), refused("own_request"):
        sign(cast.actor("caio"), decision)


def test_not_while_someone_else_could(cast, sme_light, ask):
    decision = ask("caio", groups=(("caio", "risk"),))
    with time_machine.travel(timezone.now() + timedelta(hours=25)), refused("own_request"):
        sign(cast.actor("caio"), decision)


def test_never_for_high_risk(cast, sme_light, ask):
    decision = ask("caio", high_risk=True)
    with time_machine.travel(timezone.now() + timedelta(hours=25)), refused("own_request"):
        sign(cast.actor("caio"), decision)


def test_never_for_a_high_tier(cast, sme_light, system, ask):
    system.tier = "unknown"
    system.save()
    decision = ask("caio")
    with time_machine.travel(timezone.now() + timedelta(hours=25)), refused("own_request"):
        sign(cast.actor("caio"), decision)


def test_never_for_what_the_register_keeps_for_humans(cast, sme_light, ask):
    human_only_add(actor=cast.actor("caio"), title="Purposes", why="They bind people", kind="test.purpose")
    decision = ask("caio")
    with time_machine.travel(timezone.now() + timedelta(hours=25)), refused("own_request"):
        sign(cast.actor("caio"), decision)


@pytest.fixture
def lone(cast, sme_light, ask):
    decision = ask("caio")
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        return sign(cast.actor("caio"), decision)


def issue(cast, decision):
    return review_link_issue(actor=cast.actor("caio"), decision=decision, name="Ines", email="ines@outside.example")


def test_an_outside_reviewer_countersigns_once(cast, lone):
    _, secret = issue(cast, lone)
    link = review_link_of(secret, timezone.now())
    review_link_answer(
        actor=review_actor(link), link=link, verdict="countersigned", reason="I would have done the same"
    )
    assert Decision.objects.get(pk=lone.pk).marks == ["lone", "countersigned"]
    assert Entry.objects.order_by("-seq").first().action == "decision.countersigned"
    with pytest.raises(NotFound):
        review_link_of(secret, timezone.now())
    with pytest.raises(NotFound):
        review_link_answer(actor=review_actor(link), link=link, verdict="objected", reason="Changed my mind")
    with pytest.raises(Conflict):
        issue(cast, lone)


def test_an_objection_is_told(cast, lone):
    _, secret = issue(cast, lone)
    link = review_link_of(secret, timezone.now())
    review_link_answer(actor=review_actor(link), link=link, verdict="objected", reason="Too hasty")
    assert any("objected" in n.text for n in notices_of(cast.actor("caio")))


def test_a_link_expires(cast, lone):
    _, secret = issue(cast, lone)
    with time_machine.travel(timezone.now() + timedelta(days=15)), pytest.raises(NotFound):
        review_link_of(secret, timezone.now())


def test_a_wrong_secret_finds_nothing(cast, lone):
    issue(cast, lone)
    with pytest.raises(NotFound):
        review_link_of("guess", timezone.now())


def test_a_reviewer_says_why(cast, lone):
    _, secret = issue(cast, lone)
    link = review_link_of(secret, timezone.now())
    with pytest.raises(Invalid):
        review_link_answer(actor=review_actor(link), link=link, verdict="countersigned", reason=" ")


def test_only_a_lone_decision_is_countersigned(cast, ask):
    with pytest.raises(Conflict):
        issue(cast, ask())


def test_a_link_names_a_real_address(cast, lone):
    with pytest.raises(Invalid, check=lambda e: set(e.fields) == {"name", "email"}):
        review_link_issue(actor=cast.actor("caio"), decision=lone, name="", email="nowhere")


class TestRegister:
    def test_a_kind_in_the_register_is_signed_on_a_page(self, cast, ask):
        human_only_add(actor=cast.actor("caio"), title="Purposes", why="They bind people", kind="test.purpose")
        decision = ask()
        with refused("human_only"):
            sign(cast.actor("caio", via="api"), decision)
        assert sign(cast.actor("caio"), decision).state == "approved"

    def test_taking_out_needs_someone_else(self, cast):
        caio = cast.actor("caio")
        entry = human_only_add(actor=caio, title="Rejecting an applicant", why="It changes a life")
        decision = human_only_remove(actor=caio, entry=entry, reason="Too slow")
        with refused("own_request"):
            sign(caio, decision)
        sign(cast.actor("risk"), decision)
        assert HumanOnly.objects.get().removed_at
        assert [line.title for line in register_lines(caio) if line.entry] == []

    def test_it_lists_what_is_built_so(self, cast):
        assert any(line.entry is None and line.enforced and line.why for line in register_lines(cast.actor("caio")))

    def test_an_entry_says_what_and_why(self, cast):
        with pytest.raises(Invalid, check=lambda e: set(e.fields) == {"title", "why", "kind"}):
            human_only_add(actor=cast.actor("caio"), title="", why="", kind="no.such")

    def test_an_entry_once(self, cast):
        human_only_add(actor=cast.actor("caio"), title="Rejecting", why="It changes a life")
        with pytest.raises(Conflict):
            human_only_add(actor=cast.actor("caio"), title="Rejecting", why="Again")

    def test_not_by_just_anyone(self, cast):
        with pytest.raises(Forbidden):
            human_only_add(actor=cast.actor("alice"), title="Rejecting", why="It changes a life")
