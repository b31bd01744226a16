"""Proposing that two systems are one, and keeping what a person decided about it."""

from __future__ import annotations

from typing import Any, Literal

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.inventory.actions.facts import told
from pilothouse.kernel.inventory.duplicates import Candidate, likely_pairs
from pilothouse.kernel.inventory.fields import FIELDS
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.inventory.models import (
    DatedFact,
    DuplicateProposal,
    ExternalId,
    Performance,
    Practice,
    Relation,
    Stage,
    System,
)
from pilothouse.kernel.ledger.log import Event, lock_log, record, record_many

Verdict = Literal["merged", "linked", "distinct"]


@action("system.bulk")
def duplicates_find(*, actor: Actor) -> list[DuplicateProposal]:
    """Look through all systems and propose new likely pairs; returns those. A pair is never proposed twice."""
    rows = System.objects.of(actor).exclude(stage__in=[Stage.RETIRED, Stage.REJECTED]).order_by("number")
    columns = ("pk", "name", "purpose", "unit_id", "vendor")
    pairs = likely_pairs(Candidate(*row) for row in rows.values_list(*columns))
    # Comparing takes a while; only what follows must not happen twice.
    lock_log(actor.organisation_id)
    known = {frozenset(p) for p in DuplicateProposal.objects.of(actor).values_list("left_id", "right_id")}
    proposals = [
        DuplicateProposal(
            organisation_id=actor.organisation_id,
            left_id=pair.left,
            right_id=pair.right,
            score=pair.score,
            reason=pair.reason,
        )
        for pair in pairs
        if frozenset((pair.left, pair.right)) not in known
    ]
    DuplicateProposal.objects.bulk_create(proposals, batch_size=500)
    said = "Proposed as likely the same; a person decides."
    record_many(
        actor, [Event("duplicate.proposed", p, p.left_id, after={"reason": p.reason}, note=said) for p in proposals]
    )
    return proposals


@action("system.bulk")
def duplicate_decide(
    *, actor: Actor, proposal: DuplicateProposal, verdict: Verdict, keep: System | None = None, note: str = ""
) -> DuplicateProposal:
    """Decide a proposal once: `merged` into `keep`, `linked` (two systems, related) or `distinct`.

    A merge fills what `keep` lacks from the other, moves its dates, figures, statements, ids and relations, and retires
    the other under its own number with a relation that leads to `keep`. Raises Conflict when it was decided before.
    """
    if verdict not in ("merged", "linked", "distinct"):
        raise Invalid("Say merged, linked or distinct.", fields={"verdict": "Choose one of the three."})
    lock_log(actor.organisation_id)
    current = DuplicateProposal.objects.select_for_update().get_of(actor, pk=proposal.pk)
    if current.status != "open":
        raise Conflict(f"This was already decided: {current.get_status_display().lower()}.")
    pair = {s.pk: s for s in System.objects.of(actor).filter(pk__in=(current.left_id, current.right_id))}
    for system in pair.values():
        actor.require("system.change", system)
    left, right = pair[current.left_id], pair[current.right_id]
    if verdict == "merged":
        if keep is None or keep.pk not in pair:
            raise Invalid("Say which of the two stays.", fields={"keep": "Choose one of the two."})
        kept, gone = (left, right) if keep.pk == left.pk else (right, left)
        _merge(actor, kept, gone, note)
    else:
        if verdict == "linked":
            _relate(actor, left, right)
        record(actor, f"duplicate.{verdict}", current, system_id=left.pk, after={"with": right.ref}, note=note)
        record(actor, f"duplicate.{verdict}", current, system_id=right.pk, after={"with": left.ref}, note=note)
    current.status, current.decided_by_id, current.decided_at = verdict, actor.person_id, clock.now()
    current.save()
    tell_changed(actor, [left.pk, right.pk])
    return current


def _merge(actor: Actor, kept: System, gone: System, note: str) -> None:
    now = clock.now()
    filled: dict[str, Any] = {}
    for key in FIELDS:
        ours, theirs = getattr(kept, key), getattr(gone, key)
        if key in ("custom", "intake"):
            joined: Any = {**theirs, **ours}
        elif key == "tags":
            joined = list(dict.fromkeys([*ours, *theirs]))
        else:
            joined = ours if ours not in ("", None, "unknown") else theirs
        if joined != ours:
            filled[key] = joined
    before = {key: getattr(kept, key) for key in filled}
    for key, value in filled.items():
        setattr(kept, key, value)
    moved = {model._meta.verbose_name_plural: _move(model, kept, gone) for model in (DatedFact, Practice, ExternalId)}
    moved["figures"] = Performance.objects.filter(system=gone).update(system=kept)
    moved["relations"] = _move_relations(kept, gone)
    was = gone.stage
    gone.stage, gone.stage_since = Stage.RETIRED, now
    for system in (kept, gone):
        system.version += 1
        system.changed_at = now
        system.save()
    _relate(actor, gone, kept)
    after = told(filled, {}) | {"merged": gone.ref, "moved": {str(k): n for k, n in moved.items() if n}}
    record(actor, "system.merged", kept, system_id=kept.pk, before=told(before, {}), after=after, note=note)
    into = {"stage": "retired", "merged_into": kept.ref}
    record(actor, "system.merged_away", gone, system_id=gone.pk, before={"stage": was}, after=into, note=note)


def _move(model: type[DatedFact | Practice | ExternalId], kept: System, gone: System) -> int:
    """Move rows that `kept` has none of the same key for; the others stay with the retired number."""
    keys = {DatedFact: ("kind",), Practice: ("key",), ExternalId: ("source", "value")}[model]
    manager = model._default_manager
    known = set(manager.filter(system=kept).values_list(*keys))
    moving = [row.pk for row in manager.filter(system=gone) if tuple(getattr(row, k) for k in keys) not in known]
    return manager.filter(pk__in=moving).update(system=kept)


def _move_relations(kept: System, gone: System) -> int:
    known: set[tuple[Any, ...]] = set(
        Relation.objects.filter(system=kept).values_list("kind", "component_id", "other_id")
    )
    theirs = Relation.objects.filter(system=gone).exclude(other=kept)
    moving = [r.pk for r in theirs if (r.kind, r.component_id, r.other_id) not in known]
    count = Relation.objects.filter(pk__in=moving).update(system=kept)
    known = {(row.kind, row.system_id) for row in Relation.objects.filter(other=kept)}
    towards = Relation.objects.filter(other=gone).exclude(system=kept)
    pointing = [r.pk for r in towards if (r.kind, r.system_id) not in known]
    return count + Relation.objects.filter(pk__in=pointing).update(other=kept)


def _relate(actor: Actor, system: System, other: System) -> None:
    Relation.objects.get_or_create(
        organisation_id=actor.organisation_id, system=system, kind="same_as", component=None, other=other
    )
