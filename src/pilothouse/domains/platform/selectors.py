"""Blockers as people look at them: by kind and age, and the oldest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pilothouse.domains.platform.answer import OVER
from pilothouse.domains.platform.checks import BLOCKER, OLD
from pilothouse.domains.platform.schemas import Blocker
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import shapes

KINDS = next(dict(shape.choices) for shape in shapes(Blocker) if shape.name == "kind")
YOUNG = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Standing:
    """One open blocker with the system that waits. `owner` is a name, or the address of someone unknown, or empty."""

    record: Record
    number: int
    system: str
    title: str
    kind: str
    since: date
    owner: str

    @property
    def kind_title(self) -> str:
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class KindCount:
    """Open blockers of one kind by age: up to 30 days, up to 90, older; and how many nobody owns."""

    kind: str
    title: str
    young: int
    middle: int
    old: int
    unowned: int

    @property
    def all(self) -> int:
        return self.young + self.middle + self.old


def open_blockers(actor: Actor, today: date) -> list[Standing]:
    """What blocks the use cases that the actor may see, oldest first. Two queries."""
    seen = systems(actor).exclude(stage__in=OVER).order_by().values("pk")
    rows = Record.objects.of(actor).filter(kind=BLOCKER, state="sealed", system__in=seen).select_related("system")
    names = dict(Person.objects.of(actor).values_list("email", "name"))
    found = []
    for row in rows:
        said, system = row.body, row.system
        since = date.fromisoformat(said["since"])
        if system is None or said.get("cleared_on") or since > today:
            continue
        owner = said.get("owner") or ""
        found.append(Standing(row, system.number, system.name, row.key, said["kind"], since, names.get(owner, owner)))
    return sorted(found, key=lambda one: (one.since, one.number, one.title))


def by_kind(blockers: Sequence[Standing], today: date) -> list[KindCount]:
    """The kinds that block, most blockers first."""
    counts = []
    for kind, title in KINDS.items():
        mine = [one for one in blockers if one.kind == kind]
        ages = [today - one.since for one in mine]
        young, old = sum(age <= YOUNG for age in ages), sum(age > OLD for age in ages)
        counts.append(KindCount(kind, title, young, len(mine) - young - old, old, sum(not one.owner for one in mine)))
    return sorted((count for count in counts if count.all), key=lambda count: (-count.all, -count.old))
