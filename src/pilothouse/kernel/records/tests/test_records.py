import pytest
from django.db import DatabaseError, connection, transaction

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.domains.strategy.tests.test_value_hypothesis import hypothesis
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.records.actions import hash_of, record_draft, record_seal, record_withdraw
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import (
    compare,
    latest_sealed,
    problems_of,
    record_by_id,
    records,
    standings,
)

KIND = "strategy.value_hypothesis"


@pytest.fixture
def alice(cast):
    return cast.actor("alice")


@pytest.fixture
def system(alice):
    return system_create(actor=alice, name="CV summary", owner_id=alice.person_id)


@pytest.fixture
def draft(alice, system):
    return record_draft(actor=alice, system=system, kind=KIND, body=hypothesis())


def test_it_works(alice, system, draft):
    sealed = record_seal(actor=alice, record=draft)
    assert (sealed.state, sealed.version, sealed.hash) == ("sealed", 1, hash_of(sealed))
    assert sealed.body["cost"]["p50"] == "12000.50"
    again = record_draft(actor=alice, system=system, kind=KIND, body=hypothesis(target="40"))
    newer = record_seal(actor=alice, record=again)
    sealed.refresh_from_db()
    assert (newer.version, sealed.state) == (2, "superseded")
    assert newer.hash != sealed.hash
    assert [(d.title, d.before, d.after) for d in compare(sealed, newer)] == [("Target", "48", "40")]
    actions = [e.action for e in Entry.objects.filter(subject_type="records.record").order_by("seq")]
    assert actions == ["record.drafted", "record.sealed"] * 2


def test_a_draft_may_be_incomplete_and_says_what_is_missing(alice, system):
    draft = record_draft(actor=alice, system=system, kind=KIND, body={"outcome": "Too short", "target": "many"})
    found = problems_of(draft)
    assert found["outcome"].startswith("Say a little more")
    assert found["target"] == "Write a number, such as 12.5."
    assert found["metric"] == "Still to be filled in."
    with pytest.raises(Invalid) as refused:
        record_seal(actor=alice, record=draft)
    assert refused.value.fields == found


def test_there_is_one_draft_and_saving_the_same_changes_nothing(alice, system, draft):
    same = record_draft(actor=alice, system=system, kind=KIND, body=hypothesis())
    other = record_draft(actor=alice, system=system, kind=KIND, body=hypothesis(target="50"))
    assert (same.pk, same.revision) == (draft.pk, 1)
    assert (other.pk, other.revision) == (draft.pk, 2)
    assert Record.objects.count() == 1


def test_a_lost_update_is_refused(alice, system, draft):
    record_draft(actor=alice, system=system, kind=KIND, body=hypothesis(target="50"), revision=1)
    with pytest.raises(Conflict):
        record_draft(actor=alice, system=system, kind=KIND, body=hypothesis(target="51"), revision=1)
    with pytest.raises(Conflict):
        record_draft(actor=alice, system=system, kind=KIND, body=hypothesis(target="51"), revision=0)
    with pytest.raises(Conflict):
        record_seal(actor=alice, record=draft, revision=1)


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [
        ("no.such", {}, NotFound),
        (KIND, {"surprise": 1}, Invalid),
        (KIND, {"outcome": "x" * 300_000}, Invalid),
        (KIND, {"outcome": "a\x00b"}, Invalid),
        (KIND, {"outcome": "\ud800"}, Invalid),
        (KIND, {"outcome": {1, object()}}, Invalid),
    ],
)
def test_what_is_no_draft(alice, system, kind, body, error):
    with pytest.raises(error):
        record_draft(actor=alice, system=system, kind=kind, body=body)
    with pytest.raises(Invalid):
        record_draft(actor=alice, system=None, kind=KIND, body={})


def test_who_may_not_write(cast, system, draft):
    for who, error in (("bob", Forbidden), ("auditor", Forbidden), ("charlie", NotFound)):
        with pytest.raises(error):
            record_draft(actor=cast.actor(who), system=system, kind=KIND, body={})
        with pytest.raises(error):
            record_seal(actor=cast.actor(who), record=draft)
        with pytest.raises(error):
            record_withdraw(actor=cast.actor(who), record=draft, reason="Mine")


def test_sealing_twice_is_refused(alice, draft):
    record_seal(actor=alice, record=draft)
    with pytest.raises(Conflict):
        record_seal(actor=alice, record=draft)


def test_withdrawing_needs_a_reason_and_happens_once(alice, system, draft):
    sealed = record_seal(actor=alice, record=draft)
    with pytest.raises(Invalid):
        record_withdraw(actor=alice, record=sealed, reason=" ")
    record_withdraw(actor=alice, record=sealed, reason="The pilot was stopped")
    with pytest.raises(Conflict):
        record_withdraw(actor=alice, record=sealed, reason="Again")
    assert latest_sealed(KIND)(system.organisation_id, None) == {}
    newer = record_draft(actor=alice, system=system, kind=KIND, body=hypothesis())
    assert newer.version == 2


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE records_record SET body = '{}'",
        "UPDATE records_record SET hash = ''",
        "UPDATE records_record SET state = 'draft'",
        "UPDATE records_record SET version = 9",
        "DELETE FROM records_record",
    ],
)
def test_the_database_refuses_to_change_what_is_sealed(alice, draft, sql):
    record_seal(actor=alice, record=draft)
    with pytest.raises(DatabaseError, match="never changes"):
        _execute(sql)


def test_the_database_lets_a_draft_change(draft):
    _execute("UPDATE records_record SET body = '{}'")
    _execute("DELETE FROM records_record")
    assert not Record.objects.exists()


def test_the_triggers_stand_after_migrating(db):
    if connection.vendor == "postgresql":
        found = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'records_record_no_%' AND tgenabled = 'O'"
    else:
        found = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'records_record_no_%'"
    with connection.cursor() as cursor:
        cursor.execute(found)
        assert cursor.fetchone() == (2,)


def test_the_loader_is_one_query_and_one_for_a_kind(cast, alice, system, draft, django_assert_num_queries):
    record_seal(actor=alice, record=draft)
    assert latest_sealed(KIND) is latest_sealed(KIND)
    with django_assert_num_queries(1):
        facts = latest_sealed(KIND)(cast.organisation.pk, None)
    assert facts[system.pk].body["metric"] == "Hours until the first answer"
    assert latest_sealed(KIND)(cast.elsewhere.pk, None) == {}
    assert latest_sealed(KIND)(cast.organisation.pk, []) == {}


def test_where_each_kind_stands(cast, alice, system, django_assert_num_queries):
    record_draft(actor=alice, system=system, kind=KIND, body={"outcome": "Answers within two days"})
    with django_assert_num_queries(1):
        found = {s.kind.id: s for s in standings(alice, system)}
    assert (found[KIND].sealed, found[KIND].versions) == (None, 1)
    assert found[KIND].missing == 14
    assert found["security.threat_model"].versions == 0
    with pytest.raises(NotFound):
        standings(cast.actor("charlie"), system)


def test_only_what_one_may_see_is_read(cast, alice, draft):
    other = system_create(actor=cast.actor("caio"), name="Not Alice's")
    record_draft(actor=cast.actor("caio"), system=other, kind=KIND, body={})
    assert [r.pk for r in records(alice)] == [draft.pk]
    assert records(cast.actor("bob")).count() == 2
    assert records(cast.actor("charlie")).count() == 0
    with pytest.raises(NotFound):
        record_by_id(alice, records(cast.actor("bob"), system=other)[0].pk)


def _execute(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
