"""Where a domain hurts: its units with the most gaps, from the sheets by domain."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count
from django.db.models.functions import Substr

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.answers.findings import branching, unit_of
from pilothouse.kernel.checks.store import domains_of
from pilothouse.kernel.inventory.selectors import systems


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """A unit and everything below it, in one domain: of the systems that are asked something, how many have a gap that
    somebody has looked at (`weak`), and of how many others nobody can say (`unknown`). `rows_query` narrows the list
    of systems to the unit; empty where no filter opens just it."""

    name: str
    rows_query: str
    asked: int
    weak: int
    unknown: int


def worst_units(actor: Actor, domain: str, most: int = 5) -> list[UnitStanding]:
    """The units, of the first level that branches, with most systems that have a gap in the domain. Four queries."""
    seen = systems(actor).order_by()
    width = branching(seen)
    held = (
        seen.exclude(finding_sheet=None)
        .annotate(key=Substr("unit__path", 1, width))
        .values_list("key", "finding_sheet__domains")
        .annotate(n=Count("pk"))
    )
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for key, text, count in held:
        sums = domains_of(text).get(domain)
        if sums and sums.asked:
            held_here = counts[key or ""]
            held_here[0] += count
            held_here[1] += count if sums.weak else 0
            held_here[2] += count if sums.unknown and not sums.weak else 0
    names = {pk.hex: name for pk, name in Unit.objects.of(actor).values_list("pk", "name")}
    found = [UnitStanding(*unit_of(key, names, width)[1:], *numbers) for key, numbers in counts.items()]
    worst = sorted(found, key=lambda unit: (-unit.weak, -unit.unknown, unit.name))
    return [unit for unit in worst if unit.weak or unit.unknown][:most]
