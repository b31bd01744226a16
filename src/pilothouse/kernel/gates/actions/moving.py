"""The one place where a system's stage changes."""

from __future__ import annotations

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.gates.models import Passage
from pilothouse.kernel.gates.selectors import marks_now
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import lock_log, record


def locked(actor: Actor, system: System) -> System:
    """The system's row as it is now, locked until the commit. Raises NotFound."""
    lock_log(actor.organisation_id)
    rows = System.objects.select_for_update(of=("self",)).select_related("unit", "owner")
    found: System = rows.get_of(actor, pk=system.pk)
    return found


def move(
    actor: Actor, system: System, to_stage: str, way: str, *, reason: str, decision: Decision | None = None
) -> Passage:
    """Let a locked system enter a stage: stage, passage and ledger in one; then every listener judges it anew."""
    moment, before = now(), system.stage
    passage = Passage.objects.create(
        organisation_id=actor.organisation_id,
        system=system,
        from_stage=before,
        to_stage=to_stage,
        way=way,
        at=moment,
        by_id=actor.person_id,
        decision=decision,
        reason=reason,
    )
    if before != to_stage:
        system.stage, system.stage_since = to_stage, moment
    system.version += 1
    system.changed_at = moment
    system.save(update_fields=("stage", "stage_since", "inherited_at", "version", "changed_at"))
    record(
        actor,
        "system.stage_changed" if before != to_stage else "system.signed_off",
        system,
        system_id=system.pk,
        before={"stage": before},
        after={
            "stage": to_stage,
            "way": way,
            "decision": decision.pk if decision else None,
            "marks": list(marks_now(system, moment)),
        },
        note=reason,
    )
    tell_changed(actor, [system.pk])
    return passage
