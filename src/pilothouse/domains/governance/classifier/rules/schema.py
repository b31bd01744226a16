"""The questionnaire as JSON Schema 2020-12, with the text that a person reads.

`x-shown-when` holds the condition of being asked in the language of the law files; where a condition is plain enough,
`if`/`then` says the same to programs that know JSON Schema only. “unknown” is allowed everywhere.
"""

from __future__ import annotations

from typing import Any

from pilothouse.domains.governance.classifier.rules.conditions import All, Condition, Is, Not
from pilothouse.domains.governance.classifier.rules.conditions import Any as Either
from pilothouse.domains.governance.classifier.rules.facts import MOST_PARTS, NONE, PARTS, UNKNOWN
from pilothouse.domains.governance.classifier.rules.questionnaire import shown_conditions
from pilothouse.domains.governance.classifier.rules.questions import Question, Questions

JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
DONT_KNOW = {"const": UNKNOWN, "title": "I don't know"}


def json_schema(questions: Questions) -> dict[str, Any]:
    """The schema of a facts file."""
    properties = {question.id: _property(question) for question in questions.all}
    named = {"name": {"type": "string", "title": "What this part is called"}}
    inner = {question.id: {"$ref": f"#/properties/{question.id}"} for question in questions.all}
    properties[PARTS] = {
        "type": "array",
        "title": "Parts",
        "description": "A system of several parts is classified as one: what raises counts if one part has it; "
        "what relieves must be said of the whole.",
        "items": {"type": "object", "properties": {**named, **inner}},
        "maxItems": MOST_PARTS,
    }
    return {
        "$schema": JSON_SCHEMA,
        "title": "Facts about an AI system",
        "description": "Every question may be left out or answered “unknown”; an unknown fact never lowers a class.",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "allOf": _branches(questions),
        "x-version": questions.version,
        "x-as-of": questions.as_of.isoformat(),
        "x-hash": questions.hash,
        "x-sections": [{"id": one.id, "title": one.title, "description": one.says} for one in questions.sections],
    }


def _property(question: Question) -> dict[str, Any]:
    about: dict[str, Any] = {"title": question.title, "x-short": question.short, "x-section": question.section}
    if question.help:
        about["description"] = question.help
    if question.examples:
        about["x-examples"] = list(question.examples)
    if question.citation:
        about["x-citation"] = question.citation
    about["x-across-parts"] = question.across
    if question.shown_when is not None:
        about["x-shown-when"] = _plain(question.shown_when)
    return {**about, **_type(question)}


def _type(question: Question) -> dict[str, Any]:
    if question.type == "yes_no":
        return {"oneOf": [{"const": "yes", "title": "Yes"}, {"const": "no", "title": "No"}, DONT_KNOW]}
    if question.type == "date":
        return {"oneOf": [{"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}, DONT_KNOW]}
    options = [{"const": choice.id, "title": choice.title} for choice in question.choices]
    if question.type == "choice":
        return {"oneOf": [*options, DONT_KNOW]}
    several = {"type": "array", "items": {"oneOf": [*options, DONT_KNOW]}, "minItems": 1, "uniqueItems": True}
    nothing = {"const": NONE, "title": "None of these"}
    return {"oneOf": [several, nothing, DONT_KNOW]}


def _branches(questions: Questions) -> list[dict[str, Any]]:
    """`if` the condition holds `then` the question belongs to the form: for each condition that has a plain form."""
    found = []
    for name, condition in shown_conditions(questions).items():
        test = _test(condition)
        if test is not None:
            found.append({"if": test, "then": {"properties": {name: {"x-shown": True}}}})
    return found


def _test(condition: Condition) -> dict[str, Any] | None:
    if isinstance(condition, Is):
        wanted = [{"const": value} for value in condition.values]
        listed = {"type": "array", "contains": {"anyOf": wanted}}
        return {"properties": {condition.fact: {"anyOf": [*wanted, listed]}}, "required": [condition.fact]}
    if isinstance(condition, Not):
        inner = _test(condition.part)
        return None if inner is None else {"not": inner}
    if isinstance(condition, All | Either):
        parts = [_test(part) for part in condition.parts]
        if any(part is None for part in parts):
            return None
        return {"allOf" if isinstance(condition, All) else "anyOf": parts}
    return None


def _plain(raw: Any) -> Any:
    """A condition in JSON's own types: days become text."""
    if isinstance(raw, dict):
        return {key: _plain(value) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_plain(value) for value in raw]
    return raw if isinstance(raw, str) else str(raw)
