"""Asking: who is asked what, reminding, revoking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.models import Practice, System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.ledger.log import Event, lock_log, record, record_many
from pilothouse.kernel.requests.mails import address, send_soon
from pilothouse.kernel.requests.models import FactLink, FactQuestion, FactRequest
from pilothouse.kernel.requests.questions import catalogue, known
from pilothouse.kernel.requests.secrets import mint

MOST_SYSTEMS, MOST_DAYS = 500, 90


@dataclass(slots=True)
class Asked:
    """One recipient with their systems and what each is asked."""

    name: str
    email: str
    person_id: UUID | None
    questions: list[tuple[System, str, object]] = field(default_factory=list)


@action("fact.request")
def request_send(
    *,
    actor: Actor,
    title: str,
    numbers: Sequence[int],
    keys: Sequence[str],
    note: str = "",
    email: str = "",
    everyone_to: bool = False,
    days: int = 14,
    remind_days: int = 4,
    only_missing: bool = True,
) -> FactRequest:
    """Ask the owners of the systems `numbers` the questions `keys`, each by a link of their own.

    `email` is asked about systems without an owner who can be reached, or with `everyone_to` about all of them. With
    `only_missing` a question whose answer is known already is not put. All or nothing: Invalid with `data["rows"]`
    names each system that nobody can be asked about.
    """
    numbers, keys = list(dict.fromkeys(numbers)), list(dict.fromkeys(keys))
    email = _checked(actor, title, numbers, keys, email, days, remind_days, everyone_to)
    found = systems(actor, "fact.request").select_related("owner", "unit").filter(number__in=numbers)
    by_number = {system.number: system for system in found}
    asked, refused = _recipients(
        actor, [by_number.get(n) for n in numbers], numbers, keys, email, everyone_to, only_missing
    )
    if refused:
        rows = [{"number": number, "reason": reason} for number, reason in refused]
        raise Invalid(
            f"{len(refused)} of these systems have nobody who can be asked. Give an e-mail address for them.",
            fields={"email": "Who should be asked about systems without an owner?"},
            data={"rows": rows},
        )
    if not asked:
        raise Invalid("All of this is known already: there is nothing to ask.", fields={"keys": "Known already."})
    lock_log(actor.organisation_id)
    moment = now()
    request = FactRequest.objects.create(
        organisation_id=actor.organisation_id,
        title=title.strip()[:200],
        note=note.strip(),
        asked_by_id=actor.person_id,
        asked_by_name=actor.name,
        created_at=moment,
        expires_at=moment + timedelta(days=days),
        remind_days=remind_days,
    )
    _store(actor, request, asked)
    send_soon(actor.organisation_id, now)
    return request


@action("fact.request", on="request")
def request_remind(*, actor: Actor, request: FactRequest, link: FactLink | None = None) -> int:
    """Send a reminder now to everyone who has not answered all, or to one of them. Returns to how many."""
    lock_log(actor.organisation_id)
    links = _open_links(_still_open(request), link)
    for each in links:
        each.mail_due_at, each.mail_attempts = now(), 0
    FactLink.objects.bulk_update(links, ["mail_due_at", "mail_attempts"])
    record(actor, "fact_request.reminded", request, after={"to": [each.email for each in links]})
    send_soon(actor.organisation_id, now)
    return len(links)


@action("fact.request", on="request")
def request_revoke(*, actor: Actor, request: FactRequest, link: FactLink | None = None) -> FactRequest:
    """End a request, or one person's part of it: their links open nothing any more. Answers that were given stay."""
    lock_log(actor.organisation_id)
    current = _still_open(request)
    links = _open_links(current, link)
    for each in links:
        each.revoked_at, each.mail_due_at, each.draft = now(), None, {}
    FactLink.objects.bulk_update(links, ["revoked_at", "mail_due_at", "draft"])
    if link is None or not current.links.filter(revoked_at=None, answered_at=None).exists():
        current.end, current.ended_at = "revoked", now()
        current.save(update_fields=("end", "ended_at"))
    record(actor, "fact_request.revoked", current, after={"to": [each.email for each in links]})
    return current


@action("fact.request", on="request")
def link_hand_over(*, actor: Actor, request: FactRequest, link: FactLink) -> str:
    """An address that opens the link, told only now, for handing over by other means than e-mail."""
    lock_log(actor.organisation_id)
    if not _open_links(_still_open(request), link):
        raise Conflict("This link is answered or revoked.", code="closed")
    record(actor, "fact_request.handed_over", request, after={"for": link.email})
    return address(mint(link))


