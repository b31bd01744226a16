"""Writing systems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Max
from django.utils import timezone

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.inventory.models import EDITABLE, Stage, System
from pilothouse.kernel.ledger.log import record


@action("system.create")
def system_create(*, actor: Actor, name: str, **facts: Any) -> System:
    """Add a system under the organisation's next number. `facts` are fields of EDITABLE.

    A system enters as an idea: any later stage is reached through a gate, or by an import of what already runs.
    """
    name = name.strip()
    if not name:
        raise Invalid("A system needs a name.", fields={"name": "Say what people call it."})
    _only_editable(facts)
    now = timezone.now()
    system = System(
        organisation_id=actor.organisation_id,
        number=next_number(actor),
        name=name,
        created_at=now,
        changed_at=now,
        stage=Stage.IDEA,
        stage_since=now,
        **facts,
    )
    system.save()
    record(actor, "system.created", system, system_id=system.pk, after={"name": name, **facts})
    return system


@action("system.change", on="system")
def system_change(*, actor: Actor, system: System, changes: Mapping[str, Any], version: int | None = None) -> System:
    """Change fields of a system. `version`, if given, must be the one that the caller read (else Conflict)."""
    _only_editable(changes)
    current = System.objects.select_for_update().get(pk=system.pk)
    if version is not None and version != current.version:
        raise Conflict(
            f"Someone changed {current.ref} while you were editing. Your text is kept; compare and save again.",
            data={"version": current.version},
        )
    before = {key: getattr(current, key) for key in changes if getattr(current, key) != changes[key]}
    if not before:
        return current
    after = {key: changes[key] for key in before}
    for key, value in after.items():
        setattr(current, key, value)
    current.version += 1
    current.changed_at = timezone.now()
    current.save()
    record(actor, "system.changed", current, system_id=current.pk, before=before, after=after)
    return current


def next_number(actor: Actor) -> int:
    """The next free number; the caller's transaction holds the ledger's lock or SQLite's write lock."""
    return (System.objects.of(actor).aggregate(top=Max("number"))["top"] or 0) + 1


def _only_editable(facts: Mapping[str, Any]) -> None:
    unknown = sorted(set(facts) - set(EDITABLE))
    if unknown:
        raise Invalid(f"A system has no field “{unknown[0]}”.", fields=dict.fromkeys(unknown, "No such field."))
