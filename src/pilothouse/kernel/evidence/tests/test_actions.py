import hashlib
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.checks.engine import evaluate
from pilothouse.kernel.checks.models import FindingRow
from pilothouse.kernel.evidence.actions import evidence_add, evidence_withdraw
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.evidence.selectors import evidence_list, evidence_of, supporting
from pilothouse.kernel.inventory.actions import practice_state, system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Entry

PDF = b"%PDF-1.7 bias test"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def system(cast):
    alice = cast.actor("alice")
    return system_create(actor=alice, name="CV summary", owner_id=alice.person_id)


def add(actor, system, **facts):
    return evidence_add(
        actor=actor, system=system, **({"title": "Bias test", "filename": "test.pdf", "data": PDF} | facts)
    )


def test_it_works(cast, system):
    evidence = add(cast.actor("alice"), system, supports=["inventory.testing"])
    assert evidence.sha256 == hashlib.sha256(PDF).hexdigest()
    assert evidence.file.read() == PDF
    assert Entry.objects.filter(action="evidence.added", system_id=system.pk).count() == 1
    assert list(evidence_of(cast.actor("auditor"), system)) == [evidence]


def test_the_same_file_is_stored_once(cast, system, tmp_path):
    add(cast.actor("alice"), system)
    add(cast.actor("alice"), system, title="The same again")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"data": b"MZ\x90\x00", "filename": "run.exe"},
        {"data": None, "filename": ""},
        {"url": "https://a.example/"},
        {"data": None, "filename": "", "figure": {"metric": "accuracy"}},
        {"supports": ["inventory.no_such_check"]},
        {"effective_on": date(2026, 5, 2), "expires_on": date(2026, 5, 1)},
        {"title": " ", "filename": "", "data": None, "url": "https://a.example/"},
    ],
)
def test_bad_evidence_is_refused_and_nothing_is_written(cast, system, facts):
    with pytest.raises(Invalid):
        add(cast.actor("alice"), system, **facts)
    assert not Evidence.objects.exists()


def test_an_outsider_and_a_reader_are_refused(cast, system):
    with pytest.raises(NotFound):
        add(cast.actor("charlie"), system)
    with pytest.raises(Forbidden):
        add(cast.actor("auditor"), system)


def test_newer_evidence_supersedes_older_once(cast, system):
    alice = cast.actor("alice")
    old = add(alice, system)
    new = add(alice, system, title="Bias test of June", replaces=old)
    old.refresh_from_db()
    assert old.superseded_by == new
    with pytest.raises(Conflict):
        add(alice, system, title="Another", replaces=old)


def test_withdrawn_evidence_stays_to_be_seen_with_its_reason(cast, system):
    alice = cast.actor("alice")
    evidence = add(alice, system)
    with pytest.raises(Invalid):
        evidence_withdraw(actor=alice, evidence=evidence, reason=" ")
    evidence_withdraw(actor=alice, evidence=evidence, reason="Wrong model version")
    today = timezone.now().date()
    assert [e.withdrawn_because for e in evidence_list(alice, show="withdrawn", today=today)] == ["Wrong model version"]
    with pytest.raises(Conflict):
        evidence_withdraw(actor=alice, evidence=evidence, reason="Again")


def test_a_document_raises_a_claim_until_it_expires(cast, system):
    alice = cast.actor("alice")
    System.objects.filter(pk=system.pk).update(stage="production", tier="medium", inherited_at=timezone.now())
    practice_state(actor=alice, system=system, key="testing", status="met", words="Done")

    def grade() -> str:
        evaluate(cast.organisation.pk)
        row = FindingRow.objects.get(system=system, check_id="inventory.testing", to_at=None)
        return str(row.grade)

    before = grade()
    soon = timezone.now().date() + timedelta(days=30)
    add(alice, system, supports=["inventory.testing"], expires_on=soon)
    with_document = grade()
    with time_machine.travel(timezone.now() + timedelta(days=40), tick=False):
        after = grade()
    assert (before, with_document, after) == ("attested", "documented", "attested")


def test_a_link_stays_a_claim(cast, system):
    evidence = add(cast.actor("alice"), system, data=None, filename="", url="https://wiki.example/test")
    assert str(evidence.grade) == "attested"


def test_what_supports_is_read_in_one_query(cast, system, django_assert_num_queries):
    for number in range(5):
        add(cast.actor("alice"), system, title=f"Test {number}", supports=["inventory.testing"])
    with django_assert_num_queries(1):
        assert len(supporting(cast.organisation.pk, None)[system.pk]) == 5
