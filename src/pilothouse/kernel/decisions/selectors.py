"""Reading decisions, narrowed to what the actor may see, and who may sign them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Deputy, Membership, Person
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.checks.rulebook import strict_tier
from pilothouse.kernel.decisions.kinds import kinds
from pilothouse.kernel.decisions.models import Decision, HumanOnly, Seat, Signature
from pilothouse.kernel.decisions.rules import Asked, Chair, SeatFact, SignedFact, Signer, take_chair
from pilothouse.kernel.inventory.selectors import systems


def decisions(actor: Actor) -> QuerySet[Decision]:
    """The decisions that the actor may see: about their systems, asked by them, waiting for their roles, or of the
    organisation as a whole if they decide or audit."""
    rows: QuerySet[Decision] = Decision.objects.of(actor).select_related("system__unit", "requested_by")
    if actor.scope("ledger.view").everywhere:
        return rows
    seen = Q(system__in=systems(actor)) | Q(requested_by__in=actor.stands_for)
    seen |= Q(Exists(Seat.objects.filter(decision=OuterRef("pk"), role__in=list(actor.roles))))
    if actor.scope("decision.decide").everywhere:
        seen |= Q(system=None)
    return rows.filter(seen)


def decision_of(actor: Actor, decision_id: UUID | str) -> Decision:
    """One decision that the actor may see, or NotFound."""
    try:
        return decisions(actor).get(pk=decision_id)
    except (Decision.DoesNotExist, ValueError, ValidationError):
        raise NotFound from None


def waiting_for(actor: Actor, now: datetime) -> QuerySet[Decision]:
    """Open decisions that the actor may sign now, in a constant number of queries: most urgent first."""
    if actor.person_id is None or not actor.scope("decision.decide"):
        return Decision.objects.none()
    free = Seat.objects.filter(_held(actor), decision=OuterRef("pk")).exclude(
        Exists(Signature.objects.filter(decision=OuterRef("decision"), group=OuterRef("group")))
    )
    people = list(actor.stands_for)
    own = Q(bars_owners=True) & (Q(system__owner__in=people) | Q(system__deputy__in=people))
    return (
        decisions(actor)
        .filter(Exists(free), state="open", expires_at__gt=now)
        .exclude(own)
        .exclude(Exists(Decision.proposers.through.objects.filter(decision=OuterRef("pk"), person__in=people)))
        .exclude(Exists(Signature.objects.filter(decision=OuterRef("pk"), person=actor.person_id)))
        .order_by("deadline", "id")
    )


def _held(actor: Actor) -> Q:
    """Seats whose role the actor holds where the decision's system is."""
    reach = Q(pk=None)
    rows = Membership.objects.filter(person__in=actor.stands_for).values_list("role__key", "unit__path")
    for role, path in set(rows):
        seat = Q(role=role)
        reach |= seat if path is None else seat & Q(decision__system__unit__path__startswith=path)
    return reach


def signer_of(actor: Actor, decision: Decision) -> Signer:
    """The actor as the rules see them: roles as held now, where this decision's system is."""
    path = decision.unit_path()
    roles: defaultdict[str, set[UUID]] = defaultdict(set)
    rows = Membership.objects.filter(person__in=actor.stands_for, person__left_at=None)
    for role, person_id, unit in rows.values_list("role__key", "person_id", "unit__path"):
        if unit is None or (path and path.startswith(unit)):
            roles[role].add(person_id)
    return Signer(actor.person_id, actor.stands_for, {k: frozenset(v) for k, v in roles.items()}, actor.via)


def asked_of(decision: Decision) -> Asked:
    """The decision as the rules see it, in three queries."""
    kind = kinds[decision.kind]
    owners = decision.system.owner_ids() if decision.bars_owners and decision.system else frozenset[UUID]()
    signed = decision.signatures.values_list("group", "person_id", "acting_for_id")
    return Asked(
        state=decision.state,
        state_title=decision.get_state_display(),
        expires_at=decision.expires_at,
        requested_at=decision.requested_at,
        proposers=frozenset(decision.proposers.values_list("pk", flat=True)),
        owners=owners,
        seats=tuple(SeatFact(*row) for row in decision.seats.values_list("group", "role")),
        signed=tuple(SignedFact(*row) for row in signed),
        high_risk=decision.high_risk,
        human_only=kind.human_only or kind.id in human_only_kinds(decision.organisation_id),
        allow_lone=kind.allow_lone,
    )


def human_only_kinds(organisation_id: UUID) -> frozenset[str]:
    """Kinds that the organisation's register puts beyond any bypass, besides those built so."""
    rows = HumanOnly.objects.filter(organisation_id=organisation_id, removed_at=None).exclude(kind="")
    return frozenset(rows.values_list("kind", flat=True))


