"""Requests of authorities and drills: opening, correspondence, packs, review, the end, reminders."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.domains.governance.duties.actions import (
    gaps_review,
    inquiry_close,
    inquiry_open,
    letter_keep,
    pack_attach,
)
from pilothouse.domains.governance.duties.models import AnswerPack, Inquiry, Letter
from pilothouse.domains.governance.duties.selectors.inquiries import drills, inquiries, inquiry_of
from pilothouse.domains.governance.duties.tests.test_cases import rules
from pilothouse.domains.governance.duties.tick import duties_tick
from pilothouse.kernel import clock
from pilothouse.kernel.evidence.rules import MAX_BYTES
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.notify.models import Notice

NOW = datetime(2028, 10, 2, 8, 20, tzinfo=UTC)
DIGEST = "ab" * 32


@pytest.fixture(autouse=True)
def _told(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.telling(NOW):
        yield


@pytest.fixture
def system(cast):
    return system_create(actor=cast.actor("caio"), name="Crane planner")


@pytest.fixture
def inquiry(cast, system):
    return inquiry_open(
        actor=cast.actor("risk"), title="Records of the crane planner", authority="The authority", basis="Art. 21",
        items=["Technical documentation", " ", "Logs"], numbers=[system.number], period_from=date(2028, 1, 1),
    )  # fmt: skip


def test_it_works(cast, inquiry, system):
    assert inquiry.ref == "R-1"
    assert inquiry.due_at == NOW + timedelta(hours=48)
    assert inquiry.items == ["Technical documentation", "Logs"]
    assert list(inquiry.systems.all()) == [system]
    assert Entry.objects.filter(subject_id=inquiry.pk, action="inquiry.opened").exists()
    assert Notice.objects.filter(person=cast.people["legal"], text__contains="The authority asks").exists()


def test_the_promise_is_the_organisations_own(cast):
    rules(cast, inquiry_hours=72)
    assert inquiry_open(actor=cast.actor("risk"), title="A", authority="B").promise_hours == 72
    assert inquiry_open(actor=cast.actor("risk"), title="A", authority="B", hours=5).promise_hours == 5


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": " "}, "title"),
        ({"authority": ""}, "authority"),
        ({"numbers": [999]}, "numbers"),
        ({"hours": 9999}, "hours"),
        ({"received_at": NOW + timedelta(hours=1)}, "received_at"),
        ({"set_at": NOW - timedelta(hours=1)}, "set_at"),
        ({"period_from": date(2028, 2, 1), "period_to": date(2028, 1, 1)}, "period_to"),
        ({"items": ["x" * 2000]}, "items"),
    ],
)
def test_a_request_with_a_fault_is_not_opened(cast, said, field):
    with pytest.raises(Invalid) as refused:
        inquiry_open(actor=cast.actor("risk"), **({"title": "A", "authority": "B"} | said))
    assert field in refused.value.fields
    assert not Inquiry.objects.exists()


def test_who_may_and_who_sees(cast, inquiry):
    assert inquiry_of(cast.actor("auditor"), 1) == inquiry
    for who in ("alice", "bob", "employee"):
        with pytest.raises(Forbidden):
            inquiries(cast.actor(who))
    with pytest.raises(NotFound):
        inquiry_of(cast.actor("charlie"), 1)
    with pytest.raises(Forbidden):
        letter_keep(actor=cast.actor("auditor"), inquiry=inquiry, way="note", text="Mine")
    with pytest.raises(NotFound):
        letter_keep(actor=cast.actor("charlie"), inquiry=inquiry, way="note", text="Mine")


def test_letters_are_kept_by_their_hash(cast, inquiry):
    risk = cast.actor("risk")
    note = letter_keep(actor=risk, inquiry=inquiry, way="note", text="Called back")
    file = letter_keep(actor=risk, inquiry=inquiry, way="in", filename="../a.pdf", data=b"%PDF-1.7 letter")
    again = letter_keep(actor=risk, inquiry=inquiry, way="out", filename="b.pdf", data=b"%PDF-1.7 letter")
    assert file.media_type == "application/pdf"
    assert file.filename == "a.pdf"
    assert file.file.name == again.file.name
    assert file.file.read() == b"%PDF-1.7 letter"
    assert [one.pk for one in Letter.objects.all()] == [note.pk, file.pk, again.pk]
    for said in (
        {"way": "up", "text": "x"},
        {"way": "in"},
        {"way": "in", "text": "x" * 60_000},
        {"way": "in", "filename": "a.exe", "data": b"MZ"},
        {"way": "in", "filename": "a.pdf", "data": b"%PDF-" + b"0" * MAX_BYTES},
    ):
        with pytest.raises(Invalid):
            letter_keep(actor=risk, inquiry=inquiry, **said)
    assert Letter.objects.count() == 3


def test_a_pack_is_attached_by_its_hash_once(cast, inquiry):
    risk = cast.actor("risk")
    pack = pack_attach(actor=risk, inquiry=inquiry, title="Pack", sha256=f"sha256:{DIGEST}", sealed_at=NOW, gaps=3)
    assert pack.sha256 == DIGEST
    assert pack_attach(actor=risk, inquiry=inquiry, title="Pack", sha256=DIGEST, sealed_at=NOW) == pack
    assert AnswerPack.objects.count() == 1
    for said in ({"sha256": "zz"}, {"title": ""}, {"sealed_at": NOW + timedelta(hours=1)}):
        with pytest.raises(Invalid):
            pack_attach(
                actor=risk, inquiry=inquiry, **({"title": "Pack", "sha256": "cd" * 32, "sealed_at": NOW} | said)
            )


def test_an_answer_needs_something_that_answers(cast, inquiry):
    risk = cast.actor("risk")
    with pytest.raises(Invalid):
        inquiry_close(actor=risk, inquiry=inquiry, outcome="")
    with pytest.raises(Conflict):
        inquiry_close(actor=risk, inquiry=inquiry, outcome="Answered")
    letter_keep(actor=risk, inquiry=inquiry, way="out", text="Here it is")
    assert inquiry_close(actor=risk, inquiry=inquiry, outcome="Answered by letter").state == "answered"
    with pytest.raises(Conflict):
        inquiry_close(actor=risk, inquiry=inquiry, outcome="Again")
    with pytest.raises(Conflict):
        pack_attach(actor=risk, inquiry=inquiry, title="Late", sha256=DIGEST, sealed_at=NOW)
    assert letter_keep(actor=risk, inquiry=inquiry, way="note", text="They thanked us").pk


def test_a_request_may_end_without_an_answer(cast, inquiry):
    ended = inquiry_close(actor=cast.actor("risk"), inquiry=inquiry, outcome="They took it back", answered=False)
    assert ended.state == "closed"


def test_a_drill_is_timed_from_its_opening_to_the_reviewed_gaps(cast, system):
    risk = cast.actor("risk")
    drill = inquiry_open(actor=risk, title="Drill", numbers=[system.number], drill=True)
    assert "nobody outside" in drill.authority
    with pytest.raises(Conflict):
        gaps_review(actor=risk, inquiry=drill, gaps=2)
    with clock.telling(NOW + timedelta(hours=3)):
        pack_attach(
            actor=risk, inquiry=drill, title="Pack", sha256=DIGEST, sealed_at=NOW + timedelta(hours=2, minutes=30)
        )
    with clock.telling(NOW + timedelta(hours=6)):
        with pytest.raises(Invalid):
            gaps_review(actor=risk, inquiry=drill, gaps=-1)
        gaps_review(actor=risk, inquiry=drill, gaps=2)
        with pytest.raises(Conflict):
            gaps_review(actor=risk, inquiry=drill, gaps=2)
    (found,) = drills(inquiries(risk))
    assert (found.to_pack, found.to_review, found.gaps, found.kept) == (2.5, 6.0, 2, True)


def test_the_tick_reminds_of_an_answer_once(cast, inquiry):
    rules(cast, remind_hours=[24])
    Notice.objects.all().delete()
    assert duties_tick(NOW + timedelta(hours=20))["requests"] == 0
    assert duties_tick(NOW + timedelta(hours=25))["requests"] == 1
    assert duties_tick(NOW + timedelta(hours=26))["requests"] == 0
    assert duties_tick(NOW + timedelta(hours=49)) == {"notices": 0, "requests": 1, "late": 1}
    assert Notice.objects.filter(person=cast.people["caio"], text__contains="is late").count() == 1
    assert Entry.objects.filter(subject_id=inquiry.pk, action="inquiry.reminded").count() == 2
