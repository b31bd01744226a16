"""Laying an outcome down for gateways, and the facts of it in the warehouse. Done again, it changes nothing."""

from __future__ import annotations

from typing import cast

from django.utils import timezone

from pilothouse.contracts.policy.events import Reviewed
from pilothouse.contracts.policy.texts import Edited, Held, Label, Outcome, Verdict
from pilothouse.kernel.reviews.models import Review
from pilothouse.kernel.texts import store
from pilothouse.kernel.traffic import places
from pilothouse.kernel.warehouse import writer
from pilothouse.kernel.warehouse.tables import rows_of


def tell_outcome(review: Review) -> None:
    """Tell gateways how a decided review ended, and write its facts down."""
    organisation, verdict = str(review.organisation_id), cast(Verdict, review.state)
    held = store.read(organisation, review.call, Held)
    texts: tuple[str, ...] = ()
    if held is not None:
        if verdict == "edited":
            edited = store.read(organisation, review.call, Edited)
            if edited is None:
                raise FileNotFoundError(f"the changed answer of {review.call} is not there")
            texts = edited[1].texts
        reason = review.decision.because if review.decision else ""
        label = Label(
            kind="outcome",
            organisation=organisation,
            call=review.call,
            at=review.decided_at or timezone.now(),
            system=str(review.system_id),
            key=review.key,
            person=review.person,
        )
        store.write(label, Outcome(verdict=verdict, reason=reason, texts=texts))
    writer.append(places.warehouse(), f"review-{review.pk}", rows_of(_facts(review, held[1] if held else None)))
    Review.objects.filter(pk=review.pk).update(told_at=timezone.now())


def _facts(review: Review, held: Held | None) -> Reviewed:
    decided = review.decided_at or timezone.now()
    return Reviewed(
        id=f"{review.call}/review",
        call=review.call,
        at=decided,
        organisation=str(review.organisation_id),
        revision=held.revision if held else 0,
        key=review.key,
        system=str(review.system_id),
        unit=review.unit,
        person=review.person,
        endpoint=review.endpoint,
        model=review.model,
        marks=held.marks if held else (),
        verdict=cast(Verdict, review.state),
        why=review.why,
        seconds=review.seconds,
        waited_seconds=max(0, int((decided - review.at).total_seconds())),
        edit_distance=review.edit_distance,
    )
