"""Reading who someone is in an organisation."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.access.actor import Actor, Scope
from pilothouse.kernel.access.models import Deputy, Membership, Organisation, Person, User


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
    now = now or timezone.now()
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


def _scope(reach: str, membership: Membership) -> Scope:
    if reach == "own":
        return Scope(own=True)
    if membership.unit is not None:
        return Scope(units=frozenset({membership.unit.path}))
    return Scope(everywhere=True)
