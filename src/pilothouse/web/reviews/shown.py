"""A held answer as its page, the API and the command line show it; its texts are apart."""

from __future__ import annotations

from typing import Any

from pilothouse.contracts.policy.texts import Held
from pilothouse.kernel.reviews.models import Review

TONES = {"waiting": "info", "released": "good", "edited": "warn", "refused": "bad", "expired": "muted"}


def as_data(review: Review) -> dict[str, Any]:
    """What is known of it without its text."""
    decision = review.decision
    return {
        "id": review.pk,
        "call": review.call,
        "system": review.system.ref,
        "model": review.model,
        "endpoint": review.endpoint,
        "purpose": review.purpose,
        "why": review.why,
        "score": review.score,
        "findings": review.findings,
        "state": review.state,
        "at": review.at,
        "deadline": decision.deadline if decision else None,
        "expires_at": decision.expires_at if decision else None,
        "decision": review.decision_id,
        "content_hash": decision.content_hash if decision else "",
        "decided_at": review.decided_at,
        "decided_by": review.decided_by.name if review.decided_by else None,
        "reason": decision.because if decision and review.state != "waiting" else "",
        "seconds": review.seconds,
        "edit_distance": review.edit_distance,
        "text_removed_at": review.removed_at,
    }


def texts_of(held: Held | None) -> dict[str, Any]:
    """What was asked and answered, piece by piece; nothing when it was removed."""
    return {
        side: [{"where": piece.where, "text": piece.text} for piece in getattr(held, side)] if held else []
        for side in ("prompt", "answer")
    }
