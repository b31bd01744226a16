"""What must be true of every system: changes that never lower a class, and changes that never alter one."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.domains.governance.classifier import library, public
from pilothouse.domains.governance.classifier.rules.questionnaire import questionnaire
from pilothouse.domains.governance.classifier.tests.cases import (
    AXES,
    QUESTIONS,
    answers,
    facts,
    known_answers,
    strictness,
)

DUTY_BOUND = ("eu_risk", "us_omb", "eu_scope")
many = settings(max_examples=60, deadline=None)


def classify(said: dict[str, Any], **more: Any) -> Any:
    return public.classify(said, what_if=False, **more)


def classes(found: Any) -> dict[str, Any]:
    return {axis.id: (axis.classes, axis.provisional, axis.settled) for axis in found.axes}


@many
@given(facts())
def test_profiling_never_lowers_the_class(said):
    without = classify({**said, "profiling": "no"})
    with_ = classify({**said, "profiling": "yes"})
    for axis in DUTY_BOUND:
        assert strictness(with_, axis) >= strictness(without, axis), axis


@many
@given(facts())
def test_profiling_of_one_part_counts_for_the_whole(said):
    parts = [{"profiling": "no"}, {"profiling": "yes"}]
    assert strictness(classify({**said, "parts": parts}), "eu_risk") >= strictness(
        classify({**said, "profiling": "yes"}), "eu_risk"
    )


@many
@given(facts(), answers(QUESTIONS.by_id["human_review"]))
def test_a_human_never_alters_a_class(said, reviewed):
    without = classify({**said, "human_review": "no"})
    assert classes(classify({**said, "human_review": reviewed})) == classes(without)


@many
@given(facts(), st.dates(date(2020, 1, 1), date(2032, 1, 1)), known_answers(QUESTIONS.by_id["first_placed"]))
def test_moving_the_day_alters_duties_only(said, on, placed):
    before = classify(said)
    assert classes(classify(said, on=on)) == classes(before)
    assert classes(classify({**said, "first_placed": placed}, on=on)) == classes(before)


@many
@given(facts(), st.data())
def test_splitting_a_system_never_lowers_it(said, data):
    """However the facts are dealt out to parts, and whatever relief the parts claim for themselves."""
    raising = [one for one in QUESTIONS.all if one.across == "any" and one.type != "date" and one.id in said]
    relieving = [one for one in QUESTIONS.all if one.across == "whole"]
    count = data.draw(st.integers(2, 4))
    parts: list[dict[str, Any]] = [{} for _ in range(count)]
    rest = dict(said)
    for question in raising:
        if data.draw(st.booleans()):
            whole = rest.pop(question.id)
            for part, dealt in zip(parts, _dealt(question, whole, count, data), strict=True):
                part[question.id] = dealt
    for part in parts:
        for question in data.draw(st.lists(st.sampled_from(relieving), max_size=4, unique_by=lambda one: one.id)):
            part[question.id] = data.draw(answers(question))
    whole_one, split = classify(said), classify({**rest, "parts": parts})
    for axis in AXES:
        if not axis.startswith("gdpr"):
            assert strictness(split, axis) >= strictness(whole_one, axis), axis


def _dealt(question: Any, whole: Any, count: int, data: Any) -> list[Any]:
    """One answer for each part, which together say what the whole said."""
    if question.type == "choices" and isinstance(whole, list):
        homes = {value: data.draw(st.integers(0, count - 1)) for value in whole}
        found = [[value for value, home in homes.items() if home == index] for index in range(count)]
        return [values or "none" for values in found]
    if question.type == "yes_no" and whole == "yes":
        home = data.draw(st.integers(0, count - 1))
        return ["yes" if index == home else "no" for index in range(count)]
    return [whole] * count


@many
@given(facts())
def test_article_5_outranks_all(said):
    found = classify(said)
    banned = [one for one in found.conclusions if one.id.startswith("art5_") and one.state != "does_not_hold"]
    assert (found.axis("eu_risk").classes == ("prohibited",)) is bool(banned)
    if any(one.state == "holds" for one in banned):
        assert found.risk_class == "prohibited"
        assert not found.axis("eu_risk").provisional


@many
@given(facts(), st.data())
def test_an_unknown_fact_never_yields_a_lower_class_than_any_answer(said, data):
    question = data.draw(st.sampled_from(QUESTIONS.all))
    unknown = classify({key: value for key, value in said.items() if key != question.id})
    told = classify({**said, question.id: data.draw(known_answers(question))})
    for axis in AXES:
        assert strictness(unknown, axis) >= strictness(told, axis), axis
    assert set(unknown.axis("eu_transparency").classes) >= set(told.axis("eu_transparency").classes)
    assert classes(classify({**said, question.id: "unknown"})) == classes(unknown)


@many
@given(facts(), st.data())
def test_answering_settles_and_never_unsettles(said, data):
    """What held before a further answer holds after it."""
    question = data.draw(st.sampled_from([one for one in QUESTIONS.all if one.id not in said]))
    before, after = classify(said), classify({**said, question.id: data.draw(known_answers(question))})
    for old, new in zip(before.conclusions, after.conclusions, strict=True):
        assert old.state in ("open", new.state), old.id


@many
@given(facts(), st.randoms())
def test_the_same_facts_give_the_same_bytes(said, random):
    keys = list(said)
    random.shuffle(keys)
    assert classify({key: said[key] for key in keys}).json() == classify(said).json()


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_whoever_answers_what_is_asked_leaves_nothing_open(data):
    """Walk through the questionnaire to its end: no class is provisional then, and no answer is wasted."""
    said: dict[str, Any] = {}
    for _ in range(len(QUESTIONS.all) + 1):
        left = questionnaire(said, QUESTIONS, library.shipped()).left
        if not left:
            break
        said[left[0].id] = data.draw(known_answers(left[0]))
    found = classify(said)
    assert [axis.id for axis in found.axes if axis.provisional] == []
    assert all(axis.settled == axis.classes for axis in found.axes)


@settings(max_examples=5, deadline=None)
@given(facts(), st.data())
def test_what_would_change_it_does(said, data):
    """A change that is told comes out when it is made."""
    found = public.classify(said)
    told = [(axis.id, change) for axis in found.axes for change in (*axis.would_settle, *axis.would_change)]
    simple = [(axis, change) for axis, change in told if QUESTIONS.by_id[change.fact].type == "yes_no"]
    if simple:
        axis, change = data.draw(st.sampled_from(simple))
        then = classify({**said, change.fact: change.answers[0]}).axis(axis)
        assert (then.classes, then.provisional) == (change.classes, change.provisional), change
