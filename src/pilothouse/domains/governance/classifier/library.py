"""The law that ships: the files in `law/`, read once and checked."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.classifier.rules.law import RuleSet, read_rule_set
from pilothouse.domains.governance.classifier.rules.questionnaire import shown_conditions
from pilothouse.domains.governance.classifier.rules.questions import Questions, read_questions

LAW = Path(__file__).parent / "law"
QUESTIONS = "questions.yaml"
LONGEST = 1_000_000  # characters; the longest law that ships has a tenth of it


@cache
def questions() -> Questions:
    """The questions that ship."""
    read = read_questions(parse_yaml((LAW / QUESTIONS).read_text()))
    shown_conditions(read)
    return read


@cache
def shipped() -> tuple[RuleSet, ...]:
    """The rule sets that ship, by id."""
    files = sorted(path for path in LAW.glob("*.yaml") if path.name != QUESTIONS)
    return tuple(sorted((rule_set(path.read_text()) for path in files), key=lambda one: one.id))


def shipped_text(rule_set_id: str) -> str:
    """The file of a rule set that ships, to begin an edition of one's own. Empty if there is none."""
    path = LAW / f"{rule_set_id}.yaml"
    return path.read_text() if path.is_file() and path.parent == LAW and path.name != QUESTIONS else ""


def rule_set(text: str) -> RuleSet:
    """A rule set from the text of its file. Raises Invalid that says what is wrong and where."""
    return read_rule_set(parse_yaml(text), questions())


def parse_yaml(text: str) -> Any:
    """YAML as plain values. Raises Invalid with the line."""
    if len(text) > LONGEST:
        raise Invalid(f"The text is longer than {LONGEST:,} characters.")
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader that also refuses repeated keys
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise Invalid(f"This is no YAML{where}: {getattr(error, 'problem', None) or error}.") from error


class _Loader(yaml.SafeLoader):
    """Safe YAML that does not let the second of two equal keys win in silence."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"“{key.value}” is there twice", key.start_mark)
        seen.add(key.value)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
