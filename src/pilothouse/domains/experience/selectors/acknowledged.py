"""Who has acknowledged which rules, by unit and version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pilothouse.domains.experience.checks import ACKNOWLEDGEMENT, RULES
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.records.models import Record


@dataclass(slots=True)
class UnitCount:
    """The people of one unit: how many there are, have read this version, or an older one."""

    unit: str
    people: int = 0
    current: int = 0
    older: int = 0

    @property
    def not_yet(self) -> int:
        return self.people - self.current - self.older


@dataclass(slots=True)
class RulesCount:
    """One set of rules with its counts by unit."""

    record: Record
    units: dict[str, UnitCount] = field(default_factory=dict)

    @property
    def people(self) -> int:
        return sum(unit.people for unit in self.units.values())

    @property
    def current(self) -> int:
        return sum(unit.current for unit in self.units.values())

    @property
    def rows(self) -> list[UnitCount]:
        return sorted(self.units.values(), key=lambda one: (-one.not_yet, one.unit))


def acknowledged(actor: Actor) -> list[RulesCount]:
    """For each set of rules and each unit it holds for: who has read it, among those who work there and can sign in.

    Four queries, however many people there are.
    """
    actor.require("people.view")
    units = {pk: (name, path) for pk, name, path in Unit.objects.of(actor).values_list("pk", "name", "path")}
    names = {pk.hex: name for pk, (name, _) in units.items()}
    read = _read(actor)
    counts = [RulesCount(row) for row in Record.objects.of(actor).filter(kind=RULES, state="sealed").order_by("key")]
    people = Person.objects.of(actor).filter(left_at=None, user__isnull=False)
    for email, unit_id in people.values_list("email", "unit_id"):
        name, path = units.get(unit_id, ("No unit", ""))
        line = {names[part] for part in path.strip("/").split("/") if part in names}
        for count in counts:
            if not count.record.body["units"] or not line.isdisjoint(count.record.body["units"]):
                _add(count, name, read.get(email, {}))
    return counts


def _read(actor: Actor) -> dict[str, dict[str, str]]:
    """E-mail → title of rules → hash of the text that was acknowledged."""
    rows = Record.objects.of(actor).filter(kind=ACKNOWLEDGEMENT, state="sealed").values_list("key", "body")
    return {key: {read["rules"]: read["hash"] for read in body["read"]} for key, body in rows}


def _add(count: RulesCount, unit: str, read: Mapping[str, str]) -> None:
    here = count.units.setdefault(unit, UnitCount(unit))
    text = read.get(count.record.key)
    here.people += 1
    here.current += text == count.record.hash
    here.older += text not in (None, count.record.hash)
