"""Countersignature of a lone decision by an outside reviewer, through a single-purpose link that expires."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from pilothouse.contracts.errors import Conflict, Invalid, NotFound
from pilothouse.kernel.access.actor import EVERYWHERE, Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions import notices
from pilothouse.kernel.decisions.models import Decision, ReviewLink
from pilothouse.kernel.ledger.log import lock_log, record

LINK_DAYS = 14
VERDICTS = ("countersigned", "objected")


@action("decision.decide", on="decision")
def review_link_issue(*, actor: Actor, decision: Decision, name: str, email: str) -> tuple[ReviewLink, str]:
    """Ask an outside reviewer to countersign a lone decision. Returns the link's row and its secret, told only now."""
    name, email = name.strip(), email.strip().lower()
    wrong = {} if name else {"name": "Say who the reviewer is."}
    try:
        validate_email(email)
    except ValidationError:
        wrong["email"] = "This is no e-mail address."
    if wrong:
        raise Invalid("Say who should countersign.", fields=wrong)
    if "lone" not in decision.marks:
        raise Conflict("Only a decision that was made alone is countersigned.", code="not_lone")
    if decision.review_links.filter(verdict="countersigned").exists():
        raise Conflict("This is countersigned already.", code="closed")
    secret = secrets.token_urlsafe(32)
    link = ReviewLink.objects.create(
        organisation_id=actor.organisation_id,
        decision=decision,
        name=name,
        email=email,
        token_hash=_hash(secret),
        created_by_id=actor.person_id,
        created_at=now(),
        expires_at=now() + timedelta(days=LINK_DAYS),
    )
    record(actor, "review_link.issued", decision, system_id=decision.system_id, after={"name": name, "email": email})
    return link, secret


def review_link_of(secret: str, moment: datetime) -> ReviewLink:
    """The unused, unexpired link with this secret, or NotFound: used, expired and never issued look the same."""
    link: ReviewLink | None = (
        ReviewLink.objects.select_related("decision__system", "decision__organisation")
        .filter(token_hash=_hash(secret), used_at=None, expires_at__gt=moment)
        .first()
    )
    if link is None:
        raise NotFound
    return link


def review_actor(link: ReviewLink) -> Actor:
    """The outside reviewer: may answer through this link, and nothing else is reachable from its page."""
    return Actor(
        organisation_id=link.organisation_id,
        name=f"{link.name} (outside reviewer)",
        grants={"decision.decide": EVERYWHERE},
        via="link",
    )


@action("decision.decide", on="link")
def review_link_answer(*, actor: Actor, link: ReviewLink, verdict: str, reason: str) -> ReviewLink:
    """Countersign or object, once. An objection does not undo the decision: it tells everyone who must now act."""
    lock_log(actor.organisation_id)
    link = ReviewLink.objects.select_for_update(of=("self",)).select_related("decision").get(pk=link.pk)
    if link.used_at is not None or link.expires_at <= now():
        raise NotFound
    wrong = {} if verdict in VERDICTS else {"verdict": "Countersign or object."}
    if not reason.strip():
        wrong["reason"] = "Say why."
    if wrong:
        raise Invalid("The answer is not complete.", fields=wrong)
    link.used_at, link.verdict, link.reason = now(), verdict, reason.strip()
    link.save(update_fields=("used_at", "verdict", "reason"))
    decision = link.decision
    decision.marks = [mark for mark in decision.marks if mark not in VERDICTS] + [verdict]
    decision.save(update_fields=("marks",))
    after = {"verdict": verdict, "name": link.name}
    record(actor, f"decision.{verdict}", decision, system_id=decision.system_id, after=after, note=link.reason)
    notices.reviewed(decision, link)
    return link


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
