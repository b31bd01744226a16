"""What the register itself says is prohibited becomes a prohibition at once, and only a decision lifts it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.checks.facts import narrow
from pilothouse.kernel.gates.actions.restrictions import restrict
from pilothouse.kernel.gates.models import Restriction
from pilothouse.kernel.gates.rules.running import flagged_prohibited
from pilothouse.kernel.inventory.models import System


def on_change(actor: Actor, system_ids: Sequence[UUID]) -> None:
    """Listener of the inventory. Changing the answer back later does not lift it."""
    in_force = Restriction.objects.filter(system=OuterRef("pk"), kind="prohibit", lifted_at=None)
    said = Q(intake__prohibited="yes") | Q(custom__has_key="prohibited")
    rows = System.objects.filter(said, ~Exists(in_force), organisation_id=actor.organisation_id)
    asked, ids = narrow(system_ids), frozenset(system_ids)
    if asked is not None:
        rows = rows.filter(pk__in=asked)
    for system in rows.select_related("organisation", "unit"):
        if system.pk in ids and flagged_prohibited(system.custom, system.intake):
            restrict(actor, system, "prohibit", "The register says that this use is prohibited.")
