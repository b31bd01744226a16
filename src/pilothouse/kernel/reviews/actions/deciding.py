"""Reading a held answer and deciding on it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction

from pilothouse.contracts.errors import Conflict, Invalid, NotFound
from pilothouse.contracts.policy.texts import Edited, Held, Label
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import decision_refresh, signature_add
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.decisions.selectors import chair_of
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.reviews import rules
from pilothouse.kernel.reviews.models import Opening, Review
from pilothouse.kernel.texts import store


@action("answer.review", on="review")
def review_open(*, actor: Actor, review: Review) -> Held | None:
    """The held answer with its request, or None when its text was removed. That it was read enters the ledger.

    The time of a review runs from here; opening it again within half an hour does not begin anew.
    """
    found = store.read(str(actor.organisation_id), review.call, Held)
    if found is None:
        return None
    if actor.person_id is None or _opened(actor, review, actor.person_id):
        record(actor, "review.opened", review, system_id=review.system_id, after={"call": review.call})
    return found[1]


def _opened(actor: Actor, review: Review, person: UUID) -> bool:
    """Note that the actor looks at it now. False when they were looking already."""
    moment = now()
    opening = Opening.objects.of(actor).filter(review=review, person=person).first()
    if opening is None:
        try:
            with transaction.atomic():
                Opening.objects.create(
                    organisation_id=actor.organisation_id, review=review, person_id=person, opened_at=moment
                )
        except IntegrityError:  # opened twice at the same moment
            return False
        return True
    if not rules.opened_anew(opening.opened_at, moment):
        return False
    opening.opened_at = moment
    opening.save(update_fields=("opened_at",))
    return True


def review_decide(
    *,
    actor: Actor,
    review: Review,
    verdict: str,
    reason: str,
    texts: Sequence[str] | None = None,
    content_hash: str = "",
    role: str = "",
    idempotency: str = "",
) -> Review:
    """Release a held answer as it is, release it with other `texts` (verdict edit), or refuse it; with a reason.

    `texts` are all of the answer's, in their order. `content_hash` is the decision's as it was read; empty takes the
    present one. Raises Forbidden, Conflict and Invalid as signing does (kernel/decisions), and Conflict for whoever
    has not opened it.
    """
    decision = _decision(review)
    decision_refresh(actor=actor, decision=decision)
    return review_sign(
        actor=actor,
        review=review,
        verdict=verdict,
        reason=reason,
        texts=texts,
        content_hash=content_hash or decision.content_hash,
        role=role,
        idempotency=idempotency,
    )


@action("answer.review", on="review")
def review_sign(
    *,
    actor: Actor,
    review: Review,
    verdict: str,
    reason: str,
    texts: Sequence[str] | None,
    content_hash: str,
    role: str,
    idempotency: str,
) -> Review:
    """The signature with what belongs to it, in one transaction. Callers use `review_decide`."""
    lock_log(actor.organisation_id)  # from here on nobody else decides
    decision = Decision.objects.select_related("system__unit").get(pk=_decision(review).pk)
    if verdict == "edit" and decision.state == "open":
        chair_of(actor, decision, now(), role)  # whoever may not sign changes nothing either
        _change(actor, review, texts)
    signature_add(
        actor=actor,
        decision=decision,
        verdict=verdict,
        reason=reason,
        content_hash=content_hash,
        role=role,
        idempotency=idempotency,
    )
    return Review.objects.select_related("system", "decision").get(pk=review.pk)


def _change(actor: Actor, review: Review, texts: Sequence[str] | None) -> None:
    """Keep the changed texts, sealed. The row is written with the signature, or not at all."""
    found = store.read(str(actor.organisation_id), review.call, Held)
    if found is None:
        raise Conflict("The text of this answer was removed.", code="gone")
    label, held = found
    before = [piece.text for piece in held.answer]
    if texts is None or len(texts) != len(before):
        raise Invalid(f"The answer has {len(before)} texts; send each of them.", fields={"texts": "One of each text."})
    after = [_newlines(text, old) for text, old in zip(texts, before, strict=True)]
    if after == before:
        raise Invalid("Nothing is changed. Release it as it is.", fields={"texts": "It is as it was."})
    review.edited_digest = store.write(_edited(label), Edited(tuple(after)))
    review.edit_distance = rules.edit_distance(before, after)
    Review.objects.filter(pk=review.pk).update(edited_digest=review.edited_digest, edit_distance=review.edit_distance)


def _newlines(text: str, before: str) -> str:
    """A browser sends every end of a line as two characters; an answer has them as the model wrote them."""
    return text if "\r\n" in before else text.replace("\r\n", "\n")


def _edited(label: Label) -> Label:
    return Label(
        kind="edited",
        organisation=label.organisation,
        call=label.call,
        at=label.at,
        system=label.system,
        key=label.key,
        person=label.person,
    )


def _decision(review: Review) -> Decision:
    if review.decision is None:
        raise NotFound
    return review.decision
