"""One system, or one organisation, as those see it who write about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from pilothouse.demo.catalogue import Line


@dataclass(frozen=True, slots=True)
class Firm:
    """The organisation: e-mails of those who answer for something, its units and its currency."""

    told: date
    caio: str
    engineer: str
    lead: str
    security: str
    units: Sequence[str]
    suppliers: Sequence[str]
    models: Sequence[tuple[str, str]]
    staff: Sequence[str]
    small: bool = False

    def ahead(self, days: int) -> str:
        """The date so many days on."""
        return (self.told + timedelta(days=days)).isoformat()

    def ago(self, days: int) -> str:
        return self.ahead(-days)


@dataclass(frozen=True, slots=True)
class Case:
    """A system as its owner knows it on the day that is told. `pick` is the system's own chance."""

    line: Line
    number: int
    owner: str
    owner_name: str
    engineer: str
    officer: str
    told: date
    pick: Random
    firm: Firm

    def ahead(self, days: int) -> str:
        """The date so many days on."""
        return (self.told + timedelta(days=days)).isoformat()

    def ago(self, days: int) -> str:
        return self.ahead(-days)

    @property
    def model(self) -> tuple[str, str]:
        """The name and version of the model that it uses, as the register of models has it."""
        return model_of(self.line)

    @property
    def language(self) -> bool:
        return "language" in self.line.technique or self.agentic

    @property
    def agentic(self) -> bool:
        return "agent" in self.line.technique

    @property
    def retrieves(self) -> bool:
        return "retrieval" in self.line.technique

    @property
    def grave(self) -> bool:
        """Does it touch people's rights or safety?"""
        return self.line.impact not in ("neither", "")

    @property
    def agent(self) -> str:
        return f"{self.line.name} agent"

    @property
    def size(self) -> int:
        """About how many thousand euros a year it is worth; graver systems are larger."""
        return 40 + 3 * (self.number % 40) + (120 if self.grave else 0)


def model_of(line: Line) -> tuple[str, str]:
    """The model of a system: its vendor's, or its own."""
    if line.vendor == "Northlight":
        return "Northlight Text", "4.1" if line.stage == "production" else "5.0"
    if line.vendor:
        return f"{line.vendor} {line.technique}", "2026.2"
    return f"{line.name} model", "3.2" if line.stage == "production" else "0.9"
