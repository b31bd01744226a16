"""The classifier's door for other rooms: values in, values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pilothouse.domains.governance.classifier import library
from pilothouse.domains.governance.classifier.rules import engine, questionnaire, schema
from pilothouse.domains.governance.classifier.rules.facts import read_facts
from pilothouse.domains.governance.classifier.rules.law import RuleSet
from pilothouse.domains.governance.classifier.rules.questionnaire import Questionnaire
from pilothouse.domains.governance.classifier.values import Classification


def classify(
    facts: Mapping[str, Any],
    *,
    on: date | None = None,
    rule_sets: Sequence[RuleSet] | None = None,
    what_if: bool = True,
) -> Classification:
    """Classify one system from its facts. Raises Invalid that names each fact which is wrong and what is allowed.

    `rule_sets`: by default those that ship. `what_if=False` leaves out what would change the classes (for lists).
    """
    questions = library.questions()
    rules = library.shipped() if rule_sets is None else rule_sets
    return engine.classify(read_facts(facts, questions), questions, rules, on, what_if=what_if)


def ask(facts: Mapping[str, Any], *, rule_sets: Sequence[RuleSet] | None = None) -> Questionnaire:
    """The questions that matter, given the facts so far. Raises Invalid."""
    rules = library.shipped() if rule_sets is None else rule_sets
    return questionnaire.questionnaire(facts, library.questions(), rules)


def questions_schema() -> dict[str, Any]:
    """The questionnaire as JSON Schema 2020-12."""
    return schema.json_schema(library.questions())
