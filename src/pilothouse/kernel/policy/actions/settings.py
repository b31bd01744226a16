"""The rules of one system's calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.policy import rules
from pilothouse.kernel.policy.actions.saving import save
from pilothouse.kernel.policy.models import PolicySetting


@action("gateway.manage", on="system")
def system_policy_save(
    *, actor: Actor, system: System, body: Mapping[str, Any], version: int | None = None
) -> PolicySetting:
    """Set the rules of a system's calls as a whole. Raises Invalid with the fields that are wrong, Conflict."""
    clean = rules.plain(rules.clean_rules(body))
    setting = save(actor, PolicySetting, {"system_id": system.pk}, {"rules": clean}, version, "policy")
    PolicySetting.objects.filter(pk=setting.pk).update(changed_at=now())
    return setting
