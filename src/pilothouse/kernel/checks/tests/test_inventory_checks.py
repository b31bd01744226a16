"""Each of the inventory's checks, judged over hand-made facts."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pilothouse.kernel.checks.inventory_checks import INVENTORY, Said
from pilothouse.kernel.domain import Grade, Status, SystemFacts
from pilothouse.kernel.inventory.practices import PRACTICES

NOW = datetime(2026, 5, 1, tzinfo=UTC)
BARE = SystemFacts(
    id=uuid.uuid4(),
    number=7,
    name="CV summary",
    stage="unknown",
    tier="unknown",
    impact="unknown",
    personal_data="unknown",
    sourcing="unknown",
    technique="",
    vendor="",
    purpose=" ",
    outcome="",
    outcome_metric="",
    owner_id=None,
    owner_left=False,
    deputy_id=None,
    unit_id=None,
    affects="",
    intake={},
    inherited=False,
)
SOMEBODY, ANOTHER = uuid.uuid4(), uuid.uuid4()
CHECKS = {check.id: check for check in INVENTORY.checks}

# check → (facts that meet it, what a system without any facts is told)
REGISTER = {
    "inventory.owner": ({"owner_id": SOMEBODY, "owner_name": "Alice"}, Status.NOT_MET),
    "inventory.deputy": ({"owner_id": SOMEBODY, "deputy_id": ANOTHER}, Status.NOT_MET),
    "inventory.purpose": ({"purpose": "Read faster"}, Status.NOT_MET),
    "inventory.outputs": ({"outputs": "A summary"}, Status.NOT_MET),
    "inventory.outcome": ({"outcome": "Shorter search", "outcome_metric": "days to hire"}, Status.NOT_MET),
    "inventory.stage": ({"stage": "pilot"}, Status.UNKNOWN),
    "inventory.tier": ({"tier": "low"}, Status.UNKNOWN),
    "inventory.unit": ({"unit_id": SOMEBODY}, Status.NOT_MET),
    "inventory.vendor": ({"vendor": "Tide, Inc.", "sourcing": "buy"}, Status.UNKNOWN),
    "inventory.personal_data": ({"personal_data": "none"}, Status.UNKNOWN),
    "inventory.impact": ({"impact": "neither"}, Status.UNKNOWN),
    "inventory.affects": ({"affects": "Applicants"}, Status.NOT_MET),
    "inventory.permitted_use": ({"intake": {"prohibited": "no"}}, Status.UNKNOWN),
}


def judged(check_id, loaded=None, **facts):
    return CHECKS[check_id].judge(replace(BARE, **facts), loaded, NOW)


def test_every_check_is_either_of_the_register_or_of_a_practice():
    assert set(CHECKS) == {*REGISTER, *(f"inventory.{key}" for key in PRACTICES)}


@pytest.mark.parametrize("check_id", REGISTER)
def test_it_works(check_id):
    facts, without = REGISTER[check_id]
    met, bare = judged(check_id, **facts), judged(check_id)
    assert (met.status, met.grade) == (Status.MET, Grade.ATTESTED)
    assert (bare.status, bare.grade) == (without, Grade.NONE)
    for finding in (met, bare):
        assert finding.reason.endswith((".", "hire"))
        assert finding.refs[0].label == "S-7"


@pytest.mark.parametrize(
    ("check_id", "facts", "status", "words"),
    [
        ("inventory.owner", {"owner_id": SOMEBODY, "owner_left": True, "owner_name": "Bo"}, Status.NOT_MET, "has left"),
        ("inventory.deputy", {"owner_id": SOMEBODY, "deputy_id": SOMEBODY}, Status.NOT_MET, "their own deputy"),
        ("inventory.outcome", {"outcome": "Shorter search"}, Status.IN_PROGRESS, "nothing that would show it"),
        ("inventory.vendor", {"sourcing": "buy"}, Status.NOT_MET, "vendor is not named"),
        ("inventory.permitted_use", {"intake": {"prohibited": "yes"}}, Status.NOT_MET, "forbids this use"),
        ("inventory.permitted_use", {"intake": {"prohibited": "unknown"}}, Status.UNKNOWN, "Nobody has said"),
    ],
)
def test_what_is_half_there_says_what_lacks(check_id, facts, status, words):
    found = judged(check_id, **facts)
    assert found.status is status
    assert words in found.reason


@pytest.mark.parametrize(
    ("check_id", "facts"),
    [
        ("inventory.vendor", {"sourcing": "build"}),
        ("inventory.affects", {"tier": "low", "impact": "neither"}),
        ("inventory.privacy_review", {"personal_data": "none"}),
        ("inventory.notice", {"impact": "neither"}),
        ("inventory.disparities", {"impact": "presumed_not"}),
        ("inventory.opt_out", {"impact": "neither"}),
    ],
)
def test_some_concern_only_some_systems(check_id, facts):
    assert CHECKS[check_id].applies(BARE)
    assert not CHECKS[check_id].applies(replace(BARE, **facts))


@pytest.mark.parametrize("key", PRACTICES)
@pytest.mark.parametrize(
    ("said", "status", "grade"),
    [
        ("met", Status.MET, Grade.ATTESTED),
        ("in_progress", Status.IN_PROGRESS, Grade.ATTESTED),
        ("not_met", Status.NOT_MET, Grade.NONE),
        ("waived", Status.NOT_MET, Grade.NONE),
        ("not_applicable", Status.NOT_MET, Grade.NONE),
        ("not_answered", Status.UNKNOWN, Grade.NONE),
    ],
)
def test_what_was_said_of_a_practice(key, said, status, grade):
    answer = Said(uuid.uuid4(), said, "In their words", "File 7")
    found = judged(f"inventory.{key}", {key: answer})
    assert (found.status, found.grade) == (status, grade)
    assert found.refs[0].id == str(answer.id)
    if said != "not_answered":
        assert "File 7 says" in found.reason
        assert "In their words" in found.reason


def test_a_practice_that_nobody_spoke_of_is_unknown():
    # inventory.code_access, inventory.disparities and all others alike
    for key in PRACTICES:
        assert judged(f"inventory.{key}", {}).status is Status.UNKNOWN
        assert judged(f"inventory.{key}", None).status is Status.UNKNOWN
