"""What governance's documents take, and what they do not."""

import pytest
from pydantic import ValidationError

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance import facts
from pilothouse.domains.governance.schemas import Attestation, Control, Obligation, Policy, RiskClassification
from pilothouse.domains.governance.tests.papers import (
    PAPERS,
    attestation,
    classification,
    control,
    obligation,
    policy,
)
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import record_draft, record_seal
from pilothouse.kernel.records.schema import full_fields, problems, short_form

OF_SYSTEM = [kind for kind in PAPERS if registry.records[kind].of_system]


def test_they_are_registered():
    names = ("risk_classification", "obligation", "control", "attestation", "policy")
    found = [registry.records[f"governance.{name}"] for name in names]
    assert [kind.schema for kind in found] == [RiskClassification, Obligation, Control, Attestation, Policy]
    assert [kind.many for kind in found] == [False, True, True, False, False]
    assert not found[4].of_system
    assert found[4].judges


@pytest.mark.parametrize("kind", OF_SYSTEM)
def test_the_short_form_asks_for_five_answers_at_most(kind):
    schema = registry.records[kind].schema
    asked = [n for n, info in schema.model_fields.items() if info.is_required() and n not in full_fields(schema)]
    assert len(asked) <= 5
    short = {key: value for key, value in PAPERS[kind].items() if key not in full_fields(schema)}
    assert problems(short_form(schema), short) == {}


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        (RiskClassification, classification(under=[])),
        (RiskClassification, classification(risk_class="medium")),
        (RiskClassification, classification(reasons="Because")),
        (Obligation, obligation(state="open")),
        (Obligation, obligation(shown_by=None)),
        (Obligation, obligation(state="not_applicable")),
        (Obligation, obligation(regime="gossip")),
        (Control, control(evidence=[])),
        (Control, control(next_test="2026-11-02")),
        (Control, control(result="unknown")),
        (Attestation, attestation(right="no")),
        (Attestation, attestation(looked_at=[])),
        (Policy, policy(human_decisions=[])),
        (Policy, policy(escalation=[])),
        (Policy, policy(escalation=[{"to": "CAIO", "within_hours": 24}, {"to": "Owner", "within_hours": 4}])),
        (Policy, policy(review_by="2026-09-01")),
    ],
)
def test_what_cannot_be_sealed(schema, body):
    with pytest.raises(ValidationError):
        schema.model_validate(body)


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        (Obligation, obligation(state="open", due="2027-01-01", shown_by=None)),
        (Obligation, obligation(state="not_applicable", not_because="We only deploy it", shown_by=None)),
        (Attestation, attestation(right="no", wrong="The vendor has changed")),
        (RiskClassification, classification(risk_class="limited", exception="Article 6(3)(a): a narrow step only")),
    ],
)
def test_what_can_be(schema, body):
    assert schema.model_validate(body)


def test_a_control_serves_obligations_that_there_are(cast):
    caio = cast.actor("caio")
    system = system_create(actor=caio, name="CV summary")

    def seal(kind, body):
        return record_seal(actor=caio, record=record_draft(actor=caio, system=system, kind=kind, body=body))

    serving = control(serves=["Tell applicants that AI ranks them"])
    with pytest.raises(Invalid, check=lambda error: list(error.fields) == ["serves"]):
        seal(facts.CONTROL, serving)
    seal(facts.OBLIGATION, obligation())
    assert seal(facts.CONTROL, serving).state == "sealed"


def test_who_classifies_belongs_to_the_organisation(cast):
    caio = cast.actor("caio")
    system = system_create(actor=caio, name="CV summary")
    body = classification(decided_by="charlie@elsewhere.example")
    draft = record_draft(actor=caio, system=system, kind=facts.CLASSIFICATION, body=body)
    with pytest.raises(Invalid, check=lambda error: list(error.fields) == ["decided_by"]):
        record_seal(actor=caio, record=draft)
