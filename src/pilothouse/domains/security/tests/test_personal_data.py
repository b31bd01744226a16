"""security.personal_data_rules: “none is used” is an answer, and so is what the inventory says."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from pilothouse.domains.security.checks import judge_personal_data
from pilothouse.domains.security.facts import PERSONAL
from pilothouse.domains.security.schemas import PersonalDataRules
from pilothouse.domains.security.tests.papers import personal_data_rules as rules
from pilothouse.domains.security.tests.test_threat_model import facts, sealed
from pilothouse.kernel.domain import Status
from pilothouse.kernel.records.schema import problems, short_form

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NONE = {
    "uses": "none",
    "told": "It reads temperatures only; the test of the interface refuses any other field",
    "responsible": "alice@harbour.example",
    "review_by": "2027-09-30",
}


def judge(body, **system):
    return judge_personal_data(facts(**system), sealed(body, PERSONAL) if body else None, NOW)


def test_rules_are_met():
    finding = judge(rules(), personal_data="personal")
    assert finding.status == Status.MET
    assert "2 rules" in finding.reason


def test_none_is_an_answer():
    assert judge(NONE, personal_data="none").status == Status.MET
    assert judge(NONE, personal_data="unknown").status == Status.MET
    short = {key: value for key, value in NONE.items() if key != "responsible"}
    assert problems(short_form(PersonalDataRules), short) == {}
    assert judge(short, tier="low").status == Status.MET


def test_nothing_is_not_met_and_unknown_where_it_was_found_running():
    assert judge(None).status == Status.NOT_MET
    assert judge(None, inherited=True).status == Status.UNKNOWN


@pytest.mark.parametrize("known", ["personal", "special"])
def test_none_against_the_inventory(known):
    finding = judge(NONE, personal_data=known)
    assert finding.status == Status.IN_PROGRESS
    assert "One of them is wrong" in finding.reason


def test_special_categories_that_the_rules_leave_out():
    assert judge(rules(), personal_data="special").status == Status.IN_PROGRESS
    special = rules(uses="special", special_ground="Explicit consent of each patient")
    assert judge(special, personal_data="special").status == Status.MET


def test_overdue():
    assert judge(rules(review_by="2026-11-22")).status == Status.IN_PROGRESS


@pytest.mark.parametrize(
    "changes",
    [
        {"basis": None},
        {"rules": []},
        {"kept_days": None},
        {"trains": None},
        {"uses": "special"},
        {"kept_days": -1},
        {"uses": "some"},
        {"told": "CVs"},
    ],
)
def test_what_are_no_rules(changes):
    with pytest.raises(ValidationError):
        PersonalDataRules.model_validate(rules(**changes))
