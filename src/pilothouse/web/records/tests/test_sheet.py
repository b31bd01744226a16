"""All documents that the next gate asks for, on one page."""

import re
from html import unescape

import pytest
from django.utils import timezone

from pilothouse.kernel.checks.rules import GateReport, GateRequirement
from pilothouse.kernel.checks.rules.findings import Standing
from pilothouse.kernel.domain import Check, Finding, Grade, Ref, Status
from pilothouse.kernel.inventory import hooks
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import (
    Writing,
    record_draft,
    record_seal,
    records_seal,
    sheet_save,
)
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.tests.toys import CARD, PIECE, POLICY, STAGE, card, piece, stage
from pilothouse.web.records.pages import sheet as page_of_sheet

pytestmark = pytest.mark.usefixtures("toys")
NOW = timezone.now()
REMEDIES = (
    f"records/{PIECE}/new/",
    f"records/{CARD}/edit/",
    f"records/{STAGE}/new/",
    f"/records/kinds/{POLICY}/edit/",
    "edit/#owner",
)


def requirement(remedy, *refs, status=Status.NOT_MET):
    finding = Finding(status, f"Because of {remedy}.", Grade.NONE, tuple(Ref("records.record", pk) for pk in refs))
    check = Check(f"toys.{remedy}", 1, "It is written", "toys", "Is it?", lambda *a: finding, remedy, "Write it")
    standing = Standing(finding, finding.reason)
    return GateRequirement(check.id, check, standing, Grade.SEALED, True, False, "caio")


@pytest.fixture
def asked(monkeypatch):
    """What the gate asks for, as a list that a test may change."""
    rows = [requirement(remedy) for remedy in REMEDIES]

    def report(system, to_stage, now):
        return GateReport(system.pk, to_stage, "development", "low", tuple(rows), ())

    monkeypatch.setattr(page_of_sheet, "report_of", report)
    monkeypatch.setattr(hooks, "_listeners", [])
    return rows


@pytest.fixture
def system(cast, asked):
    alice = cast.actor("alice")
    made = system_create(actor=alice, name="CV summary", owner_id=alice.person_id)
    System.objects.update(tier="low", stage="idea")
    return made


@pytest.fixture
def url(system):
    return f"/o/harbour/systems/{system.number}/sheet/"


def text(response):
    return unescape(response.content.decode())


def sent(page, **answers):
    """What a browser sends: what stands on the page, with the answers that were typed (kind.field → text)."""
    html = text(page)
    papers = re.findall(r'name="paper" value="([^"]+)"', html)
    data = {"paper": papers}
    for name in papers:
        data[f"{name}-mark"] = re.search(rf'name="{re.escape(name)}-mark" value="(\w*)"', html)[1]
        data[f"{name}-revision"] = re.search(rf'name="{re.escape(name)}-revision" value="(\d+)"', html)[1]
    for paper in page.context["papers"]:
        for field in paper.form.fields:
            data[f"{paper.name}-{field}"] = str(paper.form[field].value() or "")
    for key, value in answers.items():
        kind, field = key.split("__")
        name = next(one for one in papers if one.startswith(f"toys.{kind}:"))
        data[f"{name}-{field.replace('_0_', '.0.')}"] = value
    return data


def test_everything_that_is_asked_stands_on_one_page(browse, url):
    page = browse("alice").get(url)
    assert [paper.kind.id for paper in page.context["papers"]] == [PIECE, CARD, STAGE]
    html = text(page)
    assert "3 documents, 4 answers, about 2 minutes" in html
    assert f"/o/harbour/records/kinds/{POLICY}/edit/" not in html, "what the owner may not write is no link"
    assert re.search(r"For Caio( or \w+)* to write\.", html), "but it says who may"
    assert f"/o/harbour/records/kinds/{POLICY}/edit/?gate=1" in text(browse("caio").get(url))
    assert "edit/?gate=1#owner" in html
    assert html.count("<summary>In full") == 3


def test_saving_keeps_drafts_and_leaves_out_what_is_empty(browse, url):
    alice = browse("alice")
    page = alice.post(url, sent(alice.get(url), card__purpose="Short", stage__told="It began."), follow=True)
    assert "2 drafts are kept." in text(page)
    assert {row.kind: row.state for row in Record.objects.all()} == {CARD: "draft", STAGE: "draft"}
    assert "Short" in text(page)
    again = alice.post(url, sent(page, card__purpose="It sums up letters.", stage__told="It began."), follow=True)
    assert Record.objects.get(kind=CARD).body["purpose"] == "It sums up letters."
    assert Record.objects.count() == 2
    assert "data-saved" in text(again)


def test_sealing_all_seals_what_is_whole_and_says_what_is_missing(browse, url):
    alice = browse("alice")
    data = sent(alice.get(url), card__purpose="It sums up letters.", stage__told="It began.", stage__when="soon")
    page = alice.post(url, data | {"seal": "1"})
    assert page.status_code == 422
    html = text(page)
    assert "1 document is sealed." in html
    assert "Write a date" in html
    assert "nothing is written yet" in html
    assert "soon" in html
    assert {row.kind: row.state for row in Record.objects.all()} == {CARD: "sealed", STAGE: "draft"}
    data = sent(page, piece__name="Reader", stage__told="It began here.", stage__when="31 March 2026")
    done = alice.post(url, data | {"seal": "1"})
    assert done.status_code == 302
    assert set(Record.objects.values_list("kind", "state")) == {(CARD, "sealed"), (STAGE, "sealed"), (PIECE, "sealed")}
    assert Record.objects.count() == 3, "the draft became the sealed version"


