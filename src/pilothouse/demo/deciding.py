"""Deciding in the telling: the people whom a decision asks come to it, one after the other, and sign."""

from __future__ import annotations

from pilothouse.demo.telling import Teller
from pilothouse.kernel.access.models import Membership
from pilothouse.kernel.decisions.actions import decision_sign
from pilothouse.kernel.decisions.models import Decision


def sign(tell: Teller, decision: Decision, verdict: str, reason: str) -> Decision:
    """Everybody whom `decision` asks signs it with `verdict`; nobody on their own request or about their own system."""
    for group in sorted(set(decision.seats.values_list("group", flat=True))):
        if decision.signatures.filter(group=group).exists():
            continue
        name = _signer(tell, decision, group)
        decision = decision_sign(
            actor=tell.actor(name),
            decision=decision,
            verdict=verdict,
            reason=reason,
            content_hash=decision.content_hash,
        )
        if decision.state != "open":
            break
    return decision


def _signer(tell: Teller, decision: Decision, group: int) -> str:
    barred = {decision.requested_by_id, *decision.signatures.values_list("person_id", flat=True)}
    if decision.system is not None and decision.bars_owners:
        barred |= decision.system.owner_ids()
    roles = decision.seats.filter(group=group).values_list("role", flat=True)
    holders = (
        Membership.objects.filter(organisation=tell.organisation, role__key__in=list(roles), person__left_at=None)
        .exclude(person_id__in=[pk for pk in barred if pk])
        .order_by("person__name")
    )
    holder = holders.select_related("person").first()
    if holder is None:
        raise LookupError(f"nobody in the story may sign “{decision.title}”")
    return str(holder.person.name)


def open_decisions(tell: Teller, kind: str = "") -> list[Decision]:
    """What waits, oldest first."""
    rows = Decision.objects.filter(organisation=tell.organisation, state="open")
    return list((rows.filter(kind=kind) if kind else rows).order_by("requested_at", "pk"))
