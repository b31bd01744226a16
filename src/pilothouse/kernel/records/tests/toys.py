"""Record kinds of every sort, for tests: a fixture `toys` (conftest.py) registers them for one test."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from pilothouse.kernel.domain import Domain, RecordKind, registry
from pilothouse.kernel.records.fields import FULL, PERSON, SYSTEM, Amount, Line, Part, Words, refers

MODEL, STAGE, PIECE, CARD, SKILL, POLICY = (
    "toys.model",
    "toys.stage",
    "toys.piece",
    "toys.card",
    "toys.skill",
    "toys.policy",
)


class Model(Part):
    """The organisation's own register, its entries known by name."""

    name: Line = Field(title="Name", description="What the maker calls it, such as Small 3.")
    maker: Line = Field(title="Maker", description="Who made it.")
    licence: Literal["open", "bought", "own"] = Field(title="Licence", description="By what right you use it.")
    price: Amount | None = Field(None, title="Price", description="Euro a month, if it has one.")
    keeper: str | None = Field(None, title="Keeper", description="Who keeps it.", json_schema_extra=PERSON)


class Step(Part):
    """One step of a stage."""

    what: Line = Field(title="What is done", description="One act.")
    minutes: Decimal = Field(title="Minutes", description="How long it takes.", ge=0)
    model: str | None = Field(None, title="Model", description="What does it.", json_schema_extra=refers(MODEL))


class Stage(Part):
    """A register about a system whose entries nothing tells apart."""

    told: Words = Field(title="What happened", description="In a sentence.")
    when: date = Field(title="When", description="The day.")
    who: str | None = Field(None, title="Who", description="Who saw it.", json_schema_extra=PERSON)
    steps: list[Step] = Field(default=[], title="Step", description="One after the other.")


class Piece(Part):
    """A register about a system whose entries refer to each other."""

    name: Line = Field(title="Name", description="What it is called.")
    calls: list[str] = Field(default=[], title="Calls", description="Pieces.", json_schema_extra=refers(PIECE))
    scope: Words = Field(title="Scope", description="What it may do.", json_schema_extra=FULL)


class Card(Part):
    """One document about a system, shorter for the low tier."""

    purpose: Words = Field(title="Purpose", description="What it is for.")
    uses: list[str] = Field(default=[], title="Models", description="Which it uses.", json_schema_extra=refers(MODEL))
    next_to: list[int] = Field(default=[], title="Next to", description="Other systems.", json_schema_extra=SYSTEM)
    owner: str = Field(title="Owner", description="Who keeps it.", json_schema_extra=PERSON | FULL)
    limits: Words = Field(title="Limits", description="What it is not for.", json_schema_extra=FULL)
    tested: bool = Field(title="Tested", description="Was it?", json_schema_extra=FULL)

    @model_validator(mode="after")
    def _limits_say_more(self) -> Self:
        if self.limits is not None and self.limits == self.purpose:
            raise ValueError("The limits say the same as the purpose.")
        return self


class Skill(Part):
    """What fewer people may read."""

    person: str = Field(title="Person", description="Whose it is.", json_schema_extra=PERSON)
    level: int = Field(title="Level", description="From 0 to 4.", ge=0, le=4)


class Policy(Part):
    """The organisation's one document, which checks read."""

    rule: Words = Field(title="Rule", description="What holds.")
    needed: Line | None = Field(None, title="Needed", description="A field may be called what a form calls its own.")
    errors: Line | None = Field(None, title="Errors", description="And so may this.")
    prefix: Line | None = Field(None, title="Prefix", description="And this.")


TOYS = Domain(
    id="toys",
    title="Toys",
    question="Does it work?",
    order=99,
    records=(
        RecordKind(MODEL, "Model", Model, "Which models there are.", of_system=False, many=True, key="name"),
        RecordKind(STAGE, "Stage", Stage, "What happened, one after the other.", many=True),
        RecordKind(PIECE, "Piece", Piece, "What it is made of.", many=True, key="name"),
        RecordKind(CARD, "Card", Card, "What it is."),
        RecordKind(
            SKILL,
            "Skill",
            Skill,
            "Who can do what.",
            of_system=False,
            many=True,
            key="person",
            view="people.view",
            write="people.manage",
        ),
        RecordKind(POLICY, "Policy", Policy, "What holds everywhere.", of_system=False, judges=True),
    ),
)


def model(name: str = "Small 3", **changes: Any) -> dict[str, Any]:
    return {"name": name, "maker": "Kelp Labs", "licence": "open"} | changes


def stage(told: str = "It was switched on.", **changes: Any) -> dict[str, Any]:
    return {"told": told, "when": "2026-03-31"} | changes


def piece(name: str, *calls: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "calls": list(calls), "scope": "It reads and never writes."} | changes


def card(**changes: Any) -> dict[str, Any]:
    return {
        "purpose": "It sums up letters.",
        "owner": "alice@harbour.example",
        "limits": "It decides nothing.",
        "tested": True,
    } | changes


def register(monkeypatch: Any) -> Domain:
    """Put the toys into the registry until the test ends."""
    monkeypatch.setitem(registry.domains, TOYS.id, TOYS)
    for kind in TOYS.records:
        monkeypatch.setitem(registry.records, kind.id, kind)
    return TOYS