def holders(decision: Decision, roles: Sequence[str]) -> list[Person]:
    """People here who hold one of `roles` where the decision's system is."""
    path = decision.unit_path()
    rows = Membership.objects.filter(
        organisation_id=decision.organisation_id, role__key__in=roles, person__left_at=None
    ).select_related("person", "unit")
    people = {m.person for m in rows if m.unit is None or (path and path.startswith(m.unit.path))}
    return sorted(people, key=lambda person: (person.name, str(person.pk)))


def able(decision: Decision, roles: Sequence[str]) -> list[Person]:
    """Those holders of `roles` who may sign: not who asked, nor (where the rule says so) who owns the system."""
    barred = set(decision.proposers.values_list("pk", flat=True))
    if decision.bars_owners and decision.system:
        barred |= decision.system.owner_ids()
    return [person for person in holders(decision, roles) if person.pk not in barred]


def signers_of(decisions: Sequence[Decision]) -> list[set[UUID]]:
    """For each decision (of one organisation) who holds a seat of it, and who stands in for them: three queries."""
    if not decisions:
        return []
    seats: defaultdict[UUID, set[str]] = defaultdict(set)
    for decision_id, role in Seat.objects.filter(decision__in=decisions).values_list("decision_id", "role"):
        seats[decision_id].add(role)
    members = Membership.objects.filter(
        organisation_id=decisions[0].organisation_id, role__key__in=set().union(*seats.values()), person__left_at=None
    ).values_list("person_id", "role__key", "unit__path")
    moment = decisions[0].requested_at
    standing_in: defaultdict[UUID, set[UUID]] = defaultdict(set)
    deputies = Deputy.objects.filter(person__in={row[0] for row in members}, starts_at__lte=moment, ends_at__gt=moment)
    for person_id, deputy_id in deputies.values_list("person_id", "deputy_id"):
        standing_in[person_id].add(deputy_id)
    found = []
    for decision in decisions:
        path = decision.unit_path()
        people = {
            person
            for person, role, unit in members
            if role in seats[decision.pk] and (unit is None or (path and path.startswith(unit)))
        }
        found.append(people.union(*(standing_in[person] for person in people)))
    return found


def deputies_of(people: Sequence[Person], now: datetime) -> list[Person]:
    """Whoever stands in for one of `people` now."""
    rows = Deputy.objects.filter(
        person__in=people, starts_at__lte=now, ends_at__gt=now, deputy__left_at=None
    ).select_related("deputy")
    return sorted({row.deputy for row in rows}, key=lambda person: (person.name, str(person.pk)))


def others_who_could(decision: Decision, asked: Asked, now: datetime) -> bool:
    """Could anyone but those who asked or own it sign a group that still waits?"""
    taken = {signed.group for signed in asked.signed}
    roles = sorted({seat.role for seat in asked.seats if seat.group not in taken})
    people = holders(decision, roles)
    barred = asked.proposers | asked.owners
    return any(person.pk not in barred for person in [*people, *deputies_of(people, now)])


def lone_after(decision: Decision, asked: Asked, now: datetime) -> timedelta | None:
    """How long whoever asked must wait before deciding alone; None where they may not at all.

    They may where the rulebook says so for the system's tier, and nobody else holds a role that could sign.
    """
    if not asked.allow_lone or decision.system is None or others_who_could(decision, asked, now):
        return None
    rule = active_body(decision.organisation_id).lone_decider
    allowed = strict_tier(decision.system.tier) in rule.tiers
    return timedelta(hours=rule.after_hours) if allowed else None


def chair_of(actor: Actor, decision: Decision, now: datetime, role: str = "") -> Chair:
    """The seat that the actor may take now. Raises Forbidden or Conflict, saying why there is none."""
    asked, signer = asked_of(decision), signer_of(actor, decision)
    own = bool(signer.stands_for & (asked.proposers | asked.owners))
    alone = lone_after(decision, asked, now) if own else None
    return take_chair(asked, signer, now, lone_after=alone, role=role)


@dataclass(frozen=True, slots=True)
class SignatureView:
    """A signature as its page shows it; `void` says why it no longer counts, or is empty."""

    signature: Signature
    void: str


def signatures_of(decision: Decision) -> list[SignatureView]:
    """Every signature, the void ones with their reason: a changed record voids its signature."""
    void = void_because(decision)
    rows = decision.signatures.select_related("person", "acting_for")
    return [
        SignatureView(row, void or ("" if row.content_hash == decision.content_hash else "It was for other content."))
        for row in rows
    ]


def void_because(decision: Decision) -> str:
    """Why the decision's signatures no longer count, or the empty string."""
    if decision.state == "superseded":
        return "What was signed changed before everyone had signed."
    if decision.state == "open" or (decision.state == "approved" and kinds[decision.kind].standing):
        current = kinds[decision.kind].current_hash(decision)
        if current != decision.subject_hash:
            return "What was signed has changed since."
    return ""
