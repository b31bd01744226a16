"""Loosening a rulebook goes through someone else's decision."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from pilothouse.contracts.errors import Conflict, Forbidden
from pilothouse.kernel.checks.actions import rulebook_activate, rulebook_adopt, rulebook_propose, rulebook_withdraw
from pilothouse.kernel.checks.active import active_rulebook
from pilothouse.kernel.decisions.actions import decision_sign
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.decisions.tick import decisions_tick
from pilothouse.kernel.ledger.models import Entry


@pytest.fixture
def proposal(cast):
    caio = cast.actor("caio")
    rulebook = rulebook_adopt(actor=caio, base="enterprise")
    body = rulebook.rules.model_dump(mode="json")
    body["inherited_days"]["high"] = 60
    return rulebook_propose(actor=caio, body=body, reason="Thirty days are too few for us")


def sign(actor, decision, verdict="approve"):
    return decision_sign(
        actor=actor, decision=decision, verdict=verdict, reason="Sound", content_hash=decision.content_hash
    )


def test_it_works(cast, proposal):
    decision = Decision.objects.get(kind="rulebook.loosen")
    assert active_rulebook(cast.organisation.pk).version == 1
    sign(cast.actor("risk"), decision)
    assert active_rulebook(cast.organisation.pk).rules.inherited_days.high == 60
    actions = list(Entry.objects.values_list("action", flat=True))
    for name in (
        "rulebook.proposed",
        "decision.requested",
        "decision.signed",
        "decision.approved",
        "rulebook.activated",
    ):
        assert name in actions


def test_not_by_its_proposer(cast, proposal):
    decision = Decision.objects.get(kind="rulebook.loosen")
    with pytest.raises(Forbidden, check=lambda e: e.code == "own_request"):
        sign(cast.actor("caio"), decision)
    with pytest.raises(Forbidden):
        rulebook_activate(actor=cast.actor("caio"), rulebook=proposal, decision_id=decision.pk)


def test_not_with_a_token(cast, proposal):
    with pytest.raises(Forbidden, check=lambda e: e.code == "human_only"):
        sign(cast.actor("risk", via="api"), Decision.objects.get(kind="rulebook.loosen"))


def test_a_refusal_ends_the_proposal(cast, proposal):
    sign(cast.actor("risk"), Decision.objects.get(kind="rulebook.loosen"), "refuse")
    proposal.refresh_from_db()
    assert proposal.state == "withdrawn"
    assert active_rulebook(cast.organisation.pk).version == 1


def test_silence_ends_it_too(cast, proposal):
    with time_machine.travel(timezone.now() + timedelta(days=60)):
        decisions_tick()
    proposal.refresh_from_db()
    assert proposal.state == "withdrawn"


def test_a_withdrawn_proposal_cannot_be_signed(cast, proposal):
    rulebook_withdraw(actor=cast.actor("caio"), rulebook=proposal, reason="Not now")
    decision = Decision.objects.get(kind="rulebook.loosen")
    with pytest.raises(Conflict):
        sign(cast.actor("risk"), decision)
    decision.refresh_from_db()
    assert decision.state == "superseded"
