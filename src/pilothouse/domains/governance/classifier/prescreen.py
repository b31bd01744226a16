"""A first look: facts that a description suggests, each with the words that made it think so. Pure.

Proposals, never answers: a person confirms each. What no word suggests stays unknown; nothing is ever proposed to be
“no” or “none of these”, since silence of a text is no evidence. A port for other screens (such as a model's) is
`Screen`: text in, proposals out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from pilothouse.domains.governance.classifier.library import parse_yaml, questions
from pilothouse.domains.governance.classifier.rules.questions import Struct

RULES = Path(__file__).parent / "law" / "screen" / "words.yaml"
LONGEST = 20_000


class Rule(Struct, frozen=True):
    """Words (regular expressions, on word borders) that suggest an answer."""

    fact: str
    answer: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A fact that a text suggests. `words` are those it was read from; `where` the part of the description."""

    fact: str
    answer: str
    words: tuple[str, ...]
    where: str
    title: str

    @property
    def kind(self) -> str:
        return "proposal"


Screen = Callable[[Mapping[str, str]], tuple[Proposal, ...]]
"""What proposes facts from the parts of a description."""


def prescreen(about: Mapping[str, str]) -> tuple[Proposal, ...]:
    """Proposals from the parts of a description (name, purpose, outputs, topic, …), in the order of the questions; for
    a question of one answer the first that fits."""
    found: dict[tuple[str, str], Proposal] = {}
    for rule, pattern in _rules():
        for where, text in about.items():
            words = tuple(dict.fromkeys(match.casefold() for match in pattern.findall((text or "")[:LONGEST])))
            if words and (rule.fact, rule.answer) not in found:
                title = questions().by_id[rule.fact].titles[rule.answer]
                found[rule.fact, rule.answer] = Proposal(rule.fact, rule.answer, words, where, title)
    order = {question.id: index for index, question in enumerate(questions().all)}
    return tuple(sorted(found.values(), key=lambda one: (order[one.fact], one.answer)))


def facts(proposals: tuple[Proposal, ...]) -> dict[str, Any]:
    """Proposals as facts for a provisional look. Of several answers each is one, and more may hold."""
    said: dict[str, Any] = {}
    for one in proposals:
        if questions().by_id[one.fact].type == "choices":
            said.setdefault(one.fact, ["unknown"]).insert(0, one.answer)
        else:
            said.setdefault(one.fact, one.answer)
    return said


@cache
def _rules() -> tuple[tuple[Rule, re.Pattern[str]], ...]:
    read = msgspec.convert(parse_yaml(RULES.read_text()), tuple[Rule, ...])
    return tuple((rule, re.compile(rf"\b(?:{'|'.join(rule.words)})\b", re.IGNORECASE)) for rule in read)
