"""What becomes of reviews in time: outcomes that were not told yet, texts that are due, people who are forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.ledger.log import Event, record_many
from pilothouse.kernel.policy.models import PolicySetting
from pilothouse.kernel.policy.rules import SystemRules, convert
from pilothouse.kernel.reviews.models import Review
from pilothouse.kernel.reviews.telling import tell_outcome
from pilothouse.kernel.texts import store

DAYS = 7  # for systems without rules of their own


@action("organisation.change")
def outcomes_tell(*, actor: Actor) -> int:
    """Tell every outcome that was decided and not told: its process died in between. Returns how many."""
    rows = list(Review.objects.of(actor).exclude(state="waiting").filter(told_at=None).select_related("decision"))
    for review in rows:
        tell_outcome(review)
    return len(rows)


@action("organisation.change")
def reviews_keep(*, actor: Actor, moment: datetime) -> int:
    """Remove the texts of answers that were decided longer ago than their system's rules keep them."""
    rules = PolicySetting.objects.of(actor).values_list("system_id", "rules")
    days = {system: convert(body, SystemRules, "The policy").hold.days for system, body in rules}
    rows = Review.objects.of(actor).filter(removed_at=None).exclude(state="waiting").exclude(told_at=None)
    due = [
        row
        for row in rows
        if row.decided_at and row.decided_at + timedelta(days=days.get(row.system_id, DAYS)) <= moment
    ]
    for row in due:
        store.remove(str(actor.organisation_id), row.call, ("held", "edited", "outcome"))
        row.removed_at = moment
    Review.objects.bulk_update(due, ["removed_at"], batch_size=500)
    record_many(actor, [Event("review.text_removed", row, row.system_id, after={"call": row.call}) for row in due])
    return len(due)


def reviews_forget(actor: Actor, person: str) -> int:
    """Make a forgotten person's reviews nobody's. Their texts are gone already, so what waits can only be refused."""
    return int(Review.objects.of(actor).filter(person=person).update(person=""))
