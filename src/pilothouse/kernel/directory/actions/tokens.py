"""API tokens: shown once, kept as a hash, narrowed to scopes, gone within a year."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.access import secrets
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person, Token
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.directory.rules import LONGEST_TOKEN, clean_name, clean_period, clean_scopes
from pilothouse.kernel.ledger.log import lock_log, record


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token with its secret, which is told now and never again."""

    token: Token
    secret: str

    def __repr__(self) -> str:
        return f"Issued({self.token.name!r}, secret hidden)"


@action("organisation.view")
def token_issue(
    *,
    actor: Actor,
    name: str,
    scopes: Collection[str],
    expires_at: datetime,
    service: bool = False,
    person: Person | None = None,
) -> Issued:
    """Issue a personal token (for the actor), or a service's with `service`. Nobody hands out more than they hold.

    The operator may name the `person` of a personal token. Raises Forbidden, Invalid, Conflict (the name is in use).
    """
    actor.require("token.manage" if service else "token.issue")
    holder = None if service else _holder(actor, person)
    wanted, name, moment = clean_scopes(scopes), clean_name(name, longest=120), now()
    clean_period(moment, expires_at, LONGEST_TOKEN, "expires_at")
    # A service acts in the whole organisation, so what it is given must be held in the whole organisation.
    lacking = [s for s in wanted if not (actor.scope(s).everywhere if service else actor.may(s))]
    if lacking:
        raise Forbidden(
            f"You do not hold “{lacking[0]}” yourself{' everywhere' if service else ''}, so you cannot hand it out."
        )
    lock_log(actor.organisation_id)
    named = Token.objects.of(actor).filter(name=name, revoked_at=None, expires_at__gt=moment)
    if (named.filter(person_id=holder) if holder else named.filter(person=None)).exists():
        raise Conflict(f"A live token is called “{name}” already.", data={"field": "name"})
    text, prefix, digest = secrets.mint()
    token: Token = Token.objects.create(
        organisation_id=actor.organisation_id,
        person_id=holder,
        issued_by_id=actor.person_id,
        name=name,
        prefix=prefix,
        hash=digest,
        scopes=wanted,
        created_at=moment,
        expires_at=expires_at,
    )
    record(actor, "token.issued", token, after=_told(token))
    return Issued(token, text)


@action("organisation.view")
def token_revoke(*, actor: Actor, token: Token) -> Token:
    """Make a token worthless now. One's own, or any with the permission to manage them. Twice changes nothing."""
    lock_log(actor.organisation_id)
    current = _mine(actor, token)
    if current.revoked_at is None:
        current.revoked_at = now()
        current.save(update_fields=("revoked_at",))
        record(actor, "token.revoked", current, before=_told(current), after={"revoked_at": current.revoked_at})
    return current


@action("organisation.view")
def token_rotate(*, actor: Actor, token: Token) -> Issued:
    """Give a live token a new secret; the old one stops at once. Scopes and expiry stay."""
    lock_log(actor.organisation_id)
    current = _mine(actor, token)
    if not current.is_live(now()):
        raise Conflict("That token is no longer live. Issue a new one.")
    if current.person_id is not None and current.person_id != actor.person_id and not actor.is_system:
        raise Forbidden("Only its person may have the secret of a personal token. You may revoke it.")
    if current.person_id is None and not actor.is_system:
        # Whoever rotates learns the secret, so they must be allowed to hand out what it opens.
        for scope in current.scopes:
            if not actor.scope(scope).everywhere:
                raise Forbidden(f"You do not hold “{scope}” everywhere yourself, so you cannot have this secret.")
    text, current.prefix, current.hash = secrets.mint()
    current.last_used_at = None
    current.save(update_fields=("prefix", "hash", "last_used_at"))
    record(actor, "token.rotated", current, after={"name": current.name, "prefix": current.prefix})
    return Issued(current, text)


def _holder(actor: Actor, person: Person | None) -> UUID | None:
    if person is not None and (actor.is_system or person.pk == actor.person_id):
        if person.organisation_id != actor.organisation_id:
            raise NotFound
        return person.pk
    if person is not None:
        raise Forbidden("A personal token is issued by its person.")
    if actor.person_id is None:
        raise Invalid("Say whose token this is.", fields={"person": "Name a person, or make it a service's."})
    return actor.person_id


def _mine(actor: Actor, token: Token) -> Token:
    """The token, if the actor may touch it: one's own by oneself, a service's (or a leaver's) by who manages them."""
    current: Token = Token.objects.select_for_update().get_of(actor, pk=token.pk)
    if not (actor.person_id is not None and current.person_id == actor.person_id) and not actor.may("token.manage"):
        raise NotFound
    return current


def _told(token: Token) -> dict[str, object]:
    return {
        "name": token.name,
        "prefix": token.prefix,
        "scopes": token.scopes,
        "expires_at": token.expires_at,
        "service": token.person_id is None,
    }
