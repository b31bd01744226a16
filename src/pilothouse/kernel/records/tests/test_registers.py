"""Registers: many entries of one kind, each with versions of its own; and who may read and write them."""

import pytest

from pilothouse.contracts.errors import Forbidden, Invalid, NotFound
from pilothouse.kernel.inventory import hooks
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.ledger.models import Content, Entry
from pilothouse.kernel.records.actions import record_draft, record_seal, record_withdraw
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import (
    choices,
    counts,
    current,
    entries,
    in_order,
    latest_sealed,
    located,
    organisation_entries,
    record_by_id,
    records,
    sealed_of_organisation,
    sealed_of_systems,
    standings,
    versions,
)
from pilothouse.kernel.records.tests.toys import CARD, MODEL, PIECE, POLICY, SKILL, STAGE, card, model, piece, stage

pytestmark = pytest.mark.usefixtures("toys")


@pytest.fixture
def caio(cast):
    return cast.actor("caio")


@pytest.fixture
def alice(cast):
    return cast.actor("alice")


@pytest.fixture
def system(alice):
    return system_create(actor=alice, name="CV summary", owner_id=alice.person_id)


def seal(actor, kind, body, system=None, **more):
    return record_seal(actor=actor, record=record_draft(actor=actor, system=system, kind=kind, body=body, **more))


def test_entries_have_versions_of_their_own(caio):
    small, large = seal(caio, MODEL, model()), seal(caio, MODEL, model("Large 1"))
    newer = seal(caio, MODEL, model(maker="Kelp Laboratories"))
    small.refresh_from_db()
    assert (small.state, newer.version, newer.key, large.version) == ("superseded", 2, "Small 3", 1)
    assert [row.version for row in versions(caio, small)] == [2, 1]
    assert [row.key for row in current(caio, MODEL)] == ["Large 1", "Small 3"]
    told = Entry.objects.filter(action="record.sealed").order_by("seq").last()
    assert "“Small 3”, version 2" in Content.objects.get(entry=told).body


def test_numbered_entries_are_numbered_and_stay_in_order(alice, system):
    for n in range(11):
        seal(alice, STAGE, stage(f"It happened {n} times."), system)
    found = entries(STAGE)(system.organisation_id, None)[system.pk]
    assert [one.key for one in found] == [str(n) for n in range(1, 12)]
    again = seal(alice, STAGE, stage("It happened otherwise."), system, key="3")
    assert (again.key, again.version) == ("3", 2)
    record_withdraw(actor=alice, record=Record.objects.get(key="11"), reason="It did not happen")
    assert seal(alice, STAGE, stage(), system).key == "12", "a number is never given twice"
    with pytest.raises(NotFound):
        record_draft(actor=alice, system=system, kind=STAGE, body=stage(), key="99")
    with pytest.raises(NotFound):
        record_draft(actor=alice, system=system, kind=STAGE, body=stage(), key="first")
    assert sorted(["10", "2", "b", "a"], key=in_order) == ["a", "b", "2", "10"]


def test_a_sealed_entry_keeps_its_name(caio):
    seal(caio, MODEL, model())
    with pytest.raises(Invalid) as refused:
        record_draft(actor=caio, system=None, kind=MODEL, body=model("Small 4"), key="Small 3")
    assert "Small 3" in refused.value.fields["name"]
    assert list(Record.objects.values_list("key", flat=True)) == ["Small 3"]


def test_a_draft_that_was_never_sealed_may_be_named_anew(caio):
    draft = record_draft(actor=caio, system=None, kind=MODEL, body=model("Smal 3"))
    renamed = record_draft(actor=caio, system=None, kind=MODEL, body=model(), key="Smal 3", revision=1)
    assert (renamed.pk, renamed.key, renamed.revision) == (draft.pk, "Small 3", 2)
    record_draft(actor=caio, system=None, kind=MODEL, body=model("Large 1"))
    with pytest.raises(Invalid):
        record_draft(actor=caio, system=None, kind=MODEL, body=model("Large 1"), key="Small 3")
    with pytest.raises(Invalid):
        record_draft(actor=caio, system=None, kind=MODEL, body=model(""), key="Small 3")


def test_what_is_new_does_not_take_a_name_that_is_there(caio):
    seal(caio, MODEL, model())
    with pytest.raises(Invalid) as refused:
        record_draft(actor=caio, system=None, kind=MODEL, body=model("small 3"), fresh=True)
    assert "name" in refused.value.fields
    assert record_draft(actor=caio, system=None, kind=MODEL, body=model(price="3")).version == 2


@pytest.mark.parametrize("name", [None, "", "  ", "x" * 201])
def test_an_entry_needs_a_name(caio, name):
    with pytest.raises(Invalid) as refused:
        record_draft(actor=caio, system=None, kind=MODEL, body=model(name))
    assert "name" in refused.value.fields


def test_a_document_has_no_entries(alice, system):
    with pytest.raises(Invalid):
        record_draft(actor=alice, system=system, kind=CARD, body=card(), key="7")