def test_what_refers_to_the_same_page_is_sealed_too(cast, system):
    alice = cast.actor("alice")
    papers = [Writing(PIECE, piece("Writer", "Reader"), None), Writing(PIECE, piece("Reader"), None)]
    assert [one.sealed for one in sheet_save(actor=alice, system=system, papers=papers, seal=True)] == [True, True]


def test_a_second_writer_is_told_and_nothing_is_lost(browse, cast, system, url):
    alice = browse("alice")
    first = alice.get(url)
    record_draft(actor=cast.actor("caio"), system=system, kind=CARD, body={"purpose": "What another wrote."})
    page = alice.post(url, sent(first, card__purpose="What Alice wrote.", stage__told="It began."))
    assert page.status_code == 422
    assert "What another wrote." in text(page)
    assert "What Alice wrote." in text(page)
    assert Record.objects.get(kind=STAGE).body["told"] == "It began."
    alice.post(url, sent(page, card__purpose="What Alice wrote.", stage__told="It began."))
    assert Record.objects.get(kind=CARD).body["purpose"] == "What Alice wrote."


def test_entries_that_a_check_read_are_mended_on_the_page(browse, cast, system, url, asked):
    alice = cast.actor("alice")
    made = records_seal(actor=alice, kind=PIECE, bodies=[(system, piece("Reader")), (system, piece("Writer"))])
    asked[:] = [requirement(REMEDIES[0], str(made[1].pk), status=Status.IN_PROGRESS)]
    client = browse("alice")
    page = client.get(url)
    assert [(paper.key, paper.form.body()["name"]) for paper in page.context["papers"]] == [("Writer", "Writer")]
    data = sent(page, piece__name="Writer", piece__scope="It writes to one file.")
    assert client.post(url, data | {"seal": "1"}).status_code == 302
    assert Record.objects.get(key="Writer", version=2).state == "sealed"


def test_a_row_is_added_without_saving(browse, url):
    alice = browse("alice")
    data = sent(alice.get(url), stage__told="It began.", stage__steps_0_what="Read it")
    page = alice.post(url, data | {"add": f"{STAGE}:new-steps"})
    assert f'name="{STAGE}:new-steps.1.what"' in text(page)
    assert "Read it" in text(page)
    assert not Record.objects.exists()


def test_what_was_sealed_meanwhile_is_not_asked_again(browse, cast, system, url):
    alice = browse("alice")
    first = alice.get(url)
    record_seal(
        actor=cast.actor("caio"),
        record=record_draft(actor=cast.actor("caio"), system=system, kind=CARD, body=card()),
    )
    page = alice.post(url, sent(first, stage__told="It began here.", stage__when="2026-03-31") | {"seal": "1"})
    assert page.status_code == 422, "the piece is still empty"
    assert Record.objects.get(kind=CARD).version == 1


def test_what_is_not_needed_any_more_is_not_asked_again(browse, url, asked):
    alice = browse("alice")
    said = {"card__purpose": "It sums up letters.", "stage__told": "It began here.", "stage__when": "2026-03-31"}
    data = sent(alice.get(url), **said)
    del asked[0]  # the pieces: what is sealed now says that there are none
    assert alice.post(url, data | {"seal": "1"}).status_code == 302
    assert Record.objects.filter(state="sealed").count() == 2


def test_who_may_not(browse, cast, system, url):
    for who in ("bob", "auditor"):
        page = browse(who).get(url)
        assert page.context["papers"] == []
        assert "No document is missing" in text(page)
        forged = {"paper": [f"{CARD}:new"], f"{CARD}:new-purpose": "It sums up letters.", "seal": "1"}
        browse(who).post(url, forged)
    assert not Record.objects.exists()
    assert browse("charlie").get(url).status_code == 404
    assert browse("employee").get(url).status_code == 403
    other = system_create(actor=cast.actor("caio"), name="Not Alice's")
    row = record_draft(actor=cast.actor("caio"), system=other, kind=PIECE, body=piece("Reader"))
    forged = {"paper": [f"{PIECE}:{row.pk}"], f"{PIECE}:{row.pk}-name": "Mine"}
    assert browse("alice").post(url, forged).status_code == 404
    assert browse("caio").post(url, forged).status_code == 404, "it is about another system"


def test_no_gate_and_every_tier(browse, system, url):
    System.objects.update(stage="retired")
    assert "No gate lies ahead" in text(browse("alice").get(url))
    System.objects.update(stage="production", tier="high")
    page = browse("alice").get(url)
    assert "8 answers" in text(page)


def test_the_real_rulebook(browse, cast):
    alice = cast.actor("alice")
    made = system_create(actor=alice, name="Real", owner_id=alice.person_id)
    page = browse("alice").get(f"/o/harbour/systems/{made.number}/sheet/")
    assert "strategy.value_hypothesis" in [paper.kind.id for paper in page.context["papers"]]


def test_queries_do_not_grow(browse, cast, system, url, asked, django_assert_max_num_queries):
    alice = cast.actor("alice")
    records_seal(actor=alice, kind=STAGE, bodies=[(system, stage())] * 30)
    records_seal(actor=alice, kind=PIECE, bodies=[(system, piece(f"Piece {n}")) for n in range(30)])
    client = browse("alice")
    with django_assert_max_num_queries(30):
        client.get(url)
