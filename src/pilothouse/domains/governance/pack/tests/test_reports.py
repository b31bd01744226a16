"""What a pack holds for reading and for other programs: steady, valid, without loss."""

import hashlib
import json
from datetime import date, timedelta

import pytest
from trestle.oscal.assessment_results import AssessmentResults

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.pack import oscal
from pilothouse.domains.governance.pack.card import UNSAID, card
from pilothouse.domains.governance.pack.gathering import gather
from pilothouse.domains.governance.pack.reports import assessment, bill, model_card, paper
from pilothouse.domains.governance.pack.rules import judge, standing_of
from pilothouse.domains.governance.pack.sections import contents
from pilothouse.domains.governance.tests.papers import PAPERS
from pilothouse.kernel import clock
from pilothouse.kernel.checks.actions import rulebook_adopt
from pilothouse.kernel.evidence.actions import evidence_add
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import record_draft, record_seal

CONTROL = "governance.control"


@pytest.fixture
def packed(cast):
    """The material of one system with a few papers, and its sections."""
    caio = cast.actor("caio")
    rulebook_adopt(actor=caio, base="enterprise")
    system = system_create(
        actor=caio, name="CV #1 *ranking* $x$ <b>", purpose="Rank\n= applicants", owner_id=cast.people["alice"].pk
    )
    for kind in (CONTROL, "governance.attestation"):
        record_seal(actor=caio, record=record_draft(actor=caio, system=system, kind=kind, body=PAPERS[kind]))
    evidence_add(
        actor=caio,
        system=system,
        title="Report",
        url="https://example.org/report",
        supports=["governance.controls_evidenced"],
        effective_on=date(2026, 1, 1),
        expires_on=clock.now().date() + timedelta(days=300),
    )
    material = gather(system, clock.now())
    return material, judge(material, contents(), standing_of(material))


def test_it_works(packed):
    files = paper(*packed)
    data, made = files["reports/audit-pack.json"], files["reports/audit-pack.pdf"]
    assert made.startswith(b"%PDF-")
    told = json.loads(data)
    assert told["system"]["name"] == "CV #1 *ranking* $x$ <b>"
    assert sum(many for _, _, many in told["states"]) == sum(len(one["items"]) for one in told["sections"])
    assert len(told["gaps"]) == sum(len(section.gaps) for section in packed[1])
    assert {one["title"] for one in told["documents"]} >= {"Control", "Inventory attestation"}


def test_the_same_material_gives_the_same_bytes(packed):
    for write in (paper, bill, model_card, assessment):
        assert write(*packed) == write(*packed)


def test_the_foot_of_each_page_names_the_data(packed, monkeypatch):
    seen = {}
    monkeypatch.setattr(
        "pilothouse.domains.governance.pack.reports.pdf", lambda template, data, at: seen.update(data) or b"%PDF-"
    )
    files = paper(*packed)
    assert seen["seal"] == hashlib.sha256(files["reports/audit-pack.json"]).hexdigest()


def test_oscal_is_valid_and_reads_back_without_loss(packed):
    data = assessment(*packed)["reports/assessment-results.json"]
    AssessmentResults.model_validate(json.loads(data)["assessment-results"])
    found = {one.item: one for one in oscal.read(data)}
    asked = [one for section in packed[1] for one in section.items if one.state != "not_applicable"]
    assert set(found) == {one.item.id for one in asked}
    for one in asked:
        again = found[one.item.id]
        assert (again.state, again.because, again.title) == (one.state, one.because, one.item.title)
        assert again.sources == tuple((source.label, source.state, source.digest) for source in one.sources)


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"assessment-results": {"results": [{"findings": [{}]}]}}'])
def test_what_is_no_oscal_is_refused(data):
    with pytest.raises(Invalid):
        oscal.read(data)


def test_a_card_says_what_nobody_has_said_and_takes_no_markup(packed):
    text = card(packed[0])
    assert UNSAID in text
    assert "<b>" not in text.split("---\n", 2)[2]
    assert r"\*ranking\*" in text
    assert text.startswith("---\nsystem: ")
