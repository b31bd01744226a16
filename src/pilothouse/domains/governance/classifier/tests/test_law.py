"""Law is data: what ships is whole, and a file that is not is refused with what and where."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.classifier import library
from pilothouse.domains.governance.classifier.rules.conditions import Is, Malformed, Reasoner, parse, resolve, walk
from pilothouse.domains.governance.classifier.rules.facts import Answer, read_facts
from pilothouse.domains.governance.classifier.rules.law import CONFIDENCES, read_rule_set

SMALL = """
id: own
regime: own_policy
title: Own rules
version: "1"
as_of: 2026-11-22
sources: [Board]
axes:
  - id: own
    title: Own class
    kind: ordered
    classes: [{id: red, title: Red, risk_class: high}, {id: green, title: Green}]
citations: {rule: {cite: "Rule 1"}}
conclusions:
  - {id: is_red, axis: own, class: red, when: interacts, citation: [rule], confidence: text, title: R, says: It talks.}
  - id: is_green
    axis: own
    class: green
    when: {not: interacts}
    citation: [rule]
    confidence: text
    title: Green
    says: "Mute."
"""


@pytest.mark.parametrize("rules", library.shipped(), ids=lambda rules: rules.id)
def test_what_ships_is_whole(rules):
    """Every citation resolves (reading refuses others), each carries its confidence, no citation is idle, and a day of
    application stands beside each high or forbidden class."""
    document = rules.document
    used = {
        name
        for part in (document.conclusions, document.duties, document.notes)
        for one in part
        for name in one.citation
    }
    used |= {start.citation for starts in document.dates.values() for start in starts}
    assert set(document.citations) - used <= {"art111_1", "art36"}
    assert all(one.confidence in CONFIDENCES for one in document.conclusions)
    assert all(one.applies for one in document.conclusions if one.class_ in ("prohibited", "high", "high_impact"))
    assert document.sources
    assert document.uncertainties


def test_every_question_is_asked_for_a_reason():
    read = set()
    nothing = read_facts({}, library.questions())
    for rules in library.shipped():
        for condition in (*rules.terms.values(), *rules.conditions.values()):
            read |= Reasoner(nothing, rules.terms).reads(condition)
    assert {question.id for question in library.questions().all} - read == set()


def test_the_hash_follows_the_content_and_not_the_comments():
    one = library.rule_set(SMALL)
    assert library.rule_set("# a comment\n" + SMALL).hash == one.hash
    assert library.rule_set(SMALL.replace("Mute.", "Silent.")).hash != one.hash


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("axis: own, class: red", "axis: other, class: red"), "no axis “other”"),
        (("axis: own, class: red", "axis: own, class: blue"), "no class “blue”"),
        (("citation: [rule]", "citation: [rule, law]"), "no citation “law”"),
        (("when: interacts", "when: interacting"), "no question asks for “interacting”"),
        (("when: interacts", "when: {is: {interacts: maybe}}"), "has no answer “maybe”"),
        (("when: interacts", "when: {is: {interacts: yes}}"), "in quotes"),
        (("when: interacts", "when: {either: [interacts]}"), "“either” is none of"),
        (("when: interacts", "when: {before: {interacts: 2026-01-01}}"), "is no day"),
        (("when: interacts", "when: is_red"), "rests on itself"),
        (("confidence: text, title: R", "confidence: sure, title: R"), "sure"),
        (("title: Own rules", "titel: Own rules"), "titel"),
        (("id: is_green", "id: is_red"), "is there twice"),
        (('version: "1"', 'version: "1"\nversion: "2"'), "is there twice"),
        (("risk_class: high", "risk_class: awful"), "risk_class is one of"),
        (("sources: [Board]", "sources: ["), "no YAML in line"),
    ],
)
def test_a_faulty_file_is_refused_with_what_and_where(change, told):
    with pytest.raises(Invalid) as refused:
        library.rule_set(SMALL.replace(*change, 1))
    assert told in f"{refused.value.detail} {refused.value.fields}"


def test_nothing_is_run_that_hides_in_a_file():
    with pytest.raises(Invalid):
        library.rule_set("!!python/object/apply:os.system ['true']")


@settings(max_examples=50, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["all", "any", "not", "is", "x"]), inner, max_size=2)
        ),
    )
)
def test_a_condition_is_read_or_refused(raw):
    with suppress(Malformed):
        assert walk(parse(raw))


@given(st.lists(st.sampled_from([True, None, False]), min_size=1, max_size=4))
def test_three_values(values):
    answers = {
        f"f{i}": Answer(
            frozenset({"yes"} if v else ()), frozenset({"no"} if v is False else {"yes"} if v else {"yes", "no"})
        )
        for i, v in enumerate(values)
    }
    reasoner = Reasoner(answers.__getitem__, {})
    parts = [{"is": name} for name in answers]
    some, every = (resolve(parse({word: parts}), ()) for word in ("any", "all"))
    assert reasoner.truth(some) is (True if True in values else None if None in values else False)
    assert reasoner.truth(every) is (False if False in values else None if None in values else True)
    if None in values and True not in values:
        assert set(reasoner.deciding(some)) == {f"f{i}" for i, v in enumerate(values) if v is None}
    assert all(reasoner.truth(Is(name)) is value for name, value in zip(answers, values, strict=True))


def test_what_ships_can_be_taken_as_the_beginning_of_an_edition():
    rules = library.shipped()[0]
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", rules.hash)
    assert read_rule_set(yaml.safe_load(library.shipped_text(rules.id)), library.questions()).hash == rules.hash
