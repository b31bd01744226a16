"""Answers that domains give by functions of their own, kept for as long as nothing was written.

Such a function may read every record of its kind. Nearly everything it can read is written by actions, which append to
the ledger in the same transaction: while the ledger has not grown, the answer stands. What is not written
there (what is measured at the gateway, say) is at most a quarter of an hour old.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.core.cache import cache

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.domain import Domain, Figure
from pilothouse.kernel.ledger.models import Entry

SECONDS = 15 * 60


def state_of(actor: Actor, now: datetime) -> str:
    """What an answer depends on: what the actor may see, the length of the ledger, and the day. One query."""
    last = Entry.objects.filter(organisation_id=actor.organisation_id).order_by("-seq").values_list("seq").first()
    scopes = sorted((key, scope.everywhere, sorted(scope.units), scope.own) for key, scope in actor.grants.items())
    own = sorted(map(str, actor.stands_for)) if any(scope.own for scope in actor.grants.values()) else []
    parts = (actor.organisation_id, actor.is_system, scopes, own, last, now.date())
    return sha256(repr(parts).encode()).hexdigest()


def kept(state: str, domain: Domain) -> Figure | None:
    """The domain's figure in this state, if it is at hand."""
    found = cache.get(_key(state, domain))
    return found if isinstance(found, Figure) else None


def keep(state: str, domain: Domain, figure: Figure) -> None:
    """Keep it for the next who asks."""
    cache.set(_key(state, domain), figure, SECONDS)


def _key(state: str, domain: Domain) -> str:
    return f"answer:{domain.id}:{state}"
