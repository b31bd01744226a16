"""What is known of stored texts without reading them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pilothouse.contracts.policy.texts import BadText, Kept, Label
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.policy.models import PolicySetting
from pilothouse.kernel.policy.rules import SystemRules, convert
from pilothouse.kernel.texts import store


@dataclass(frozen=True, slots=True)
class Stored:
    """That the text of a call is stored, of which system, and until when."""

    system: System
    at: datetime
    until: datetime


def stored_of(actor: Actor, call: str) -> Stored | None:
    """Whether the text of a call is stored; None too for who may not read the system's texts."""
    found = label_of(str(actor.organisation_id), call)
    if found is None or not found.system:
        return None
    system = System.objects.of(actor).select_related("unit").filter(pk=found.system).first()
    if system is None or not actor.may("text.read", system):
        return None
    days = days_of(actor.organisation_id).get(str(system.pk), 0)
    return Stored(system, found.at, found.at + timedelta(days=days))


def label_of(organisation: str, call: str) -> Label | None:
    """The label of a call's stored text, proven by opening it."""
    try:
        found = store.read(organisation, call, Kept)
    except BadText:
        return None
    return found[0] if found else None


def days_of(organisation_id: UUID) -> Mapping[str, int]:
    """How many days each system's texts are kept, by its id; a system that is not here keeps none."""
    rows = PolicySetting.objects.filter(organisation_id=organisation_id).values_list("system_id", "rules")
    return {str(system): _rules(rules).storage.days for system, rules in rows}


def _rules(body: Any) -> SystemRules:
    return convert(body, SystemRules, "The policy")
