"""Reading assessments: of each system what it needs, what is there, and what is still missing in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from pilothouse.domains.governance.assessments.checks import CHECKS, CLASSIFICATION, KINDS
from pilothouse.domains.governance.assessments.needs import TITLES, Element, Need, lacking, needs_of
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.checks.facts import system_facts
from pilothouse.kernel.domain import Finding, SystemFacts
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import latest_sealed, problems_of


@dataclass(frozen=True, slots=True)
class Standing:
    """One kind of assessment of one system: asked for (and why) or not, its versions, what its draft still lacks."""

    kind: str
    title: str
    need: Need | None
    sealed: Record | None
    draft: Record | None
    lacks: tuple[Element, ...]

    @property
    def state(self) -> str:
        """sealed, draft, missing, or unasked."""
        return "sealed" if self.sealed else "draft" if self.draft else "missing" if self.need else "unasked"


def standings(actor: Actor, system: System) -> list[Standing]:
    """Every kind of assessment with where it stands for one system."""
    actor.require("system.view", system)
    facts = system_facts(system.organisation_id, [system.pk])[0]
    classified = latest_sealed(CLASSIFICATION)(system.organisation_id, [system.pk]).get(system.pk)
    needs = {need.kind: need for need in needs_of(facts, classified.body if classified else None)}
    rows: dict[tuple[str, str], Record] = {}
    held = Record.objects.of(actor).filter(system=system, kind__in=KINDS, state__in=("sealed", "draft"))
    for row in held.select_related("system__unit", "sealed_by"):
        rows[row.kind, row.state] = row
    return [_standing(kind, needs.get(kind), rows) for kind in KINDS]


def _standing(kind: str, need: Need | None, rows: Mapping[tuple[str, str], Record]) -> Standing:
    sealed, draft = rows.get((kind, "sealed")), rows.get((kind, "draft"))
    lacks = lacking(kind, problems_of(draft)) if draft else ()
    return Standing(kind, TITLES[kind], need, sealed, draft, lacks)


@dataclass(frozen=True, slots=True)
class Row:
    """One system that needs an assessment, with the finding that says how it stands."""

    system: System
    needs: tuple[Need, ...]
    sealed: frozenset[str]
    finding: Finding


def needing(actor: Actor, now: datetime) -> list[Row]:
    """Every system that one may see and whose class asks for an assessment, by number. A constant number of queries."""
    mine = {row.pk: row for row in systems(actor).select_related("owner", "unit")}
    everything = [load(actor.organisation_id, None) for load in CHECKS[0].loaders]
    found = []
    for facts in _facts(actor.organisation_id, mine):
        loaded = tuple(one.get(facts.id) for one in everything)
        needs = needs_of(facts, loaded[0].body if loaded[0] else None)
        if needs:
            there = frozenset(one.kind for one in loaded[1 : 1 + len(KINDS)] if one)
            found.append(Row(mine[facts.id], needs, there, CHECKS[0].judge(facts, loaded, now)))
    return found


def _facts(organisation_id: UUID, mine: Mapping[UUID, Any]) -> Iterable[SystemFacts]:
    return (facts for facts in system_facts(organisation_id, None) if facts.id in mine)


def known_of(system: System, kinds: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The sealed bodies of these kinds, the system's own or the organisation's. One query."""
    rows = Record.objects.filter(organisation_id=system.organisation_id, kind__in=list(kinds), state="sealed")
    return dict(rows.filter(Q(system=system) | Q(system=None)).values_list("kind", "body"))
