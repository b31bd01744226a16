"""From answers to a tier."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.kernel.checks.rulebook import TIERS, strict_tier
from pilothouse.kernel.checks.rulebooks import SHIPPED
from pilothouse.kernel.checks.rules import answers_of, tier_of
from pilothouse.kernel.checks.tests.strategies import answers, bodies

ALL_NO = dict.fromkeys(("affects_people", "safety", "personal_data", "acts_alone", "outside_people"), "no")


def rank(tier):
    return TIERS.index(strict_tier(tier))


@given(bodies(), st.data())
@settings(max_examples=150, deadline=None)
def test_unknown_never_yields_a_lower_tier_than_either_answer(body, data):
    given_answers = {question.key: data.draw(answers) for question in body.questions if data.draw(st.booleans())}
    key = data.draw(st.sampled_from([question.key for question in body.questions]))
    unknown = rank(tier_of(body, given_answers | {key: "unknown"}))
    missing = rank(tier_of(body, {k: v for k, v in given_answers.items() if k != key}))
    for answer in ("yes", "no"):
        known = rank(tier_of(body, given_answers | {key: answer}))
        assert unknown >= known
        assert missing >= known


@pytest.mark.parametrize("book", ["sme_light", "enterprise", "us_federal"])
def test_all_no_is_low(book):
    assert tier_of(SHIPPED[book].body, ALL_NO) == "low"


def test_nothing_answered_is_unknown():
    assert tier_of(SHIPPED["enterprise"].body, {}) == "unknown"


def test_one_yes_may_settle_it():
    assert tier_of(SHIPPED["enterprise"].body, {"safety": "yes"}) == "high"


def test_missing_answers_that_could_only_make_it_medium_make_it_medium():
    assert tier_of(SHIPPED["us_federal"].body, {"affects_people": "no", "safety": "no"}) == "medium"


def test_the_register_answers_what_nobody_did():
    body = SHIPPED["us_federal"].body
    assert answers_of(body, {}, "safety", "none") == {"affects_people": "no", "safety": "yes", "personal_data": "no"}


def test_a_person_answers_before_the_register():
    body = SHIPPED["us_federal"].body
    assert answers_of(body, {"safety": "unknown"}, "neither", "unknown")["safety"] == "unknown"


def test_a_claim_of_high_impact_makes_it_high():
    body = SHIPPED["us_federal"].body
    assert tier_of(body, answers_of(body, {}, "high", "unknown")) == "high"
