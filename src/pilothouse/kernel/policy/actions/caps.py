"""Budgets: hard caps in money."""

from __future__ import annotations

from decimal import Decimal

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.actions import action
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.policy.actions.saving import save
from pilothouse.kernel.policy.models import Budget, GatewayKey
from pilothouse.kernel.policy.publish import publish_soon
from pilothouse.kernel.policy.rules import micro


@action("budget.manage")
def budget_save(
    *,
    actor: Actor,
    name: str,
    cap: Decimal,
    window: str,
    unit: Unit | None = None,
    system: System | None = None,
    key: GatewayKey | None = None,
    version: int | None = None,
) -> Budget:
    """Cap what a unit, a system, a key or (with none of them) the organisation may spend in each window. A budget of
    the same name is changed. Raises Invalid, Conflict."""
    name, wrong = " ".join(name.split()), {}
    things = [thing for thing in (unit, system, key) if thing is not None]
    if not name or len(name) > 120:
        wrong["name"] = "Say what it is for; at most 120 characters."
    if window not in dict(Budget.WINDOWS):
        wrong["window"] = "Choose hour, day or month."
    if len(things) > 1 or any(thing.organisation_id != actor.organisation_id for thing in things):
        wrong["scope"] = "A budget caps one thing of this organisation."
    if wrong:
        raise Invalid("The budget is not complete.", fields=wrong)
    micro(cap)
    scope = "unit" if unit else "system" if system else "key" if key else "organisation"
    facts = {
        "scope": scope,
        "unit_id": unit.pk if unit else None,
        "system_id": system.pk if system else None,
        "key_id": key.pk if key else None,
        "window": window,
        "cap": cap,
    }
    return save(actor, Budget, {"name": name, "active": True}, facts, version, "budget")


@action("budget.manage")
def budget_end(*, actor: Actor, budget: Budget, reason: str) -> Budget:
    """Take a cap away. Raises Conflict when it is gone already."""
    if not reason.strip():
        raise Invalid("Say why.", fields={"reason": "Say why."})
    lock_log(actor.organisation_id)
    current: Budget = Budget.objects.get_of(actor, pk=budget.pk)
    if not current.active:
        raise Conflict("This budget is over already.", code="over")
    current.active = False
    current.save(update_fields=("active",))
    before = {"name": current.name, "scope": current.scope, "window": current.window, "cap": current.cap}
    record(actor, "budget.ended", current, system_id=current.system_id, before=before, note=reason.strip())
    publish_soon(actor.organisation_id)
    return current
