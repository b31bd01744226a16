"""Judging systems: read the facts, judge purely, apply the rulebook, keep what changed.

Every write to systems tells `refresh` (inventory.hooks), inside the transaction of the write: a page never shows a
finding older than the fact. What changes by the mere passing of time is judged anew by `checks_tick`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.checks import facts, store
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.checks.lift import Support, lifted, supports
from pilothouse.kernel.checks.plugs import waivers_of
from pilothouse.kernel.checks.rulebook import RulebookBody
from pilothouse.kernel.checks.rules.findings import Ask, Judged, WaiverFact, apply, due_asks
from pilothouse.kernel.checks.rules.gaps import weight
from pilothouse.kernel.checks.tiering import retier
from pilothouse.kernel.domain import Check, SystemFacts, registry
from pilothouse.kernel.ledger.log import lock_log


@dataclass(frozen=True, slots=True)
class Material:
    """What a run read, before any rulebook: the systems, what the loaders found, waivers and supporting evidence."""

    systems: Sequence[SystemFacts]
    checks: Mapping[str, Check]
    loaded: facts.Loaded
    waivers: Mapping[UUID, Mapping[str, WaiverFact]]
    support: Mapping[UUID, Sequence[Support]]
    now: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """What an evaluation did: systems judged, systems whose sheet changed, findings that changed."""

    systems: int
    changed: int
    findings: int
    seconds: float


def gather(organisation_id: UUID, system_ids: Iterable[UUID] | None = None, *, now: datetime | None = None) -> Material:
    """Read everything that judging needs, in a number of queries that does not grow with the systems."""
    ids = None if system_ids is None else list(system_ids)
    checks = dict(registry.checks)
    return Material(
        systems=facts.system_facts(organisation_id, ids),
        checks=checks,
        loaded=facts.load(organisation_id, checks.values(), ids),
        waivers=waivers_of(organisation_id, facts.narrow(ids)),
        support=supports(organisation_id, facts.narrow(ids)),
        now=now or clock.now(),
    )


def judge_system(
    material: Material, judge: facts.Judge, system: SystemFacts, asked: Iterable[str], body: RulebookBody
) -> dict[str, Judged]:
    """What the asked checks say of one system: pure, nothing is read or kept. A check nobody brings is left out."""
    checks = material.checks
    sheet = {check_id: judge(checks[check_id], system) for check_id in asked if check_id in checks}
    if support := material.support.get(system.id):
        lifted(sheet, support, body, system.tier, material.now)
    return sheet


def evaluate(organisation_id: UUID, system_ids: Iterable[UUID] | None = None, now: datetime | None = None) -> Run:
    """Judge systems (None: all of the organisation) under the active rulebook and keep what changed."""
    began = time.perf_counter()
    now = now or clock.now()
    with transaction.atomic():
        lock_log(organisation_id)
        material = gather(organisation_id, system_ids, now=now)
        changed = _changed(organisation_id, material, active_body(organisation_id))
        findings = store.save(organisation_id, changed, now)
    return Run(len(material.systems), len(changed), findings, time.perf_counter() - began)


def _changed(
    organisation_id: UUID, material: Material, body: RulebookBody
) -> dict[UUID, tuple[store.Kept, store.Kept]]:
    """System id → (kept sheet, new sheet) where the two differ."""
    kept = store.sheets(organisation_id, [system.id for system in material.systems])
    judge = facts.Judge(material.loaded, material.now)
    asks: dict[tuple[str, str], Mapping[str, Ask]] = {}
    changed = {}
    for system in material.systems:
        asked = asks.get((system.stage, system.tier))
        if asked is None:
            asked = asks[system.stage, system.tier] = due_asks(body, system.stage, system.tier)
        waived, old = material.waivers.get(system.id, _NONE), kept.get(system.id, store.Kept())
        lines = {}
        for check_id, judged in judge_system(material, judge, system, asked, body).items():
            if judged.raised and (last := store.last_line(old.findings, check_id)):
                lines[check_id] = last  # a check that fails never makes a system look worse than it was
                continue
            standing = apply(judged, asked[check_id], waived.get(check_id), material.now)
            effort = material.checks[check_id].effort
            matters = weight(standing.finding.status, system.tier, system.stage, effort)
            lines[check_id] = store.line_of(standing, matters)
        new = store.Kept(store.encode(lines), store.domains_text(system, lines))
        if old != new:
            changed[system.id] = (old, new)
    return changed


def refresh(actor: Actor, system_ids: Iterable[UUID] | None, now: datetime | None = None) -> Run:
    """Set the tiers of systems whose facts changed (None: of all) and judge them anew, in the caller's transaction."""
    ids = None if system_ids is None else list(system_ids)
    with transaction.atomic():
        lock_log(actor.organisation_id)  # before any row, as every writer does
        retier(actor, active_body(actor.organisation_id), ids)
        return evaluate(actor.organisation_id, ids, now)


def checks_tick(now: datetime) -> dict[str, Any]:
    """Judge every organisation's systems anew, for what time alone changes; says what changed, by organisation.

    It first looks without any lock, so that people can go on writing, and takes the lock only for what changed.
    """
    done: dict[str, Any] = {}
    for organisation_id, slug in Organisation.objects.order_by("slug").values_list("pk", "slug"):
        material = gather(organisation_id, now=now)
        stale = _changed(organisation_id, material, active_body(organisation_id))
        if stale:
            run = refresh(system_actor(organisation_id), list(stale), now)
            done[slug] = {"systems": run.changed, "findings": run.findings}
    return done


_NONE: Mapping[str, WaiverFact] = {}
