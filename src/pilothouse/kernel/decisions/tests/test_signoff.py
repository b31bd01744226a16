"""Signing off a sealed document: core of “a changed record voids its signature”."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.domains.strategy.tests.test_value_hypothesis import hypothesis
from pilothouse.kernel.decisions.actions import decision_sign
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.decisions.signed import signed_off
from pilothouse.kernel.decisions.signoff import record_signoff_request, record_signoffs
from pilothouse.kernel.records.actions import record_draft, record_seal, record_withdraw

KIND = "strategy.value_hypothesis"


@pytest.fixture
def sealed(cast, system):
    alice = cast.actor("alice")
    return record_seal(actor=alice, record=record_draft(actor=alice, system=system, kind=KIND, body=hypothesis()))


def ask(cast, record, who="alice", groups=(("cfo",),), reason="Before we spend"):
    return record_signoff_request(actor=cast.actor(who), record=record, groups=groups, reason=reason)


def sign(cast, who, decision):
    return decision_sign(
        actor=cast.actor(who),
        decision=decision,
        verdict="approve",
        reason="The figures are sound",
        content_hash=decision.content_hash,
    )


def signed(cast, kind=KIND):
    return signed_off(kind)(cast.organisation.pk, None)


def test_it_works(cast, sealed):
    decision = sign(cast, "cfo", ask(cast, sealed))
    assert decision.state == "approved"
    assert decision.subject_hash == sealed.hash
    assert [one.decision_id for one in signed(cast).values()] == [decision.pk]


def test_a_new_version_voids_the_signature(cast, system, sealed):
    decision = sign(cast, "cfo", ask(cast, sealed))
    alice = cast.actor("alice")
    record_seal(actor=alice, record=record_draft(actor=alice, system=system, kind=KIND, body=hypothesis(target="40")))
    [(_, [view])] = record_signoffs(sealed)
    assert view.void == "What was signed has changed since."
    assert signed(cast) == {}
    assert Decision.objects.get(pk=decision.pk).state == "approved"  # what happened is not rewritten


def test_a_new_version_supersedes_what_still_waits(cast, system, sealed):
    decision = ask(cast, sealed, groups=(("cfo",), ("risk",)))
    sign(cast, "cfo", decision)
    alice = cast.actor("alice")
    record_seal(actor=alice, record=record_draft(actor=alice, system=system, kind=KIND, body=hypothesis(target="40")))
    with pytest.raises(Conflict):
        sign(cast, "risk", decision)
    assert Decision.objects.get(pk=decision.pk).state == "superseded"


def test_a_withdrawn_version_voids_the_signature(cast, sealed):
    sign(cast, "cfo", ask(cast, sealed))
    record_withdraw(actor=cast.actor("alice"), record=sealed, reason="Wrong figures")
    assert signed(cast) == {}


def test_nobody_changes_a_signed_text_behind_our_back(cast, sealed):
    sign(cast, "cfo", ask(cast, sealed))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE records_record SET body = '{}' WHERE version = 1")
    assert len(signed(cast)) == 1


def test_whoever_wrote_or_sealed_it_does_not_sign(cast, sealed):
    decision = ask(cast, sealed, "caio", groups=(("owner",),))
    with pytest.raises(Forbidden, check=lambda e: e.code == "own_request"):
        sign(cast, "alice", decision)


def test_only_a_sealed_version(cast, system):
    draft = record_draft(actor=cast.actor("alice"), system=system, kind=KIND, body=hypothesis())
    with pytest.raises(Conflict):
        ask(cast, draft)


def test_it_names_roles_and_why(cast, sealed):
    with pytest.raises(Invalid, check=lambda e: set(e.fields) == {"groups", "reason"}):
        ask(cast, sealed, groups=(("pope",),), reason=" ")


def test_the_outsider_and_the_stranger(cast, sealed):
    with pytest.raises(NotFound):
        ask(cast, sealed, "charlie")
    with pytest.raises(Forbidden):
        ask(cast, sealed, "auditor")
