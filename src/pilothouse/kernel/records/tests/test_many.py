"""Writing many at once: all or none, in a constant number of queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.inventory import hooks
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.records.actions import hash_of, record_draft, record_seal, records_draft, records_seal
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.tests.toys import CARD, MODEL, PIECE, SKILL, STAGE, card, model, piece, stage

pytestmark = pytest.mark.usefixtures("toys")


@pytest.fixture
def caio(cast):
    return cast.actor("caio")


@pytest.fixture
def system(cast):
    alice = cast.actor("alice")
    return system_create(actor=alice, name="CV summary", owner_id=alice.person_id)


def about(system, *bodies):
    return [(system, body) for body in bodies]


def test_many_are_sealed_at_once(caio):
    first = record_seal(actor=caio, record=record_draft(actor=caio, system=None, kind=MODEL, body=model()))
    made = records_seal(actor=caio, kind=MODEL, bodies=about(None, model(price="3"), model("Large 1")))
    first.refresh_from_db()
    assert first.state == "superseded"
    assert [(row.key, row.version, row.state) for row in made] == [("Small 3", 2, "sealed"), ("Large 1", 1, "sealed")]
    assert all(row.hash == hash_of(row) for row in Record.objects.filter(state="sealed"))
    assert Entry.objects.filter(action="record.sealed").count() == 3


def test_the_same_entry_twice_in_one_batch_is_two_versions(caio):
    made = records_seal(actor=caio, kind=MODEL, bodies=about(None, model(), model(price="3"), model(price="4")))
    found = Record.objects.order_by("version").values_list("version", "state")
    assert list(found) == [(1, "superseded"), (2, "superseded"), (3, "sealed")]
    assert made[-1].body["price"] == "4"


def test_numbered_entries_go_on_from_the_highest(caio, system):
    records_seal(actor=caio, kind=STAGE, bodies=about(system, *[stage()] * 10))
    made = records_seal(actor=caio, kind=STAGE, bodies=about(system, stage(), stage("It was off.")), keys=[None, "2"])
    assert [(row.key, row.version) for row in made] == [("11", 1), ("2", 2)]
    with pytest.raises(NotFound):
        records_seal(actor=caio, kind=STAGE, bodies=about(system, stage()), keys=["99"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (model("Large 1", maker="x"), "1.maker"),
        (model("Large 1", licence="lost"), "1.licence"),
        (model("Large 1", surprise=1), "1.surprise"),
        (model(""), "1.name"),
        (model("Large 1", keeper="nobody@harbour.example"), "1.keeper"),
    ],
)
def test_all_or_none(caio, wrong, field):
    with pytest.raises(Invalid) as refused:
        records_seal(actor=caio, kind=MODEL, bodies=about(None, model(), wrong))
    assert list(refused.value.fields) == [field]
    assert not Record.objects.exists()


def test_what_cannot_be_kept_is_refused(caio):
    with pytest.raises(Invalid):
        records_seal(actor=caio, kind=MODEL, bodies=about(None, model("a\x00b")))


def test_an_open_draft_is_not_written_over(caio):
    record_draft(actor=caio, system=None, kind=MODEL, body=model())
    with pytest.raises(Conflict):
        records_seal(actor=caio, kind=MODEL, bodies=about(None, model("Large 1"), model()))
    assert Record.objects.count() == 1


def test_who_may_not(cast, system):
    for who, error in (("bob", Forbidden), ("alice", Forbidden), ("charlie", NotFound)):
        other = system_create(actor=cast.actor("caio"), name="Not Alice's") if who == "alice" else system
        if who == "alice":
            error = NotFound
        for write in (records_seal, records_draft):
            with pytest.raises(error):
                write(actor=cast.actor(who), kind=CARD, bodies=about(other, card()))
    with pytest.raises(Forbidden):
        records_seal(actor=cast.actor("alice"), kind=MODEL, bodies=about(None, model()))
    with pytest.raises(Forbidden):
        records_draft(actor=cast.actor("ciso"), kind=SKILL, bodies=about(None, {"person": "x", "level": 1}))


def test_many_drafts_at_once(caio, system):
    open_one = record_draft(actor=caio, system=system, kind=PIECE, body=piece("Reader"))
    same = record_draft(actor=caio, system=system, kind=PIECE, body=piece("Same"))
    bodies = about(system, piece("Reader", "Writer"), {"name": "Writer"}, piece("Same"), piece("Writer"))
    made = records_draft(actor=caio, kind=PIECE, bodies=bodies)
    assert [(row.key, row.revision) for row in made] == [("Reader", 2), ("Writer", 2), ("Same", 1), ("Writer", 2)]
    assert (made[0].pk, made[2].pk) == (open_one.pk, same.pk)
    assert {row.key: row.body["calls"] for row in Record.objects.filter(state="draft")}["Reader"] == ["Writer"]
    with pytest.raises(Invalid) as refused:
        records_draft(actor=caio, kind=PIECE, bodies=about(system, piece("One"), {"scope": "All of it"}))
    assert list(refused.value.fields) == ["1.name"]
    assert not Record.objects.filter(key="One").exists()


def test_the_next_version_of_what_is_sealed(caio, system):
    records_seal(actor=caio, kind=CARD, bodies=about(system, card()))
    made = records_draft(actor=caio, kind=CARD, bodies=about(system, card(tested=False)))
    assert [(row.version, row.state, row.key) for row in made] == [(2, "draft", "")]


@pytest.mark.parametrize("write", [records_seal, records_draft])
def test_queries_do_not_grow(caio, write, monkeypatch):
    monkeypatch.setattr(hooks, "_listeners", [])
    used = []
    for count in (2, 30):
        systems = [system_create(actor=caio, name=f"System {count} {n}") for n in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            write(actor=caio, kind=CARD, bodies=[(one, card()) for one in systems])
        used.append(len(queries))
    assert used[0] == used[1]