def test_the_organisations_own_is_written_by_who_may_everywhere(cast, alice, system):
    with pytest.raises(Forbidden):
        record_draft(actor=alice, system=None, kind=MODEL, body=model())
    with pytest.raises(Invalid):
        record_draft(actor=cast.actor("caio"), system=system, kind=MODEL, body=model())
    with pytest.raises(Invalid):
        record_draft(actor=alice, system=None, kind=STAGE, body=stage())


def test_confidential_kinds_are_read_by_few_and_stay_out_of_the_ledger(cast, caio, alice):
    sealed = seal(caio, SKILL, {"person": "bob@harbour.example", "level": 3})
    assert record_by_id(cast.actor("ciso"), sealed.pk) == sealed, "who sees people reads it"
    for who in (alice, cast.actor("bob"), cast.actor("employee")):
        with pytest.raises(NotFound):
            record_by_id(who, sealed.pk)
        assert not records(who, kind=SKILL).exists()
        assert not choices(who, SKILL, None, 50)
        assert not located(who, [(SKILL, "bob@harbour.example")], None)
        assert SKILL not in {one.kind.id for one in standings(who, None)}
        assert (SKILL, "sealed") not in counts(who)
    bodies = Content.objects.filter(entry__subject_id=sealed.pk).values_list("body", flat=True)
    assert len(bodies) == 2
    assert not [body for body in bodies if "bob@harbour.example" in body or '"level":3' in body]


def test_the_organisations_own_is_there_for_who_sees_any_system(cast, caio, alice):
    sealed = seal(caio, MODEL, model())
    assert record_by_id(alice, sealed.pk) == sealed
    assert counts(alice) == {(MODEL, "sealed"): 1}
    assert not records(cast.actor("employee")).exists()
    assert not records(cast.actor("charlie")).exists()


def test_all_systems_are_judged_anew_when_a_policy_is_sealed(caio, system, monkeypatch):
    told = []
    monkeypatch.setattr(hooks, "_listeners", [lambda actor, ids: told.append(list(ids))])
    draft = record_draft(actor=caio, system=None, kind=POLICY, body={"rule": "A person decides."})
    assert told == [], "checks read what is sealed"
    sealed = record_seal(actor=caio, record=draft)
    assert told == [[system.pk]]
    seal(caio, MODEL, model())
    assert len(told) == 1, "no check reads the models"
    record_withdraw(actor=caio, record=sealed, reason="It holds no more")
    assert told == [[system.pk]] * 2


def test_loaders_are_one_query_each(caio, alice, system, django_assert_num_queries):
    for name in ("Small 3", "Large 1"):
        seal(caio, MODEL, model(name))
    seal(alice, PIECE, piece("Reader"), system)
    for load in (latest_sealed(CARD), entries(PIECE), organisation_entries(MODEL)):
        with django_assert_num_queries(1):
            load(system.organisation_id, None)
    assert entries(PIECE) is entries(PIECE)
    everywhere = organisation_entries(MODEL)(system.organisation_id, [system.pk])
    assert [one.key for one in everywhere.get(system.pk)] == ["Large 1", "Small 3"]
    assert everywhere == organisation_entries(MODEL)(system.organisation_id, None)
    assert [one.key for one in sealed_of_organisation(system.organisation_id, MODEL)] == ["Large 1", "Small 3"]
    assert [(pk, one.key) for pk, one in sealed_of_systems(system.organisation_id, PIECE)] == [(system.pk, "Reader")]


def test_what_stands_is_the_sealed_version_or_else_the_draft(alice, system):
    seal(alice, PIECE, piece("Reader"), system)
    record_draft(actor=alice, system=system, kind=PIECE, body=piece("Reader", "Writer"))
    record_draft(actor=alice, system=system, kind=PIECE, body=piece("Writer"))
    assert [(r.key, r.state, r.drafted) for r in current(alice, PIECE, system=system)] == [
        ("Reader", "sealed", True),
        ("Writer", "draft", True),
    ]
    standing = next(one for one in standings(alice, system) if one.kind.id == PIECE)
    assert (standing.entries, standing.drafts, standing.versions) == (1, 2, 3)


def test_what_may_be_chosen(cast, caio, alice, system):
    seal(caio, MODEL, model())
    seal(alice, STAGE, stage(), system)
    assert choices(alice, MODEL, system, 50) == [("Small 3", "Small 3")]
    assert choices(alice, STAGE, system, 50) == [("1", "1: It was switched on.")]
    assert choices(alice, "system", None, 50) == [(str(system.number), f"{system.ref} CV summary")]
    assert ("bob@harbour.example", "Bob (bob@harbour.example)") in choices(alice, "person", None, 50)
    assert len(choices(alice, "person", None, 2)) == 2
    assert choices(alice, "no.such", None, 50) == []


def test_where_references_lead(cast, caio, alice, system, django_assert_num_queries):
    sealed = seal(caio, MODEL, model())
    named = [(MODEL, "Small 3"), (MODEL, "Absent"), ("person", "bob@harbour.example"), ("system", str(system.number))]
    with django_assert_num_queries(3):
        found = located(alice, named, system)
    assert found[MODEL, "Small 3"] == sealed
    assert found["person", "bob@harbour.example"] == cast.people["bob"]
    assert found["system", str(system.number)] == system
    assert (MODEL, "Absent") not in found
