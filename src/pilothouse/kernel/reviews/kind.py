"""The decision on a held answer: what each verdict does, and that silence gives nothing out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from pilothouse.contracts.errors import Conflict
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.kinds import DecisionKind, Option
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.ledger.log import record
from pilothouse.kernel.reviews import rules
from pilothouse.kernel.reviews.models import Opening, Review
from pilothouse.kernel.reviews.telling import tell_outcome
from pilothouse.kernel.texts import store

RELEASE = Option("release", "Release", "The caller gets the answer as it is.")
EDIT = Option("edit", "Release changed", "The caller gets the answer as you changed it.")
REFUSE = Option("refuse", "Refuse", "The caller gets no answer, and is told your reason.", refuses=True)


def _hashes(decisions: Sequence[Decision]) -> Mapping[UUID, str | None]:
    """The digest of what was held, as long as it is there: a text that was erased can be released no more."""
    rows = Review.objects.filter(pk__in=[decision.subject_id for decision in decisions])
    found = {(row.organisation_id, row.pk): row for row in rows}
    return {one.pk: _current(found.get((one.organisation_id, one.subject_id))) for one in decisions}


def _current(review: Review | None) -> str | None:
    if review is None or not store.exists(str(review.organisation_id), "held", review.call):
        return None
    return review.digest


def _apply(decision: Decision, actor: Actor) -> None:
    """Released, as it is or changed. Raises Conflict for whoever has not read it, and for a change that is not made."""
    review = _review(decision)
    opening = Opening.objects.filter(review=review, person=actor.person_id).first()
    if opening is None:
        raise Conflict("Read the answer before you release it: open its review.", code="unread")
    if decision.outcome == "edit" and not review.edited_digest:
        raise Conflict("Change the answer on the page of its review.", code="unchanged")
    _decided(review, actor, rules.STATES[decision.outcome], opening)


def _closed(decision: Decision, actor: Actor) -> None:
    """Refused, expired, or its text is gone: nothing is given out."""
    review = _review(decision)
    opening = Opening.objects.filter(review=review, person=actor.person_id).first() if actor.person_id else None
    _decided(review, actor, "refused" if decision.state == "refused" else "expired", opening)


def _decided(review: Review, actor: Actor, state: str, opening: Opening | None) -> None:
    review.state, review.decided_at, review.decided_by_id = state, now(), actor.person_id
    review.seconds = rules.looked(opening.opened_at, review.decided_at) if opening else None
    if state != "edited":
        review.edited_digest, review.edit_distance = "", 0 if state == "released" else None
    review.save(
        update_fields=("state", "decided_at", "decided_by", "seconds", "edited_digest", "edit_distance"),
    )
    after = {
        "call": review.call,
        "verdict": state,
        "digest": review.digest,
        "edited_digest": review.edited_digest,
        "seconds": review.seconds,
        "edit_distance": review.edit_distance,
    }
    record(actor, "review.decided", review, system_id=review.system_id, after=after)
    transaction.on_commit(lambda: tell_outcome(review), robust=True)


def _review(decision: Decision) -> Review:
    found: Review = Review.objects.select_for_update().get(
        organisation_id=decision.organisation_id, pk=decision.subject_id
    )
    return found


def _context(decision: Decision, actor: Actor) -> Mapping[str, Any]:
    review = Review.objects.filter(organisation_id=decision.organisation_id, pk=decision.subject_id).first()
    return {"review": review, "may_read": review is not None and actor.may("answer.review", review.system)}


HELD_ANSWER = DecisionKind(
    id="answer.held",
    title="Releasing a held answer",
    current_hash=lambda decision: _hashes([decision])[decision.pk],
    hashes=_hashes,
    apply=_apply,
    closed=_closed,
    template="reviews/_evidence.html",
    context=_context,
    options=(RELEASE, EDIT, REFUSE),
    days=1,
)
