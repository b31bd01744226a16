"""Setting the tier of systems from their intake answers, with a ledger entry for each that changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.checks.facts import MANY, narrow
from pilothouse.kernel.checks.rulebook import RulebookBody
from pilothouse.kernel.checks.rules.tiers import answers_of, tier_of
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import Event, record_many


def retier(actor: Actor, body: RulebookBody, system_ids: Iterable[UUID] | None) -> dict[UUID, tuple[str, str]]:
    """Bring the tiers of these systems (None: of all) in line with the rulebook: id → (tier before, tier after).

    Runs in the caller's transaction. A system's version does not count it: nobody edits a tier, so no edit is lost.
    """
    wanted = None if system_ids is None else frozenset(system_ids)
    rows = System.objects.filter(organisation_id=actor.organisation_id)
    asked = narrow(wanted)
    if asked is not None:
        rows = rows.filter(id__in=asked)
    changed: dict[UUID, tuple[str, str]] = {}
    by_tier: defaultdict[str, list[UUID]] = defaultdict(list)
    for pk, tier, intake, impact, personal_data in rows.values_list("id", "tier", "intake", "impact", "personal_data"):
        if wanted is not None and pk not in wanted:
            continue
        now = tier_of(body, answers_of(body, intake or {}, impact, personal_data))
        if now != tier:
            changed[pk] = (tier, now)
            by_tier[now].append(pk)
    for tier, ids in by_tier.items():
        for start in range(0, len(ids), MANY):
            System.objects.filter(id__in=ids[start : start + MANY]).update(tier=tier)
    record_many(
        actor,
        [
            Event("system.tier_changed", System(pk=pk), pk, {"tier": before}, {"tier": after})
            for pk, (before, after) in changed.items()
        ],
    )
    return changed
