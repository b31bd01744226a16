"""Sealing refuses what refers to nothing: entries, people and systems."""

import pytest

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import record_draft, record_seal, record_withdraw, records_seal
from pilothouse.kernel.records.tests.toys import CARD, MODEL, PIECE, STAGE, card, model, piece, stage

pytestmark = pytest.mark.usefixtures("toys")


@pytest.fixture
def caio(cast):
    return cast.actor("caio")


@pytest.fixture
def system(caio):
    return system_create(actor=caio, name="CV summary")


def seal(actor, kind, body, system=None):
    return record_seal(actor=actor, record=record_draft(actor=actor, system=system, kind=kind, body=body))


def refused(actor, kind, body, system):
    with pytest.raises(Invalid) as error:
        seal(actor, kind, body, system)
    return error.value.fields


def test_what_is_there_may_be_named(caio, system):
    other = system_create(actor=caio, name="Letters")
    seal(caio, MODEL, model(keeper="bob@harbour.example"))
    sealed = seal(caio, CARD, card(uses=["Small 3"], next_to=[other.number]), system)
    assert sealed.body["next_to"] == [other.number]


def test_each_kind_of_reference_is_looked_up(cast, caio, system):
    system_create(actor=cast.actor("charlie"), name="Not ours")
    body = card(uses=["Small 3", "Large 1"], next_to=[999_999], owner="charlie@elsewhere.example")
    found = refused(caio, CARD, body, system)
    assert found["uses"] == "There is no “Small 3” among “Models” yet: add it there first."
    assert found["next_to"] == "There is no “999999” among the systems."
    assert found["owner"] == "There is no “charlie@elsewhere.example” among the people."


def test_references_in_parts_are_looked_up(caio, system):
    steps = [{"what": "Read it", "minutes": "1"}, {"what": "Sum it up", "minutes": "1", "model": "Small 3"}]
    assert refused(caio, STAGE, stage(steps=steps), system) == {
        "steps.1.model": "There is no “Small 3” among “Models” yet: add it there first."
    }


def test_what_was_withdrawn_is_there_no_more(caio, system):
    seal(caio, MODEL, model())
    newer = seal(caio, MODEL, model(maker="Kelp Laboratories"))
    record_withdraw(actor=caio, record=newer, reason="No longer sold")
    assert "uses" in refused(caio, CARD, card(uses=["Small 3"]), system), "the older version does not stand either"
    record_draft(actor=caio, system=None, kind=MODEL, body=model())
    assert seal(caio, CARD, card(uses=["Small 3"]), system).state == "sealed", "it is being written anew"


def test_entries_about_a_system_are_looked_for_among_its_own(caio, system):
    other = system_create(actor=caio, name="Letters")
    seal(caio, PIECE, piece("Reader"), other)
    assert "calls" in refused(caio, PIECE, piece("Writer", "Reader"), system)
    seal(caio, PIECE, piece("Reader"), system)
    assert seal(caio, PIECE, piece("Writer", "Reader"), system).state == "sealed"


def test_entries_sealed_together_may_name_each_other_and_themselves(caio, system):
    pieces = [piece("Reader", "Writer"), piece("Writer", "Reader", "Writer")]
    assert len(records_seal(actor=caio, kind=PIECE, bodies=[(system, one) for one in pieces])) == 2
    assert seal(caio, PIECE, piece("Loop", "Loop"), system).state == "sealed"
