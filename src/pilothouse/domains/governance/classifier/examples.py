"""Worked examples of our own: facts, what must come out, and a reason that a lawyer can read."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from pilothouse.domains.governance.classifier.library import parse_yaml
from pilothouse.domains.governance.classifier.rules.questions import Struct

FOLDER = Path(__file__).parent / "examples"


class Example(Struct, frozen=True):
    """One example. `expect`: by axis the class, of a set all classes; of a provisional class its name with “?”."""

    id: str
    title: str
    facts: dict[str, Any]
    expect: dict[str, str | list[str]]
    because: str
    conclusions: tuple[str, ...] = ()


class File(Struct, frozen=True):
    """Examples that share facts: each begins with `base`."""

    title: str
    base: dict[str, Any]
    examples: tuple[Example, ...]


@cache
def examples() -> tuple[Example, ...]:
    """All of them, in the order of the files."""
    found: list[Example] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        read = msgspec.convert(parse_yaml(path.read_text()), File)
        found += [msgspec.structs.replace(one, facts={**read.base, **one.facts}) for one in read.examples]
    return tuple(found)
