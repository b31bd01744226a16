"""What a rulebook says: the document a CAIO edits, as a schema. Pure values; models.py keeps the versions.

Tiers here are the three that ask something. A system whose tier is not yet known is asked what the highest is.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pilothouse.kernel.domain import Grade

TierKey = Literal["low", "medium", "high"]
TIERS: tuple[TierKey, ...] = ("low", "medium", "high")

GateKey = Literal["development", "pilot", "production", "retirement"]
GATES: tuple[GateKey, ...] = ("development", "pilot", "production", "retirement")
GATE_OF_STAGE: dict[str, GateKey] = {
    "development": "development",
    "pilot": "pilot",
    "production": "production",
    "retired": "retirement",
}

Answer = Literal["yes", "no", "unknown"]
ComponentKind = Literal["model", "agent", "data_source", "tool", "vendor", "prompt", "exposure"]
ChangeKind = Literal["added", "removed", "version", "provider_update"]
Consequence = Literal["nothing", "notify", "resign"]

# Facts of the register that may answer an intake question nobody has answered yet (see rules.tiers.answers_of).
Reads = Literal["", "impact", "impact_rights", "impact_safety", "personal_data"]


class Part(BaseModel):
    """A part of a rulebook: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(Part):
    """One intake question. Each answer asks for at least a tier; `unknown` asks for the higher of the two."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    text: Annotated[str, Field(min_length=10, max_length=300)]
    example: Annotated[str, Field(min_length=5, max_length=400)]
    yes: TierKey = "high"
    no: TierKey = "low"
    reads: Reads = ""


class Requirement(Part):
    """A gate asks for a check, of these tiers, on evidence of at least this grade."""

    check: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z0-9_]+$", max_length=80)]
    grade: Grade = Grade.ATTESTED
    tiers: tuple[TierKey, ...] = TIERS

    @model_validator(mode="after")
    def _some_tier(self) -> Self:
        if not self.tiers or len(set(self.tiers)) != len(self.tiers):
            raise ValueError(f"{self.check}: name each tier once, and at least one")
        return self


RoleKey = Annotated[str, Field(pattern=r"^[-a-z0-9_]{1,40}$")]
"""A role of the organisation; actions.py looks whether there is such a one."""

SignatureGroup = Annotated[tuple[RoleKey, ...], Field(min_length=1)]
"""Role keys: one person who holds any of them signs for the group. Two groups take two people."""


class ByTier(Part):
    """A number of days for each tier."""

    low: Annotated[int, Field(ge=1, le=3650)]
    medium: Annotated[int, Field(ge=1, le=3650)]
    high: Annotated[int, Field(ge=1, le=3650)]

    def of(self, tier: TierKey) -> int:
        return {"low": self.low, "medium": self.medium, "high": self.high}[tier]


class Signers(Part):
    """Who must sign, by tier. An empty list asks for no signature: the checks alone decide."""

    low: tuple[SignatureGroup, ...] = ()
    medium: tuple[SignatureGroup, ...] = ()
    high: tuple[SignatureGroup, ...] = ()

    def of(self, tier: TierKey) -> tuple[tuple[str, ...], ...]:
        return {"low": self.low, "medium": self.medium, "high": self.high}[tier]


class Gate(Part):
    """What is asked of a system before it enters a stage."""

    asks: tuple[Requirement, ...] = ()
    signers: Signers = Signers()

    @model_validator(mode="after")
    def _asked_once(self) -> Self:
        seen: set[tuple[str, str]] = set()
        for ask in self.asks:
            for tier in ask.tiers:
                if (ask.check, tier) in seen:
                    raise ValueError(f"{ask.check} is asked twice of the {tier} tier")
                seen.add((ask.check, tier))
        return self


class Gates(Part):
    """The four gates."""

    development: Gate = Gate()
    pilot: Gate = Gate()
    production: Gate = Gate()
    retirement: Gate = Gate()

    def of(self, gate: GateKey) -> Gate:
        gates: dict[GateKey, Gate] = {
            "development": self.development,
            "pilot": self.pilot,
            "production": self.production,
            "retirement": self.retirement,
        }
        return gates[gate]


class LoneDecider(Part):
    """Where one person alone may approve after a wait, marked so, for countersignature from outside. Never high."""

    tiers: tuple[Literal["low", "medium"], ...] = ()
    after_hours: Annotated[int, Field(ge=24, le=720)] = 24


class Waivers(Part):
    """How long a check may be waived, how often that is renewed, and which checks never are.

    Who decides is not the rulebook's to say: it is the role that the check protects.
    """

    never: tuple[str, ...] = ()
    max_days: Annotated[int, Field(ge=1, le=90)] = 90
    renewals: Annotated[int, Field(ge=0, le=1)] = 1


class BreakGlass(Part):
    """Who may permit a system for a few hours in an emergency, and how soon another must ratify it."""

    roles: tuple[RoleKey, ...] = ("caio", "ciso")
    hours: Annotated[int, Field(ge=1, le=8)] = 8
    ratify_hours: Annotated[int, Field(ge=1, le=24)] = 24


class MaterialChange(Part):
    """What a change of one kind of component does to a production sign-off."""

    component: ComponentKind
    change: ChangeKind
    then: Consequence


class Decisions(Part):
    """How many days a decision may wait, and who is told when it has waited too long, in order."""

    days: ByTier = ByTier(low=10, medium=7, high=5)
    escalate: tuple[RoleKey, ...] = ("caio", "risk", "board")


class RulebookBody(Part):
    """A whole rulebook: tiers, gates, deadlines, waivers, emergencies, changes and decisions."""

    about: Annotated[str, Field(max_length=600)] = ""
    questions: Annotated[tuple[Question, ...], Field(min_length=3, max_length=7)]
    gates: Gates
    inherited_days: ByTier = ByTier(low=180, medium=90, high=30)
    lone_decider: LoneDecider = LoneDecider()
    waivers: Waivers = Waivers()
    break_glass: BreakGlass = BreakGlass()
    fresh_days: ByTier = ByTier(low=1095, medium=730, high=365)
    material: tuple[MaterialChange, ...] = ()
    decisions: Decisions = Decisions()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        keys = [question.key for question in self.questions]
        if len(set(keys)) != len(keys):
            raise ValueError("two intake questions share a key")
        rules = [(rule.component, rule.change) for rule in self.material]
        if len(set(rules)) != len(rules):
            raise ValueError("two rules speak of the same change")
        return self

    def roles(self) -> set[str]:
        """Every role that the rulebook names."""
        signing = {
            role for gate in GATES for tier in TIERS for group in self.gates.of(gate).signers.of(tier) for role in group
        }
        return signing | set(self.break_glass.roles) | set(self.decisions.escalate)

    def consequence(self, component: str, change: str) -> Consequence:
        """What a change of a component leads to; one that no rule speaks of needs a new signature."""
        for rule in self.material:
            if (rule.component, rule.change) == (component, change):
                return rule.then
        return "resign"


def strict_tier(tier: str) -> TierKey:
    """The tier whose questions a system is asked: an unknown tier is asked what the highest is."""
    for key in TIERS:
        if key == tier:
            return key
    return "high"
