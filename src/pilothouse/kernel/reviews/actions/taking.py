"""Taking in what gateways held. Each becomes a review with a decision; the same one found again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from pilothouse.contracts.policy.request import person_id
from pilothouse.contracts.policy.texts import BadText, Held, Label
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person, Role
from pilothouse.kernel.actions import action
from pilothouse.kernel.base import new_id
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import Ask, decisions_request
from pilothouse.kernel.inventory.models import System, Tier
from pilothouse.kernel.ledger.log import Event, lock_log, record_many
from pilothouse.kernel.policy.models import PolicySetting
from pilothouse.kernel.policy.rules import SystemRules, convert
from pilothouse.kernel.reviews.models import Review
from pilothouse.kernel.texts import store
from pilothouse.kernel.traffic.names import is_id

log = structlog.get_logger(__name__)
MOST = 500  # at a time; the rest comes with the next look
STEP_DAYS = 1
Found = tuple[Label, Held, str]


@action("organisation.change")
def reviews_take_in(*, actor: Actor) -> int:
    """Make a review of every held answer that has none yet. Returns how many."""
    organisation = str(actor.organisation_id)
    waiting = store.calls(organisation, "held")
    if not waiting:
        return 0
    lock_log(actor.organisation_id)
    known = set(Review.objects.of(actor).filter(removed_at=None).values_list("call", flat=True))
    found = [one for call in sorted(waiting - known)[:MOST] if (one := _read(organisation, call)) is not None]
    wanted = {label.system for label, _, _ in found if is_id(label.system)}
    systems = {str(row.pk): row for row in System.objects.of(actor).filter(pk__in=wanted).select_related("unit")}
    found = [one for one in found if one[0].system in systems]
    if not found:
        return 0
    reviews = [_review(actor, *one, systems[one[0].system]) for one in found]
    Review.objects.bulk_create(reviews, batch_size=200)
    events = [Event("review.taken_in", row, row.system_id, after={"call": row.call, "why": row.why}) for row in reviews]
    record_many(actor, events)
    _ask(actor, reviews)
    return len(reviews)


def _read(organisation: str, call: str) -> Found | None:
    """A held answer that opens; another is told to the operator and stays where it is."""
    try:
        found = store.read(organisation, call, Held)
    except BadText:
        log.error("held_answer_unreadable", organisation=organisation, call=call)
        return None
    return (*found, store.digest_of(organisation, "held", call)) if found else None


def _review(actor: Actor, label: Label, held: Held, digest: str, system: System) -> Review:
    return Review(
        id=new_id(),
        organisation_id=actor.organisation_id,
        system=system,
        call=label.call,
        at=label.at,
        taken_at=now(),
        key=label.key,
        unit=held.unit,
        person=label.person,
        agent=held.agent[:200],
        model=held.model[:200],
        endpoint=held.endpoint,
        purpose=held.purpose[:100],
        why=held.why,
        score=held.score,
        findings=held.findings,
        digest=digest,
    )


def _ask(actor: Actor, reviews: Sequence[Review]) -> None:
    """One decision for each, of whoever may review. On whose behalf a call was made decides on it in no case."""
    roles = _reviewers(actor.organisation_id)
    path = active_body(actor.organisation_id).decisions.escalate
    hours = _hours(actor, reviews)
    asks = [
        Ask(
            kind="answer.held",
            title=f"An answer of {review.system.ref} {review.system.name} waits",
            summary=f"{review.get_why_display()}.",
            subject=review,
            system=review.system,
            groups=[roles],
            payload={"call": review.call},
            high_risk=review.system.tier == Tier.HIGH,
            deadline=review.taken_at + timedelta(hours=hours.get(review.system_id, 24)),
            step_days=STEP_DAYS,
            escalation_path=path,
            idempotency=f"held-{review.call}"[:80],
        )
        for review in reviews
    ]
    people = _people(actor, {review.person for review in reviews})
    for review, decision in zip(reviews, decisions_request(actor=actor, asks=asks), strict=True):
        review.decision = decision
        if person := people.get(review.person):
            decision.proposers.add(person)
    Review.objects.bulk_update(reviews, ["decision"], batch_size=200)


def _reviewers(organisation_id: UUID) -> list[str]:
    """Roles that may review and decide; the CAIO's where an organisation took that from every role."""
    rows = Role.objects.filter(organisation_id=organisation_id).order_by("key").values_list("key", "permissions")
    return [key for key, may in rows if "answer.review" in may and "decision.decide" in may] or ["caio"]


def _hours(actor: Actor, reviews: Sequence[Review]) -> dict[UUID, int]:
    """After how long each system's answers escalate."""
    wanted = {review.system_id for review in reviews}
    rows = PolicySetting.objects.of(actor).filter(system__in=wanted).values_list("system_id", "rules")
    return {system: convert(rules, SystemRules, "The policy").hold.hours for system, rules in rows}


def _people(actor: Actor, hashes: set[str]) -> dict[str, Person]:
    """The people of the directory behind these hashes: by their address or their id."""
    if not hashes - {""}:
        return {}
    organisation = str(actor.organisation_id)
    found = {}
    for person in Person.objects.filter(organisation_id=actor.organisation_id):
        for told in (person.email, str(person.pk)):
            if told and (hashed := person_id(organisation, told)) in hashes:
                found[hashed] = person
    return found
