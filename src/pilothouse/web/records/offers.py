"""What a form offers where a field refers to something: people, systems, or the entries of a register."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.domain import registry
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.kinds import may_write
from pilothouse.kernel.records.selectors import choices

FEW = 50  # as many as a list to choose from shows; beyond, one types and is offered what fits
MOST = 500  # as many as a page carries


@dataclass(frozen=True, slots=True)
class Offer:
    """What one register offers: (value, label) each; `add` is where a new one is written, for who may."""

    register: str
    choices: tuple[tuple[str, str], ...]
    title: str = ""
    add: str = ""

    @property
    def few(self) -> bool:
        """Are these all there are, and few enough for a list?"""
        return 0 < len(self.choices) <= FEW

    @property
    def id(self) -> str:
        """The id of its datalist."""
        return f"offer-{self.register.replace('.', '-')}"

    @property
    def typed(self) -> list[tuple[str, str]]:
        """(what is typed, what it stands for), for the datalist."""
        spoken = [(f"S-{value}", label) for value, label in self.choices]
        return spoken if self.register == "system" else list(self.choices)


class Offers:
    """The offers of one form (or of all forms of a page), each register read once."""

    def __init__(self, actor: Actor, slug: str, system: System | None = None) -> None:
        self._actor, self._slug, self._system = actor, slug, system
        self._found: dict[str, Offer] = {}

    def of(self, register: str) -> Offer:
        if register not in self._found:
            most = MOST if register in ("person", "system", "unit") or register in registry.records else 0
            found = choices(self._actor, register, self._system, most) if most else []
            self._found[register] = Offer(register, tuple(found), *self._told(register))
        return self._found[register]

    @property
    def lists(self) -> list[Offer]:
        """Those that need a datalist on the page."""
        return [offer for offer in self._found.values() if offer.choices and not offer.few]

    def _told(self, register: str) -> tuple[str, str]:
        kind = registry.records.get(register)
        if kind is None:
            return {"person": "People", "system": "Systems", "unit": "Units"}.get(register, register), ""
        system = self._system if kind.of_system else None
        if (kind.of_system and system is None) or not may_write(self._actor, kind, system):
            return kind.heading, ""
        if system is not None:
            given = {"slug": self._slug, "number": system.number, "kind": register}
            return kind.heading, reverse("records:new", kwargs=given)
        return kind.heading, reverse("records:new_organisation", kwargs={"slug": self._slug, "kind": register})
