"""The graph with its figures, counted over the systems that the actor may see, in one query."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.checks.answering import answering
from pilothouse.kernel.checks.models import FindingSheet
from pilothouse.kernel.checks.store import domains_of
from pilothouse.kernel.domain import Domain
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.programme.interdependence.edges import EDGES, Edge
from pilothouse.programme.interdependence.rules import Strength, Table, Verdict, judge, mantel_haenszel


@dataclass(frozen=True, slots=True)
class Node:
    """A domain with its live strength."""

    domain: Domain
    strength: Strength


@dataclass(frozen=True, slots=True)
class Link:
    """An edge with what the data say. `unknown` systems are asked by both domains and left out: nobody can say of them.

    The `…_rows` are queries of the list of systems that show exactly those that are counted.
    """

    edge: Edge
    source: Domain
    target: Domain
    table: Table
    z: float
    unknown: int
    verdict: Verdict

    @property
    def lit(self) -> bool:
        return self.verdict is Verdict.LIT

    @property
    def both_rows(self) -> str:
        return f"standing={self.edge.source}:weak&standing={self.edge.target}:weak"

    @property
    def target_only_rows(self) -> str:
        return f"standing={self.edge.source}:sound&standing={self.edge.target}:weak"

    @property
    def with_gap_rows(self) -> str:
        return f"standing={self.edge.source}:weak&standing={self.edge.target}:known"

    @property
    def without_rows(self) -> str:
        return f"standing={self.edge.source}:sound&standing={self.edge.target}:known"


@dataclass(frozen=True, slots=True)
class Graph:
    """The domains in order, and the edges between those that are installed."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]

    @property
    def lit(self) -> list[Link]:
        """The lit edges, the plainest first."""
        return sorted((link for link in self.links if link.lit), key=lambda link: -link.z)


# Of one group of like systems: (stage, tier), and bit sets of the domains that are weak, sound and asked at all.
_Like = tuple[tuple[str, str], int, int, int]


def interdependence(actor: Actor) -> Graph:
    """Every domain's strength and every edge's figures, in one query."""
    domains = answering()
    places = {domain.id: 1 << at for at, domain in enumerate(domains)}
    groups, sums = _groups(actor, places)
    nodes = tuple(Node(domain, Strength(*sums[domain.id])) for domain in domains)
    by_id = {node.domain.id: node for node in nodes}
    links = tuple(
        _link(edge, by_id[edge.source], by_id[edge.target], groups, places)
        for edge in EDGES
        if edge.source in by_id and edge.target in by_id
    )
    return Graph(nodes, links)


def _groups(actor: Actor, places: Mapping[str, int]) -> tuple[Counter[_Like], dict[str, list[int]]]:
    """How many systems are alike; and of each domain what is met, asked and unknown."""
    sheets = FindingSheet.objects.filter(organisation_id=actor.organisation_id)
    if not actor.scope("system.view").everywhere:
        sheets = sheets.filter(system__in=systems(actor))
    rows = sheets.order_by().values_list("domains", "system__stage", "system__tier").annotate(n=Count("pk"))
    groups: Counter[_Like] = Counter()
    sums: dict[str, list[int]] = {domain: [0, 0, 0] for domain in places}
    for text, stage, tier, count in rows:
        weak = sound = asked = 0
        for domain, held in domains_of(text).items():
            place = places.get(domain)
            if place is None or not held.asked:
                continue
            asked |= place
            weak |= place if held.weak else 0
            sound |= place if held.sound else 0
            total = sums[domain]
            total[0] += held.met * count
            total[1] += held.asked * count
            total[2] += held.unknown * count
        groups[(stage, tier), weak, sound, asked] += count
    return groups, sums


def _link(edge: Edge, source: Node, target: Node, groups: Mapping[_Like, int], places: Mapping[str, int]) -> Link:
    here, there = places[edge.source], places[edge.target]
    both = here | there
    cells: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    unknown = 0
    for (like, weak, sound, asked), count in groups.items():
        if asked & both != both:
            continue
        if (weak | sound) & both != both:
            unknown += count
            continue
        cells[like][(0 if weak & here else 2) + (0 if weak & there else 1)] += count
    strata = [Table(*counts) for counts in cells.values()]
    table, z = _total(strata), mantel_haenszel(strata)
    return Link(edge, source.domain, target.domain, table, z, unknown, judge(source.strength, table, z))


def _total(strata: Iterable[Table]) -> Table:
    return sum(strata, Table())
