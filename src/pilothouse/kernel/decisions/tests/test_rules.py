"""The pure rules, against every arrangement that hypothesis thinks of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.decisions.rules import (
    Asked,
    SeatFact,
    SignedFact,
    Signer,
    bind,
    escalation_step,
    expiry,
    take_chair,
    verdict_of,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
people = st.integers(1, 5).map(lambda n: UUID(int=n))
roles = st.sampled_from(["caio", "risk", "cfo"])
seats = st.lists(st.builds(SeatFact, st.integers(0, 2), roles), min_size=1, max_size=5).map(tuple)
signed = st.lists(st.builds(SignedFact, st.integers(0, 2), people, st.none() | people), max_size=2).map(tuple)
asked = st.builds(
    Asked,
    state=st.sampled_from(["open", "approved", "expired"]),
    state_title=st.just("Closed"),
    expires_at=st.sampled_from([NOW, NOW + timedelta(days=1)]),
    requested_at=st.sampled_from([NOW, NOW - timedelta(days=2)]),
    proposers=st.frozensets(people, max_size=2),
    owners=st.frozensets(people, max_size=2),
    seats=seats,
    signed=signed,
    high_risk=st.booleans(),
    human_only=st.booleans(),
    allow_lone=st.booleans(),
)


@st.composite
def signers(draw):
    me = draw(people)
    stands_for = draw(st.frozensets(people, max_size=2)) | {me}
    held = draw(st.dictionaries(roles, st.frozensets(st.sampled_from(sorted(stands_for)), min_size=1)))
    return Signer(me, stands_for, held, draw(st.sampled_from(["page", "api"])))


@given(asked, signers(), st.none() | st.just(timedelta(hours=24)))
def test_whoever_gets_a_chair_was_entitled_to_it(question, signer, lone_after):
    try:
        chair = take_chair(question, signer, NOW, lone_after=lone_after)
    except PilothouseError:
        return
    own = signer.stands_for & (question.proposers | question.owners)
    assert question.state == "open"
    assert question.expires_at > NOW
    assert SeatFact(chair.group, chair.role) in question.seats
    assert chair.group not in {s.group for s in question.signed}
    assert (chair.acting_for or signer.person_id) in signer.roles[chair.role]
    assert not {signer.person_id, chair.acting_for or signer.person_id} & {
        p for s in question.signed for p in s.people()
    }
    assert not (question.human_only and signer.via != "page")
    assert chair.lone == bool(own)
    if own:
        assert lone_after
        assert question.allow_lone
        assert not question.high_risk
        assert not question.human_only


@given(st.lists(st.integers(0, 3), min_size=1), st.dictionaries(st.integers(0, 3), st.sampled_from(["a", "b"])))
def test_a_verdict_needs_every_group(groups, verdicts):
    outcome = verdict_of(groups, verdicts)
    assert (outcome is None) == bool(set(groups) - set(verdicts))


def test_the_path_is_walked_once_and_ends():
    path = ["caio", "board"]
    assert [escalation_step(n, path) for n in range(4)] == ["deputies", "caio", "board", None]
    assert expiry(NOW, 3, path) == NOW + timedelta(days=9)


@pytest.mark.parametrize("other", [{"decision": UUID(int=2)}, {"kind": "b"}, {"asked": {"x": 2}}, {"subject": "h2"}])
def test_a_hash_fits_one_decision_only(other):
    said = {"decision": UUID(int=1), "kind": "a", "asked": {"x": 1}, "subject": "h"}
    first, second = ((d["decision"], d["kind"], d["asked"], d["subject"]) for d in (said, said | other))
    assert bind(*first) != bind(*second)
