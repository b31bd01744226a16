"""How a named, versioned row is saved: made when it is new, else changed, with only what differs in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.policy.models import Versioned
from pilothouse.kernel.policy.publish import publish_soon

R = TypeVar("R", bound=Versioned)


def save(
    actor: Actor, model: type[R], lookup: Mapping[str, Any], facts: Mapping[str, Any], version: int | None, noun: str
) -> R:
    """The row of the actor's organisation that `lookup` names, holding `facts` from now on. Raises Conflict when
    `version` is not the one that is kept: 0 means that it must be new."""
    lock_log(actor.organisation_id)
    rows: Any = model.objects
    row: R | None = rows.of(actor).select_for_update().filter(**lookup).first()
    if version is not None and version != (row.version if row else 0):
        kept = row.version if row else 0
        what = "It exists already." if not version else "Someone changed it while you were editing."
        raise Conflict(what, data={"version": kept})
    if row is None:
        made: R = rows.create(organisation_id=actor.organisation_id, **lookup, **facts)
        record(actor, f"{noun}.added", made, system_id=_system(made), after={**lookup, **facts})
        publish_soon(actor.organisation_id)
        return made
    after = {key: value for key, value in facts.items() if getattr(row, key) != value}
    if after:
        before = {key: getattr(row, key) for key in after}
        for key, value in after.items():
            setattr(row, key, value)
        row.version += 1
        row.save()
        record(actor, f"{noun}.changed", row, system_id=_system(row), before=before, after=after)
        publish_soon(actor.organisation_id)
    return row


def _system(row: Any) -> Any:
    return getattr(row, "system_id", None)


def only(facts: Mapping[str, Any], known: set[str], noun: str) -> None:
    """Raise Invalid when `facts` names a field that there is none of."""
    unknown = sorted(set(facts) - known)
    if unknown:
        raise Invalid(f"{noun} has no field “{unknown[0]}”.", fields={unknown[0]: "No such field."})
