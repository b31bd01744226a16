"""Whoever can write to the database drops the triggers and tampers; verification names the row."""

import json

import pytest
from django.db import DatabaseError, connection, transaction

from pilothouse.contracts import merkle
from pilothouse.kernel.ledger import guards, keys, notes
from pilothouse.kernel.ledger.actions import checkpoint_make, entry_erase
from pilothouse.kernel.ledger.log import envelope
from pilothouse.kernel.ledger.models import Checkpoint, Content, Entry, Log
from pilothouse.kernel.ledger.verify import verify

TABLES = ("ledger_entry", "ledger_content", "ledger_checkpoint", "ledger_witnessing")


@pytest.fixture
def tamper(db):
    """Run SQL as an intruder who owns the database: with every trigger lifted, then put back."""

    def run(sql, *parameters):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                for table in TABLES:
                    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                cursor.execute(sql, parameters)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                for table in TABLES:
                    cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
                return
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(sql, parameters)
            for _, create in triggers:
                cursor.execute(create)

    return run


def named(report):
    return [(p.kind, p.seq) for p in report.problems]


def test_it_works(cast, write):
    write(5)
    report = verify(cast.organisation.pk)
    assert report.ok
    assert (report.size, len(report.root)) == (5, 64)


def test_an_empty_log_verifies(cast):
    assert verify(cast.organisation.pk).ok


def test_the_triggers_stand_after_migrating(db):
    assert guards.missing() == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_entry SET action = 'other'",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_checkpoint SET size = 1",
        "DELETE FROM ledger_checkpoint",
        "DELETE FROM ledger_content",
        "UPDATE ledger_content SET body = '{}'",
        "UPDATE ledger_content SET body = '', salt = '', person_id = NULL",
    ],
)
def test_the_database_refuses(cast, write, machine, sql):
    write(2)
    checkpoint_make(actor=machine)
    with pytest.raises(DatabaseError, match=r"never changed|changed only by an erasure"):
        execute(sql)
    assert verify(cast.organisation.pk).ok


def test_replacing_a_row_is_refused_on_sqlite(write):
    if connection.vendor != "sqlite":
        pytest.skip("INSERT OR REPLACE is SQLite's")
    write(1)
    with pytest.raises(DatabaseError, match="never changed"):
        execute("INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry")


def test_truncate_is_refused_on_postgresql(write):
    if connection.vendor != "postgresql":
        pytest.skip("TRUNCATE is PostgreSQL's")
    write(1)
    with pytest.raises(DatabaseError, match="never"):
        execute("SET CONSTRAINTS ALL IMMEDIATE", "TRUNCATE ledger_entry CASCADE")


def test_a_changed_entry_is_named(cast, write, tamper):
    write(9)
    tamper("UPDATE ledger_entry SET action = 'nothing.happened' WHERE seq = 4")
    assert named(verify(cast.organisation.pk)) == [("changed_entry", 4)]


def test_changed_content_is_named(cast, write, tamper):
    entries = write(9)
    body = json.dumps({"actor": {"person": None}, "after": {"name": "forged"}})
    tamper(
        "UPDATE ledger_content SET body = %s WHERE entry_id = %s",
        body,
        key(entries[3]),
    )
    report = verify(cast.organisation.pk)
    assert named(report) == [("changed_content", 3)]
    assert report.problems[0].entry == entries[3].pk


def test_deleted_content_is_named(cast, write, tamper):
    entries = write(3)
    tamper("DELETE FROM ledger_content WHERE entry_id = %s", key(entries[1]))
    assert named(verify(cast.organisation.pk)) == [("changed_content", 1)]


def test_a_deleted_entry_is_named(cast, write, tamper):
    delete(tamper, write(9)[6])
    assert named(verify(cast.organisation.pk)) == [("missing_entry", 6)]


def test_the_newest_entry_deleted_is_named(cast, write, tamper):
    delete(tamper, write(9)[8])
    assert named(verify(cast.organisation.pk)) == [("missing_entry", 8)]


def test_a_deleted_entry_whose_gap_was_closed_is_named(cast, write, tamper):
    entries = write(6)
    delete(tamper, entries[2])
    for seq in (3, 4, 5):
        tamper("UPDATE ledger_entry SET seq = %s WHERE seq = %s", seq - 1, seq)
    problems = named(verify(cast.organisation.pk))
    assert ("missing_entry", 2) in problems
    assert [seq for kind, seq in problems if kind == "reordered_entry"] == [2, 3, 4]


def test_reordered_entries_are_named(cast, write, tamper):
    write(9)
    for old, new in ((3, 100), (5, 3), (100, 5)):
        tamper("UPDATE ledger_entry SET seq = %s WHERE seq = %s", new, old)
    report = verify(cast.organisation.pk)
    assert named(report) == [("reordered_entry", 3), ("reordered_entry", 5)]
    assert "was written as entry 5" in report.problems[0].detail


def test_a_forger_who_mends_the_leaves_disagrees_with_the_checkpoint(cast, write, machine, tamper):
    write(3)
    checkpoint_make(actor=machine)
    write(4)
    checkpoint_make(actor=machine)
    forge(tamper, Entry.objects.get(seq=5))
    report = verify(cast.organisation.pk)
    assert named(report) == [("root", 3)]
    assert "one of the entries 3 to 6" in report.problems[0].detail


