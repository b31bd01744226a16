"""Reading who is here, narrowed to what the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Deputy, Membership, Person, Role, Token, Unit
from pilothouse.kernel.access.roles import PERMISSIONS
from pilothouse.kernel.clock import now
from pilothouse.kernel.directory.rules import is_powerful
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems


@dataclass(frozen=True, slots=True)
class PeopleQuery:
    """The filters of the list of people, as its address says them. `state` is here, left, invited or outside."""

    q: str = ""
    unit: UUID | None = None
    role: str = ""
    state: str = "here"


def people(actor: Actor, permission: str = "people.view") -> QuerySet[Person]:
    """The people on whom the actor holds `permission`."""
    rows: QuerySet[Person] = Person.objects.of(actor)
    scope = actor.scope(permission)
    if scope.everywhere:
        return rows
    reach = Q(pk__in=actor.stands_for) if scope.own else Q(pk=None)
    for prefix in scope.units:
        reach |= Q(unit__path__startswith=prefix)
    return rows.filter(reach)


def people_found(actor: Actor, query: PeopleQuery) -> QuerySet[Person]:
    """The people that the filters leave, by name, with what the list shows of each in a constant number of queries."""
    rows = people(actor)
    for word in query.q.split():
        rows = rows.filter(Q(name__icontains=word) | Q(email__icontains=word) | Q(title__icontains=word))
    if query.unit is not None:
        unit = Unit.objects.of(actor).filter(pk=query.unit).first()
        rows = rows.filter(unit__path__startswith=unit.path) if unit else rows.none()
    if query.role:
        rows = rows.filter(Exists(Membership.objects.filter(person=OuterRef("pk"), role__key=query.role)))
    rows = {
        "here": rows.filter(left_at=None),
        "left": rows.filter(left_at__isnull=False),
        "signs_in": rows.filter(left_at=None, user__isnull=False),
        "no_sign_in": rows.filter(left_at=None, user=None),
        "all": rows,
    }.get(query.state, rows.filter(left_at=None))
    return (
        rows.select_related("unit")
        .annotate(systems=Count("owned_systems", distinct=True))
        .prefetch_related(_memberships())
        .order_by("name", "id")
    )


def person_of(actor: Actor, person_id: UUID, permission: str = "people.view") -> Person:
    """One person that the actor may see, with unit and user, or NotFound."""
    person = people(actor, permission).select_related("unit", "user", "organisation").filter(pk=person_id).first()
    if person is None:
        raise NotFound
    return person


@dataclass(frozen=True, slots=True)
class PersonStory:
    """What a person's page tells."""

    memberships: list[Membership]
    deputies: list[Deputy]
    stands_in_for: list[Deputy]
    systems: list[System]
    deputy_of: list[System]
    powerful: bool


def story_of(actor: Actor, person: Person) -> PersonStory:
    """Roles, deputies now and to come, and the systems they own or deputise that the actor may see."""
    moment = now()
    memberships = list(person.memberships.select_related("role", "unit").order_by("role__title"))
    current = (
        Deputy.objects.of(actor).filter(ends_at__gt=moment).select_related("person", "deputy").order_by("starts_at")
    )
    rows = systems(actor).order_by("number")
    return PersonStory(
        memberships=memberships,
        deputies=list(current.filter(person=person)),
        stands_in_for=list(current.filter(deputy=person)),
        systems=list(rows.filter(owner=person)),
        deputy_of=list(rows.filter(deputy=person)),
        powerful=any(is_powerful(membership.role.permissions) for membership in memberships),
    )


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role as the page tells it: what it may do everywhere and on one's own, in words, and how many hold it."""

    role: Role
    everywhere: list[str]
    own: list[str]
    holders: int
    powerful: bool


def role_lines(actor: Actor) -> list[RoleLine]:
    """Every role of the organisation in plain words, by title."""
    held = Count("memberships__person", filter=Q(memberships__person__left_at=None), distinct=True)
    return [role_line(role, role.held) for role in Role.objects.of(actor).annotate(held=held)]


def role_line(role: Role, holders: int = 0) -> RoleLine:
    """One role in plain words, in the order in which the permissions are listed."""
    words = {p: PERMISSIONS[p] for p in PERMISSIONS if p in role.permissions}
    return RoleLine(
        role=role,
        everywhere=[text for p, text in words.items() if role.permissions[p] == "all"],
        own=[text for p, text in words.items() if role.permissions[p] != "all"],
        holders=holders,
        powerful=is_powerful(role.permissions),
    )


def role_of(actor: Actor, key: str) -> Role:
    """The role with this key, or NotFound."""
    role: Role = Role.objects.get_of(actor, key=key)
    return role


def units_counted(actor: Actor) -> QuerySet[Unit]:
    """Every unit, with how many people and systems sit in it directly."""
    rows: QuerySet[Unit] = Unit.objects.of(actor)
    return rows.annotate(
        people_count=Count("people", filter=Q(people__left_at=None), distinct=True),
        system_count=Count("systems", distinct=True),
    )


def tokens(actor: Actor) -> QuerySet[Token]:
    """One's own tokens, and with the permission to manage them everyone's and the services'. Live ones first."""
    rows: QuerySet[Token] = Token.objects.of(actor).select_related("person", "issued_by")
    if not actor.may("token.manage"):
        rows = rows.filter(person_id=actor.person_id) if actor.person_id else rows.none()
    return rows.order_by("revoked_at", "-created_at")


def live(rows: QuerySet[Token]) -> QuerySet[Token]:
    """Only tokens that open something now."""
    return rows.filter(revoked_at=None, expires_at__gt=timezone.now())


def _memberships() -> Prefetch[str]:
    return Prefetch("memberships", Membership.objects.select_related("role", "unit").order_by("role__title"))
