"""Impact assessments: which a system needs, whether they are whole, signed and current, the first draft, the pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from pilothouse.contracts.errors import Forbidden, Invalid
from pilothouse.domains.governance.assessments.actions import assessment_start
from pilothouse.domains.governance.assessments.checks import CHECKS, CLASSIFICATION, KINDS, judge_assessed
from pilothouse.domains.governance.assessments.needs import (
    BIAS_POLICY,
    DPIA,
    ELEMENTS,
    FRIA,
    US_IMPACT,
    lacking,
    needs_of,
)
from pilothouse.domains.governance.assessments.schemas.impact import FRIA_ELEMENTS
from pilothouse.domains.governance.assessments.selectors import needing, standings
from pilothouse.domains.governance.assessments.tests.papers import PAPERS, bias_policy, dpia, fria
from pilothouse.kernel.decisions.signed import SignedOff
from pilothouse.kernel.domain import Status, SystemFacts, registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import record_draft, record_seal
from pilothouse.kernel.records.schema import problems
from pilothouse.kernel.records.selectors import Sealed

NOW = datetime(2026, 11, 23, tzinfo=UTC)
EMPLOYMENT = {
    "regime": "eu_ai_act",
    "says": "High-risk: employment",
    "citation": "Annex III, point 4(a)",
    "because": "It filters applications",
}
OMB = {"regime": "us_omb", "says": "High-impact", "citation": "M-25-21", "because": "It is a principal basis"}
CLASS = {
    "risk_class": "high",
    "our_role": "deployer",
    "reasons": "It ranks applicants, and recruiters seldom look below the first ten",
    "under": [EMPLOYMENT],
    "decided_by": "alice@harbour.example",
    "review_by": "2027-09-30",
}


def facts(**changes):
    empty = dict.fromkeys(SystemFacts.__dataclass_fields__, "")
    base = SystemFacts(
        **(empty | {"id": uuid4(), "number": 1, "tier": "high", "personal_data": "personal", "intake": {}})
    )
    return replace(base, **changes)


def paper(kind, body, version=1):
    return Sealed(uuid4(), kind, version, "sha256:0", NOW, None, body)


def loaded(classified=CLASS, papers=None, unsigned=()):
    kept = {kind: paper(kind, body) for kind, body in (papers or {}).items()}
    signed = {
        kind: SignedOff(uuid4(), kept[kind].id, ("legal", "caio"), NOW, False, False)
        for kind in (FRIA, US_IMPACT)
        if kind in kept and kind not in unsigned
    }
    first = paper(CLASSIFICATION, classified) if classified else None
    return (first, *(kept.get(kind) for kind in KINDS), signed.get(FRIA), signed.get(US_IMPACT))


class TestNeeds:
    def kinds(self, body, **system):
        return [need.kind for need in needs_of(facts(**system), body)]

    def test_a_deployer_of_high_risk(self):
        assert self.kinds(CLASS) == [FRIA, DPIA, BIAS_POLICY]

    def test_what_is_not_known_asks_for_more(self):
        assert self.kinds(CLASS, personal_data="unknown") == [FRIA, DPIA, BIAS_POLICY]
        assert self.kinds(CLASS, personal_data="none", impact="unknown") == [FRIA, BIAS_POLICY]

    def test_without_people_there_is_no_measure_of_them(self):
        assert self.kinds(CLASS, personal_data="none", impact="neither") == [FRIA]

    def test_a_maker_writes_none_on_rights(self):
        assert FRIA not in self.kinds(CLASS | {"our_role": "provider"})

    def test_critical_infrastructure_is_left_out(self):
        assert FRIA not in self.kinds(CLASS | {"under": [EMPLOYMENT | {"citation": "Annex III, point 2"}]})

    def test_a_federal_agency(self):
        assert self.kinds(CLASS | {"under": [OMB]}) == [US_IMPACT, BIAS_POLICY]

    @pytest.mark.parametrize("says", ["Not in scope", "Not high-impact", "Out of scope", "Exempt"])
    def test_a_regime_that_does_not_hold_asks_for_nothing(self, says):
        assert US_IMPACT not in self.kinds(CLASS | {"under": [EMPLOYMENT, OMB | {"says": says}]})

    def test_other_classes_ask_for_nothing(self):
        assert self.kinds(CLASS | {"risk_class": "limited"}) == []
        assert needs_of(facts(), None) == ()
        assert needs_of(facts(), {"risk_class": "high"}) != ()


class TestAssessed:
    """governance.impact_assessed"""

    def judge(self, *args, **kwargs):
        return judge_assessed(facts(), loaded(*args, **kwargs), NOW)

    def test_met(self):
        found = self.judge(papers=PAPERS)
        assert found.status == Status.MET
        assert len(found.refs) == 5  # three documents and two signatures

    def test_unclassified_is_never_fine(self):
        assert self.judge(None).status == Status.NOT_MET
        assert judge_assessed(facts(inherited=True), loaded(None), NOW).status == Status.UNKNOWN

    def test_a_class_that_asks_for_none(self):
        assert self.judge(CLASS | {"risk_class": "minimal"}).status == Status.NOT_APPLICABLE

    def test_one_is_missing(self):
        found = self.judge(papers={FRIA: fria(), BIAS_POLICY: bias_policy()})
        assert found.status == Status.NOT_MET
        assert "Data protection impact assessment is missing" in found.reason
        assert "GDPR Article 35" in found.reason

    def test_unsigned(self):
        assert "not signed off" in self.judge(papers=PAPERS, unsigned=(FRIA,)).reason

    def test_overdue(self):
        found = self.judge(papers=PAPERS | {DPIA: dpia(review_by="2026-11-22")})
        assert (found.status, "22 November 2026" in found.reason) == (Status.IN_PROGRESS, True)

    def test_the_authority_was_not_told_in_time(self):
        late = fria(notified="not_yet", notified_on=None, notify_by="2026-11-01")
        assert "to be told" in self.judge(papers=PAPERS | {FRIA: late}).reason

    def test_the_short_form_does_not_do(self):
        short = bias_policy(least=None)
        assert "short form" in self.judge(papers=PAPERS | {BIAS_POLICY: short}).reason


class TestWhole:
    def test_every_element_is_asked_for(self):
        schema = registry.records[FRIA].schema
        for field in FRIA_ELEMENTS:
            found = problems(schema, {k: v for k, v in fria().items() if k != field})
            assert list(found) == [field]
            assert lacking(FRIA, found)

    def test_an_element_names_fields_there_are(self):
        for kind, elements in ELEMENTS.items():
            fields = set(registry.records[kind].schema.model_fields)
            assert all(set(one.fields) <= fields for one in elements)

    def test_not_required_needs_its_reason_and_no_more(self):
        body = {"must": "not_required", "assessed_by": "alice@harbour.example", "review_by": "2027-09-30"}
        assert set(problems(registry.records[FRIA].schema, body)) == {"not_because"}
        body["not_because"] = "We are a private maker of ships and provide no public service"
        assert problems(registry.records[FRIA].schema, body) == {}

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"notified": "exempt", "notified_on": None}, "exempt_because"),
            ({"notified": "not_yet", "notified_on": None}, "notify_by"),
            ({"notified_on": None}, "notified_on"),
        ],
    )
    def test_telling_the_authority(self, changes, path):
        assert set(problems(registry.records[FRIA].schema, fria(**changes))) == {path}

    def test_a_dpia_that_leaves_a_high_risk(self):
        found = problems(registry.records[DPIA].schema, dpia(remains="high", title=None))
        assert set(found) == {"consulted_on", "title"}


@pytest.fixture
def system(cast):
    alice = cast.actor("alice")
    made = system_create(
        actor=alice,
        name="CV summary",
        owner_id=alice.person_id,
        purpose="Rank applications",
        affects="Applicants; recruiters",
        personal_data="personal",
    )
    record_seal(actor=alice, record=record_draft(actor=alice, system=made, kind=CLASSIFICATION, body=CLASS))
    return made


def test_the_first_draft_says_what_is_known(cast, system):
    alice, caio = cast.actor("alice"), cast.actor("caio")
    oversight = registry.records["experience.oversight"]
    body = {"mode": "before", "stop": "The recruiter, by one switch"}
    assert oversight.of_system
    record_draft(actor=alice, system=system, kind="experience.oversight", body=body)
    draft = assessment_start(actor=alice, system=system, kind=FRIA)
    assert draft.body["process"] == "Rank applications."
    assert draft.body["people"] == ["Applicants", "recruiters"]
    assert draft.body["assessed_by"] == "alice@harbour.example"
    assert "oversight" not in draft.body  # a draft of somebody else's is not known yet
    assert "harms" not in draft.body
    assert assessment_start(actor=caio, system=system, kind=FRIA).pk == draft.pk


def test_a_new_version_begins_from_the_sealed_one(cast, system):
    alice = cast.actor("alice")
    record_seal(actor=alice, record=record_draft(actor=alice, system=system, kind=DPIA, body=dpia()))
    draft = assessment_start(actor=alice, system=system, kind=DPIA)
    assert (draft.version, draft.body["title"]) == (2, dpia()["title"])


def test_only_assessments_and_only_by_who_may_write(cast, system):
    with pytest.raises(Invalid, match="no assessment"):
        assessment_start(actor=cast.actor("alice"), system=system, kind=CLASSIFICATION)
    with pytest.raises(Forbidden):
        assessment_start(actor=cast.actor("auditor"), system=system, kind=FRIA)


def test_the_page_and_the_tab(browse, cast, system):
    page, url = browse("alice"), f"/o/harbour/systems/{system.number}/assessments/"
    text = page.get(url).content.decode()
    assert "asks for 3 of these" in text
    assert "Missing" in text
    done = page.post(url, {"kind": FRIA})
    assert done.status_code == 302
    assert done.url == f"/o/harbour/systems/{system.number}/records/governance.fria/edit/"
    tab = page.get(f"/o/harbour/systems/{system.number}/?tab=assessments").content.decode()
    assert "5 of 7 elements not said yet" in tab
    assert page.post(url, {"kind": "x"}).status_code == 422
    assert "Begin" not in browse("auditor").get(url).content.decode()


def test_all_that_need_one(browse, cast, system, django_assert_max_num_queries):
    caio = cast.actor("caio")
    for at in range(3):
        other = system_create(actor=caio, name=f"Planner {at}")
        record_seal(actor=caio, record=record_draft(actor=caio, system=other, kind=CLASSIFICATION, body=CLASS))
    with django_assert_max_num_queries(9):
        rows = needing(caio, NOW)
    assert [row.system.name for row in rows] == ["CV summary", "Planner 0", "Planner 1", "Planner 2"]
    assert {row.finding.status for row in rows} == {Status.NOT_MET}
    assert [row.system.name for row in needing(cast.actor("alice"), NOW)] == ["CV summary"]
    assert "CV summary" in browse("caio").get("/o/harbour/assessments/").content.decode()
    assert "No system needs" not in browse("caio").get("/o/harbour/assessments/?show=all").content.decode()


def test_each_stands_for_itself(cast, system):
    rows = {row.kind: row.state for row in standings(cast.actor("caio"), system)}
    assert rows == {FRIA: "missing", DPIA: "missing", US_IMPACT: "unasked", BIAS_POLICY: "missing"}
    assert CHECKS[0].writes == FRIA