def test_a_log_shorter_than_its_checkpoint_is_named(cast, write, machine, tamper):
    entries = write(5)
    checkpoint_make(actor=machine)
    delete(tamper, entries[4])
    mend_head(cast, tamper, 4)
    assert ("root", 4) in named(verify(cast.organisation.pk))


def test_a_false_signature_is_named(cast, write, machine, home):
    write(2)
    checkpoint = checkpoint_make(actor=machine)
    (home / "keys" / "ledger.pub").write_text("")
    report = verify(cast.organisation.pk)
    assert [(p.kind, p.entry) for p in report.problems] == [("checkpoint_signature", checkpoint.pk)]


def test_a_changed_checkpoint_is_named(cast, write, machine, tamper):
    write(2)
    checkpoint_make(actor=machine)
    tamper("UPDATE ledger_checkpoint SET root = %s", "0" * 64)
    assert [p.kind for p in verify(cast.organisation.pk).problems] == ["checkpoint_text"]


def test_the_witness_finds_what_the_installation_hides(cast, write, machine, tamper):
    """An operator rewrites the log, its head and its checkpoints, and signs them anew: only the witness knows."""
    write(4)
    kept = checkpoint_make(actor=machine).note
    forge(tamper, Entry.objects.get(seq=1))
    tamper("DELETE FROM ledger_checkpoint")
    checkpoint_make(actor=machine)
    assert verify(cast.organisation.pk).ok
    report = verify(cast.organisation.pk, witness_text=f"received on Monday\n\n{kept}\n")
    assert [p.kind for p in report.problems] == ["witness"]
    assert report.witnessed == 1


def test_a_checkpoint_only_the_witness_has_is_named(cast, write, machine, tamper):
    write(4)
    kept = checkpoint_make(actor=machine).note
    tamper("DELETE FROM ledger_checkpoint")
    report = verify(cast.organisation.pk, witness_text=kept.replace("\n", "\r\n"))
    assert "deleted" in report.problems[0].detail


def test_a_dropped_trigger_is_named(cast, write):
    write(1)
    with transaction.atomic(), connection.cursor() as cursor:
        on = " ON ledger_entry" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER ledger_entry_no_update{on}")
    assert named(verify(cast.organisation.pk)) == [("unguarded", None)]


def test_an_erased_entry_still_verifies_and_says_when(cast, write, machine):
    entry = write(3, contact="jan@example.org")[1]
    checkpoint_make(actor=machine)
    erasure = entry_erase(actor=cast.actor("legal"), entry=entry, reason="Request under article 17")
    report = verify(cast.organisation.pk)
    assert report.ok
    assert [(e.seq, e.erased_at, e.by_seq) for e in report.erased] == [(1, erasure.at, 3)]
    assert "jan@example.org" not in Content.objects.get(entry=entry).body


def test_content_written_back_after_an_erasure_is_named(cast, write, tamper):
    entry = write(2)[0]
    entry_erase(actor=cast.actor("legal"), entry=entry, reason="Request under article 17")
    tamper("UPDATE ledger_content SET body = 'x' WHERE entry_id = %s", key(entry))
    assert named(verify(cast.organisation.pk)) == [("changed_content", 0)]


def test_content_blanked_under_a_false_erasure_is_named(cast, write):
    first, second = write(2)
    Content.objects.filter(entry=first).update(body="", salt="", person_id=None, erased_by=second)
    assert named(verify(cast.organisation.pk)) == [("changed_content", 0)]


def test_another_organisations_log_is_its_own(cast, write):
    write(3)
    assert verify(cast.elsewhere.pk).size == 0


def test_queries_do_not_grow(cast, write, machine, django_assert_max_num_queries):
    for _ in range(5):
        write(20)
        checkpoint_make(actor=machine)
    with django_assert_max_num_queries(5):
        assert verify(cast.organisation.pk).ok


def execute(*statements):
    with transaction.atomic(), connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)


def key(entry):
    return entry.pk.hex if connection.vendor == "sqlite" else entry.pk


def delete(tamper, entry):
    tamper("DELETE FROM ledger_content WHERE entry_id = %s", key(entry))
    tamper("DELETE FROM ledger_entry WHERE id = %s", key(entry))


def forge(tamper, entry):
    """Change an entry and recompute its leaf and the log's head, as a careful forger would."""
    entry.action = "forged"
    leaf = merkle.leaf_hash(envelope(entry)).hex()
    tamper("UPDATE ledger_entry SET action = 'forged', leaf_hash = %s WHERE id = %s", leaf, key(entry))
    mend_head(None, tamper, Log.objects.get(organisation=entry.organisation_id).size, entry.organisation_id)


def mend_head(cast, tamper, size, organisation_id=None):
    organisation_id = organisation_id or cast.organisation.pk
    frontier = []
    leaves = Entry.objects.filter(organisation=organisation_id).order_by("seq").values_list("leaf_hash", flat=True)
    for n, leaf in enumerate(leaves):
        frontier = merkle.extend(frontier, n, bytes.fromhex(leaf))
    Log.objects.filter(organisation=organisation_id).update(size=size, frontier=[h.hex() for h in frontier])


def test_a_checkpoint_is_a_signed_note_that_others_read(cast, write, machine):
    write(2)
    checkpoint = checkpoint_make(actor=machine)
    said = notes.parse(checkpoint.note)
    assert (said.origin, said.size, said.root.hex()) == (f"pilothouse/{cast.organisation.pk}", 2, checkpoint.root)
    assert said.signed_by(keys.trusted_keys())
    assert not said.signed_by([])
    assert Checkpoint.objects.count() == 1
