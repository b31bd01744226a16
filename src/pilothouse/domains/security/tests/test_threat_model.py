"""security.threat_model and its check."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import ValidationError

from pilothouse.domains.security.checks import CHECKS, KIND, judge_threat_model
from pilothouse.domains.security.schemas import ThreatModel
from pilothouse.kernel.domain import Grade, Status, SystemFacts, registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import record_draft, record_seal

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def threat(**changes):
    return {
        "applies": True,
        "scenario": "An applicant hides instructions in white text",
        "likelihood": "high",
        "harm": "medium",
        "controls": ["Text is shown to the recruiter beside the summary"],
        "residual": "medium",
    } | changes


def model(**changes):
    return {
        "scope": "The summary service, its prompts and its input files",
        "assets": ["Applicants' data"],
        "poisoning": {"applies": False, "scenario": "The model is bought and never trained here"},
        "theft": threat(residual="high"),
        "injection": threat(),
        "hijacking": {"applies": False, "scenario": "It has no tools and no memory"},
        "author": "Security team",
        "review_by": "2027-06-30",
    } | changes


def facts():
    empty = dict.fromkeys(SystemFacts.__dataclass_fields__, "")
    return SystemFacts(**(empty | {"id": uuid4(), "number": 1, "stage": "pilot", "intake": {}}))


@pytest.fixture
def sealed(cast):
    ciso = cast.actor("ciso")
    system = system_create(actor=cast.actor("caio"), name="CV summary")

    def seal(**changes):
        draft = record_draft(actor=ciso, system=system, kind=KIND, body=model(**changes))
        record_seal(actor=ciso, record=draft)
        return CHECKS[0].load(cast.organisation.pk, None)[system.pk]

    return seal


def test_it_is_registered():
    assert registry.checks["security.threat_model_sealed"] is CHECKS[0]
    assert registry.records[KIND].schema is ThreatModel


def test_met_and_the_high_risk_is_named(sealed):
    finding = judge_threat_model(facts(), sealed(), NOW)
    assert (finding.status, finding.grade) == (Status.MET, Grade.SEALED)
    assert "a high risk remains from theft and inversion" in finding.reason


def test_nothing_sealed_is_not_met():
    assert judge_threat_model(facts(), None, NOW).status == Status.NOT_MET


def test_an_overdue_review_is_in_progress(sealed):
    assert judge_threat_model(facts(), sealed(review_by="2026-11-22"), NOW).status == Status.IN_PROGRESS


@pytest.mark.parametrize(
    "changes",
    [
        {"injection": threat(likelihood=None)},
        {"injection": threat(controls=[], residual="low")},
        {"injection": {"applies": True, "scenario": "Somebody tells it to"}},
        {"assets": []},
        {"poisoning": None},
    ],
)
def test_what_is_no_threat_model(changes):
    with pytest.raises(ValidationError):
        ThreatModel.model_validate(model(**changes))
