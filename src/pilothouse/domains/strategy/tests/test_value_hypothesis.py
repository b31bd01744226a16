"""strategy.value_hypothesis and its check."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import ValidationError

from pilothouse.domains.strategy.checks import CHECKS, KIND, judge_value_hypothesis
from pilothouse.domains.strategy.schemas import ValueHypothesis
from pilothouse.domains.strategy.tests.papers import PAPERS
from pilothouse.kernel.domain import Grade, Status, SystemFacts, registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import record_draft, record_seal

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def hypothesis(**changes):
    """One that names no goal, so that it can be sealed in any organisation."""
    return PAPERS[KIND] | {"goals": []} | changes


def facts(**changes):
    empty = dict.fromkeys(SystemFacts.__dataclass_fields__, "")
    base = SystemFacts(**(empty | {"id": uuid4(), "number": 1, "stage": "pilot", "intake": {}, "owner_id": None}))
    return replace(base, **changes)


@pytest.fixture
def sealed(cast):
    caio = cast.actor("caio")
    system = system_create(actor=caio, name="CV summary")

    def seal(**changes):
        draft = record_draft(actor=caio, system=system, kind=KIND, body=hypothesis(**changes))
        record_seal(actor=caio, record=draft)
        return CHECKS[0].load(cast.organisation.pk, [system.pk])[system.pk]

    return seal


def test_it_is_registered():
    assert registry.checks["strategy.value_hypothesis_sealed"] is CHECKS[0]
    assert registry.records[KIND].schema is ValueHypothesis


def test_met_while_sealed_and_ahead(sealed):
    finding = judge_value_hypothesis(facts(), sealed(), NOW)
    assert (finding.status, finding.grade) == (Status.MET, Grade.SEALED)
    assert "Hours until the first answer to 48 hours, decided on 31 March 2027" in finding.reason
    assert finding.refs[0].type == "records.record"


def test_nothing_sealed_is_not_met():
    assert judge_value_hypothesis(facts(), None, NOW).status == Status.NOT_MET


def test_a_decision_date_that_passed_in_silence(sealed):
    old = sealed(decision_date="2026-11-01")
    assert judge_value_hypothesis(facts(stage="pilot"), old, NOW).status == Status.IN_PROGRESS
    assert judge_value_hypothesis(facts(stage="production"), old, NOW).status == Status.MET


@pytest.mark.parametrize(
    "changes",
    [
        {"target": "96"},
        {"value": {"p10": "5", "p50": "4", "p90": "9"}},
        {"cost": {"p10": "-1", "p50": "4", "p90": "9"}},
        {"sample_size": 0},
        {"currency": "euro"},
        {"decision_date": "soon"},
        {"kind": "magic"},
        {"surprise": 1},
    ],
)
def test_what_is_no_hypothesis(changes):
    with pytest.raises(ValidationError):
        ValueHypothesis.model_validate(hypothesis(**changes))
