"""Whoever owns the database changes a sealed document; verification names it."""

import pytest
from django.db import connection

from pilothouse.domains.strategy.tests.test_value_hypothesis import hypothesis
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.ledger.actions import entry_erase
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.records.actions import hash_of, record_draft, record_seal
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.verify import intact, verify_records


@pytest.fixture
def sealed(cast):
    caio = cast.actor("caio")
    system = system_create(actor=caio, name="CV summary")
    draft = record_draft(actor=caio, system=system, kind="strategy.value_hypothesis", body=hypothesis())
    return record_seal(actor=caio, record=draft)


def tamper(**changes):
    with connection.cursor() as cursor:
        on = " ON records_record" if connection.vendor == "postgresql" else ""
        if on:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"DROP TRIGGER records_record_no_change{on}")
    Record.objects.update(**changes)


def found(cast):
    return [t.detail for t in verify_records(cast.organisation.pk)]


def test_it_works(cast, sealed, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert found(cast) == []
    assert intact(Record.objects.get())


def test_a_changed_text_is_named(cast, sealed):
    tamper(body=sealed.body | {"target": "1"})
    assert found(cast) == ["Its text was changed after it was sealed."]


def test_a_changed_text_with_its_hash_is_named(cast, sealed):
    sealed.body["target"] = "1"
    tamper(body=sealed.body, hash=hash_of(sealed))
    assert found(cast) == ["The ledger holds another hash: text and hash were replaced."]


def test_a_document_that_was_never_sealed_here_is_named(cast, sealed):
    forged = Record(organisation=cast.organisation, kind=sealed.kind, system=sealed.system, version=7, body={})
    forged.hash, forged.state = hash_of(forged), "superseded"
    forged.save()
    assert found(cast) == ["The ledger does not know that it was sealed."]


def test_an_erased_entry_does_not_raise_a_false_alarm(cast, sealed):
    entry = Entry.objects.get(action="record.sealed")
    entry_erase(actor=cast.actor("legal"), entry=entry, reason="Article 17")
    assert found(cast) == []