def _checked(
    actor: Actor,
    title: str,
    numbers: Sequence[int],
    keys: Sequence[str],
    email: str,
    days: int,
    remind: int,
    all_to: bool,
) -> str:
    """The e-mail address in its plain form. Raises Invalid that names everything wrong with the request."""
    wrong: dict[str, str] = {}
    if not title.strip():
        wrong["title"] = "Say in a few words what you ask."
    if not 0 < len(numbers) <= MOST_SYSTEMS:
        wrong["numbers"] = f"Choose from 1 to {MOST_SYSTEMS} systems; these are {len(numbers)}."
    questions = catalogue(actor.organisation_id)
    if not keys:
        wrong["keys"] = "Choose at least one question."
    elif unknown := [key for key in keys if key not in questions]:
        wrong["keys"] = f"There is no question “{unknown[0]}”."
    if not 1 <= days <= MOST_DAYS:
        wrong["days"] = f"From 1 to {MOST_DAYS} days."
    if not 0 <= remind <= MOST_DAYS:
        wrong["remind_days"] = f"From 0 (never) to {MOST_DAYS} days."
    email = email.strip().lower()
    if email or all_to:
        try:
            validate_email(email)
        except ValidationError:
            wrong["email"] = "This is no e-mail address."
    if wrong:
        raise Invalid("Please look again at the request.", fields=wrong)
    return email


def _recipients(
    actor: Actor,
    found: Iterable[System | None],
    numbers: Sequence[int],
    keys: Sequence[str],
    email: str,
    everyone_to: bool,
    only_missing: bool,
) -> tuple[list[Asked], list[tuple[int, str]]]:
    """Who is asked what, and the systems that nobody can be asked about."""
    said: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    practices = Practice.objects.of(actor).filter(system__number__in=numbers)
    for system_id, key, status in practices.values_list("system_id", "key", "status"):
        said[system_id][key] = status
    other = Person.objects.of(actor).filter(email__iexact=email, left_at=None).first() if email else None
    asked: dict[str, Asked] = {}
    refused: list[tuple[int, str]] = []
    for number, system in zip(numbers, found, strict=True):
        if system is None:
            refused.append((number, "There is no such system, or it is not yours to ask about."))
            continue
        facts = [(system, key, known(system, key, said[system.pk])) for key in keys]
        questions = [fact for fact in facts if not only_missing or fact[2] is None]
        if not questions:
            continue
        owner = system.owner if system.owner and system.owner.email and system.owner.left_at is None else None
        if everyone_to or (owner is None and email):
            to = Asked(other.name if other else email, email, other.pk if other else None)
        elif owner is not None:
            to = Asked(owner.name, owner.email.lower(), owner.pk)
        else:
            reason = "Its owner has no e-mail address." if system.owner else "Nobody owns it."
            refused.append((number, reason))
            continue
        asked.setdefault(to.email, to).questions.extend(questions)
    return list(asked.values()), refused


def _store(actor: Actor, request: FactRequest, asked: Iterable[Asked]) -> None:
    links: list[FactLink] = []
    questions: list[FactQuestion] = []
    events: list[Event] = []
    for each in asked:
        link = FactLink(
            organisation_id=request.organisation_id,
            request=request,
            person_id=each.person_id,
            name=each.name[:200],
            email=each.email,
            mail_due_at=request.created_at,
        )
        links.append(link)
        per_system: defaultdict[UUID, list[str]] = defaultdict(list)
        for system, key, before in each.questions:
            questions.append(
                FactQuestion(organisation_id=request.organisation_id, link=link, system=system, key=key, before=before)
            )
            per_system[system.pk].append(key)
        for system_id, keys in per_system.items():
            said: Mapping[str, object] = {"title": request.title, "of": each.email, "questions": keys}
            events.append(Event("fact_request.asked", request, system_id, after=said))
    FactLink.objects.bulk_create(links, batch_size=200)
    FactQuestion.objects.bulk_create(questions, batch_size=500)
    record_many(actor, events)


def _open_links(request: FactRequest, link: FactLink | None) -> list[FactLink]:
    rows = request.links.select_for_update().filter(revoked_at=None, answered_at=None).order_by("pk")
    return list(rows.filter(pk=link.pk) if link else rows)


def _still_open(request: FactRequest) -> FactRequest:
    """The request as it is now, locked. Raises Conflict when it has ended."""
    current = FactRequest.objects.select_for_update().get(pk=request.pk)
    if current.end:
        raise Conflict(f"This request has ended: {current.get_end_display().lower()}.", code="closed")
    return current
