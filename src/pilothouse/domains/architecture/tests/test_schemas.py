"""What architecture's documents take, and what they do not."""

import pytest
from pydantic import ValidationError

from pilothouse.domains.architecture.schemas import Agent, Corpus, Decision, Design
from pilothouse.domains.architecture.tests.papers import PAPERS, agent, corpus, decision, design
from pilothouse.kernel.domain import registry
from pilothouse.kernel.records.schema import full_fields, problems, short_form

TO_MODEL = [{"caller": "Portal", "calls": "Model", "what": "model"}]


def test_they_are_registered():
    names = ("architecture.design", "architecture.decision", "architecture.agent", "architecture.corpus")
    assert [registry.records[name].schema for name in names] == [Design, Decision, Agent, Corpus]
    assert [registry.records[name].key for name in names] == ["", "title", "name", "name"]


@pytest.mark.parametrize("kind", PAPERS)
def test_the_short_form_asks_for_five_answers_at_most(kind):
    schema = registry.records[kind].schema
    asked = [n for n, info in schema.model_fields.items() if info.is_required() and n not in full_fields(schema)]
    assert len(asked) <= 5
    short = {key: value for key, value in PAPERS[kind].items() if key not in full_fields(schema)}
    assert problems(short_form(schema), short) == {}
    assert problems(schema, short)


@pytest.mark.parametrize(
    "body",
    [
        design(patterns=[]),
        design("rag", "rag"),
        design("multi_agent", chain=TO_MODEL),
        design("rag", chain=TO_MODEL),
        design(chain=[]),
        design(chain=[{"caller": "Model", "calls": "model", "what": "model"}]),
        design("magic"),
    ],
)
def test_what_is_no_design(body):
    with pytest.raises(ValidationError):
        Design.model_validate(body)


@pytest.mark.parametrize("patterns", [("rag",), ("agent", "multi_agent"), ("classical",), ("bag", "prompt")])
def test_patterns_that_the_chain_bears_out(patterns):
    assert Design.model_validate(design(*patterns))


@pytest.mark.parametrize(
    "body",
    [
        decision(alternatives=[]),
        decision(review_by="2026-09-30"),
        decision(replaced_by="One call for each application"),
        decision(reversal="cheap"),
    ],
)
def test_what_is_no_decision(body):
    with pytest.raises(ValidationError):
        Decision.model_validate(body)


@pytest.mark.parametrize(
    "body",
    [
        agent(approvals=[]),
        agent(no_approval="Nothing that it does could harm anybody"),
        agent(permissions=[]),
        agent(log_days=0),
        agent(audit=""),
    ],
)
def test_what_is_no_agent(body):
    with pytest.raises(ValidationError):
        Agent.model_validate(body)


def test_an_agent_whose_acts_wait_for_nobody_says_why():
    assert Agent.model_validate(agent(approvals=[], no_approval="It only reads what everybody may read"))


def test_a_corpus_that_outsiders_write_into_is_guarded():
    with pytest.raises(ValidationError):
        Corpus.model_validate(corpus(strangers=True))
    assert Corpus.model_validate(corpus(strangers=True, guard="Mail is shown as a quotation and never as orders"))
