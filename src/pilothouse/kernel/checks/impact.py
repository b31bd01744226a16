"""What a rulebook would change, before it does: every system under both, in memory, nothing kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.checks.engine import Material, gather, judge_system
from pilothouse.kernel.checks.facts import Judge
from pilothouse.kernel.checks.rulebook import RulebookBody
from pilothouse.kernel.checks.rules.findings import OPENS, Ask, apply, due_asks
from pilothouse.kernel.checks.rules.gaps import due_at
from pilothouse.kernel.checks.rules.loosening import Difference, compare
from pilothouse.kernel.checks.rules.tiers import answers_of, tier_of
from pilothouse.kernel.domain import SystemFacts, registry
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems


@dataclass(frozen=True, slots=True)
class Named:
    """A system as a list names it."""

    id: UUID
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A system for which something changes from `before` to `after`."""

    system: Named
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DeadlineMoved:
    """A system found running whose gaps would have another date."""

    system: Named
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class CheckMoved:
    """A check that would be a gap for more or fewer systems."""

    check_id: str
    title: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What would change. `ready` means that nothing which the passed gates and the next one ask is missing."""

    difference: Difference
    systems: int
    tiers: tuple[Moved, ...]
    no_longer_ready: tuple[Moved, ...]
    newly_ready: tuple[Named, ...]
    ready_before: int
    ready_after: int
    gaps_before: int
    gaps_after: int
    checks: tuple[CheckMoved, ...]
    deadlines: tuple[DeadlineMoved, ...]

    @property
    def nothing(self) -> bool:
        """Would every system stay exactly where it is?"""
        return not (self.tiers or self.no_longer_ready or self.newly_ready or self.checks or self.deadlines)


@dataclass(frozen=True, slots=True)
class _View:
    """One system under one rulebook."""

    tier: str
    missing: tuple[str, ...]


def rulebook_impact(actor: Actor, body: RulebookBody, *, now: datetime | None = None) -> Impact:
    """What `body` would change against the active rulebook, over the systems that the actor may see."""
    actor.require("rulebook.view")
    old = active_body(actor.organisation_id)
    visible = None if actor.scope("system.view").everywhere else list(systems(actor).values_list("pk", flat=True))
    material = gather(actor.organisation_id, visible, now=now)
    judge = Judge(material.loaded, material.now)
    inherited = dict(System.objects.of(actor).filter(inherited_at__isnull=False).values_list("pk", "inherited_at"))
    tiers, lost, gained, deadlines = [], [], [], []
    before, after = Counter[str](), Counter[str]()
    ready_before = ready_after = 0
    for system in material.systems:
        was, becomes = _view(material, judge, old, system), _view(material, judge, body, system)
        named = Named(system.id, system.number, system.name)
        before.update(was.missing)
        after.update(becomes.missing)
        ready_before += not was.missing
        ready_after += not becomes.missing
        if was.tier != becomes.tier:
            tiers.append(Moved(named, was.tier, becomes.tier))
        if becomes.missing and not was.missing:
            lost.append(Moved(named, "", ", ".join(_title(check_id) for check_id in becomes.missing)))
        if was.missing and not becomes.missing:
            gained.append(named)
        moved = _deadline(named, inherited.get(system.id), (old, was), (body, becomes))
        if moved:
            deadlines.append(moved)
    return Impact(
        difference=compare(old, body),
        systems=len(material.systems),
        tiers=tuple(tiers),
        no_longer_ready=tuple(lost),
        newly_ready=tuple(gained),
        ready_before=ready_before,
        ready_after=ready_after,
        gaps_before=before.total(),
        gaps_after=after.total(),
        checks=tuple(
            CheckMoved(check_id, _title(check_id), before[check_id], after[check_id])
            for check_id in sorted(before | after)
            if before[check_id] != after[check_id]
        ),
        deadlines=tuple(deadlines),
    )


def _view(material: Material, judge: Judge, body: RulebookBody, system: SystemFacts) -> _View:
    tier = tier_of(body, answers_of(body, system.intake, system.impact, system.personal_data))
    seen = system if tier == system.tier else replace(system, tier=tier)
    asked: Mapping[str, Ask] = due_asks(body, seen.stage, tier)
    judged = judge_system(material, judge, seen, asked, body)
    waived = material.waivers.get(system.id, {})
    missing = [
        check_id
        for check_id, ask in asked.items()
        if check_id not in judged
        or apply(judged[check_id], ask, waived.get(check_id), material.now).finding.status not in OPENS
    ]
    return _View(tier, tuple(missing))


def _deadline(
    system: Named,
    inherited_at: datetime | None,
    old: tuple[RulebookBody, _View],
    new: tuple[RulebookBody, _View],
) -> DeadlineMoved | None:
    """The move of an inherited system's deadline, where it has a gap under both."""
    if not (old[1].missing and new[1].missing):
        return None
    before, after = due_at(old[0], old[1].tier, inherited_at), due_at(new[0], new[1].tier, inherited_at)
    if before is None or after is None or before == after:
        return None
    return DeadlineMoved(system, before, after)


def _title(check_id: str) -> str:
    return registry.checks[check_id].title if check_id in registry.checks else check_id
