"""What a bill of materials says, whatever file it stands in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["model", "agent", "data_source", "tool", "vendor"]


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that the system is made of. `facts` are what else is known of it, by name, in words.

    `built_on` names the model that it was made from; `card` is a link to its model card.
    """

    kind: Kind
    name: str
    version: str = ""
    supplier: str = ""
    licence: str = ""
    description: str = ""
    built_on: str = ""
    card: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metric:
    """How well the whole works: what was measured, its value with its unit in words, and on whom."""

    name: str
    value: str
    population: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """A system with all that it is made of, as of a moment. `serial` is a UUID; the same moment gives the same one."""

    serial: str
    at: datetime
    maker: str
    ref: str
    name: str
    purpose: str = ""
    users: str = ""
    risks: tuple[str, ...] = ()
    metrics: tuple[Metric, ...] = ()
    things: tuple[Thing, ...] = ()
