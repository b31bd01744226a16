"""security.threat_model and what is judged of it."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import ValidationError

from pilothouse.domains.security import facts as loaders
from pilothouse.domains.security.checks import judge_residual, judge_threat_model
from pilothouse.domains.security.schemas import ThreatModel
from pilothouse.domains.security.tests.papers import threat
from pilothouse.domains.security.tests.papers import threat_model as model
from pilothouse.kernel.decisions.signed import SignedOff
from pilothouse.kernel.domain import Grade, Status, SystemFacts, registry
from pilothouse.kernel.records.selectors import Sealed

NOW = datetime(2026, 11, 23, tzinfo=UTC)
BORNE = {"residual": "high", "accepted_because": "Until the vendor mends it in May", "accepted_by": "c@h.example"}


def facts(**changes):
    empty = dict.fromkeys(SystemFacts.__dataclass_fields__, "")
    base = SystemFacts(**(empty | {"id": uuid4(), "number": 1, "stage": "pilot", "tier": "high", "intake": {}}))
    return replace(base, **changes)


def sealed(body, kind=loaders.THREATS, version=1, key=""):
    return Sealed(uuid4(), kind, version, "sha256:0", NOW, None, body, key)


def signature(paper, **changes):
    given = SignedOff(uuid4(), paper.id, ("ciso",), NOW, instead=False, lone=False)
    return replace(given, **changes)


def test_it_is_registered():
    assert registry.records["security.threat_model"].schema is ThreatModel
    assert registry.checks["security.threat_model_sealed"].domain == "security"


def test_met_and_the_high_risk_is_named():
    finding = judge_threat_model(facts(), sealed(model(theft=threat(residual="high"))), NOW)
    assert (finding.status, finding.grade) == (Status.MET, Grade.SEALED)
    assert "a high risk remains from theft and inversion" in finding.reason


def test_nothing_sealed_is_not_met_and_unknown_where_it_was_found_running():
    assert judge_threat_model(facts(), None, NOW).status == Status.NOT_MET
    assert judge_threat_model(facts(inherited=True), None, NOW).status == Status.UNKNOWN


def test_an_overdue_review_is_in_progress():
    assert judge_threat_model(facts(), sealed(model(review_by="2026-11-22")), NOW).status == Status.IN_PROGRESS


def test_the_short_form_serves_the_low_tier_alone():
    short = {"scope": "All of it", "injection": threat(residual="high"), "review_by": "2027-01-01"}
    finding = judge_threat_model(facts(tier="low"), sealed(short), NOW)
    assert finding.status == Status.MET
    assert "prompt injection" in finding.reason
    assert judge_threat_model(facts(tier="medium"), sealed(short), NOW).status == Status.IN_PROGRESS


@pytest.mark.parametrize(
    "changes",
    [
        {"injection": threat(likelihood=None)},
        {"injection": threat(controls=[], residual="low")},
        {"injection": threat(accepted_because="We have no time to mend it")},
        {"injection": threat(accepted_by="ciso@harbour.example")},
        {"injection": {"applies": True, "scenario": "Somebody tells it to"}},
        {"assets": []},
        {"poisoning": None},
    ],
)
def test_what_is_no_threat_model(changes):
    with pytest.raises(ValidationError):
        ThreatModel.model_validate(model(**changes))


class TestResidual:
    """security.residual_accepted"""

    def test_no_high_risk_is_met(self):
        assert judge_residual(facts(), (sealed(model()), None, None, None), NOW).status == Status.MET

    def test_no_threat_model_is_not_met(self):
        assert judge_residual(facts(), (None, None, None, None), NOW).status == Status.NOT_MET

    def test_a_high_risk_without_a_reason(self):
        paper = sealed(model(injection=threat(residual="high")))
        finding = judge_residual(facts(), (paper, signature(paper), None, None), NOW)
        assert finding.status == Status.NOT_MET
        assert "prompt injection" in finding.reason

    def test_a_reason_without_a_signature(self):
        paper = sealed(model(injection=threat(**BORNE)))
        assert judge_residual(facts(), (paper, None, None, None), NOW).status == Status.IN_PROGRESS
        elsewhere = signature(sealed(model()))
        assert judge_residual(facts(), (paper, elsewhere, None, None), NOW).status == Status.IN_PROGRESS

    def test_a_signature_on_the_threat_model(self):
        paper = sealed(model(injection=threat(**BORNE)))
        assert judge_residual(facts(), (paper, signature(paper), None, None), NOW).status == Status.MET

    def test_a_signed_review_of_that_version(self):
        paper = sealed(model(injection=threat(**BORNE)), version=2)
        for version, status in ((2, Status.MET), (1, Status.IN_PROGRESS)):
            review = sealed({"threat_model": version}, loaders.REVIEW)
            finding = judge_residual(facts(), (paper, None, review, signature(review)), NOW)
            assert finding.status == status
