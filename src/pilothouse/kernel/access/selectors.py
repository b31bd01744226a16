"""Reading who someone is in an organisation."""

from __future__ import annotations

import hmac
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import EVERYWHERE, Actor, Scope
from pilothouse.kernel.access.models import Deputy, Membership, Organisation, Person, Token, User
from pilothouse.kernel.access.secrets import parse


def organisation_of(slug: str) -> Organisation:
    """The organisation with this slug, or NotFound."""
    try:
        return Organisation.objects.get(slug=slug)
    except Organisation.DoesNotExist:
        raise NotFound from None


def organisations_of(user: User) -> list[Organisation]:
    """The organisations that a user belongs to, by name."""
    return list(
        Organisation.objects.filter(
            id__in=Person.objects.filter(user=user, left_at=None, memberships__isnull=False).values("organisation_id")
        ).order_by("name")
    )


def actor_of_user(user: User, organisation: Organisation, *, via: str, request_id: str = "") -> Actor:
    """The actor that `user` is in `organisation`. Raises NotFound for an outsider, or one who left."""
    person = Person.objects.filter(user=user, organisation=organisation, left_at=None).first()
    if person is None or not user.is_active:
        raise NotFound
    actor = actor_of_person(person, via=via, request_id=request_id)
    if not actor.grants:
        raise NotFound
    return actor


def actor_of_person(person: Person, *, via: str, request_id: str = "", now: datetime | None = None) -> Actor:
    """What `person` may do now: their own roles, and those of everyone they stand in for."""
    now = now or clock.now()
    stands_for = {
        person.pk,
        *Deputy.objects.filter(deputy=person, starts_at__lte=now, ends_at__gt=now, person__left_at=None).values_list(
            "person_id", flat=True
        ),
    }
    grants: dict[str, Scope] = {}
    roles: defaultdict[str, set[UUID]] = defaultdict(set)
    memberships = Membership.objects.filter(Q(person_id__in=stands_for)).select_related("role", "unit")
    for membership in memberships:
        roles[membership.role.key].add(membership.person_id)
        for permission, reach in membership.role.permissions.items():
            grants[permission] = grants.get(permission, Scope()) | _scope(reach, membership)
    return Actor(
        organisation_id=person.organisation_id,
        person_id=person.pk,
        user_id=person.user_id,
        name=person.name,
        grants=grants,
        roles={key: frozenset(people) for key, people in roles.items()},
        stands_for=frozenset(stands_for),
        via=via,
        request_id=request_id,
    )


def token_of_secret(text: str, *, now: datetime | None = None) -> Token | None:
    """The live token that this secret opens, or None. Its last use is noted at most every ten minutes."""
    now = now or clock.now()
    parsed = parse(text)
    if parsed is None:
        return None
    prefix, digest = parsed
    token = Token.objects.select_related("organisation", "person__user").filter(prefix=prefix).first()
    if token is None or not hmac.compare_digest(token.hash, digest) or not token.is_live(now):
        return None
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=10):
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def actor_of_token(token: Token, *, via: str = "api", request_id: str = "") -> Actor | None:
    """Who calls with this token: its person, narrowed to the token's scopes, or a service with exactly those scopes.

    None when the person left or may no longer sign in.
    """
    person = token.person
    if person is None:
        return Actor(
            organisation_id=token.organisation_id,
            name=token.name,
            grants=dict.fromkeys(token.scopes, EVERYWHERE),
            via=via,
            request_id=request_id,
            token_id=token.pk,
        )
    if person.left_at is not None or (person.user is not None and not person.user.is_active):
        return None
    actor = actor_of_person(person, via=via, request_id=request_id)
    grants = {permission: scope for permission, scope in actor.grants.items() if permission in token.scopes}
    return replace(actor, grants=grants, token_id=token.pk)


def _scope(reach: str, membership: Membership) -> Scope:
    if reach == "own":
        return Scope(own=True)
    if membership.unit is not None:
        return Scope(units=frozenset({membership.unit.path}))
    return Scope(everywhere=True)
