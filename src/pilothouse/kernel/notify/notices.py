"""Telling people: `notify` writes notices inside the caller's transaction; `notices_tick` sends the e-mails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.db.models import QuerySet

from pilothouse.contracts.errors import Forbidden
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Membership, Organisation, Person
from pilothouse.kernel.base import new_id
from pilothouse.kernel.clock import now
from pilothouse.kernel.notify.models import Notice, Preference

log = structlog.get_logger(__name__)

DIGEST_EVERY = timedelta(hours=24)
CLAIM = timedelta(minutes=2)
MOST_ATTEMPTS = 5
BATCH = 200


def notify(people: Iterable[Person | UUID], text: str, url: str = "") -> int:
    """Tell `people` (rows or ids; each once, leavers not at all) `text`, with a path to go to. Returns how many.

    Writes rows only, so it belongs to the caller's transaction; the e-mail goes out with the next tick.
    """
    ids = {person.pk if isinstance(person, Person) else person for person in people}
    found = list(Person.objects.filter(pk__in=ids, left_at=None).values_list("pk", "organisation_id", "email"))
    wishes = {wish.person_id: wish for wish in Preference.objects.filter(person_id__in=ids)}
    moment = now()
    Notice.objects.bulk_create(
        Notice(
            id=new_id(),
            organisation_id=organisation_id,
            person_id=pk,
            text=text[:500],
            url=url[:500],
            at=moment,
            email="due" if email and (pk not in wishes or wishes[pk].email != "none") else "none",
            email_at=_first_attempt(wishes.get(pk), moment),
        )
        for pk, organisation_id, email in found
    )
    return len(found)


def _first_attempt(wish: Preference | None, moment: datetime) -> datetime:
    if wish is None or wish.email != "daily" or wish.digest_at is None:
        return moment
    return max(moment, wish.digest_at + DIGEST_EVERY)


def holders(organisation: Organisation | UUID, permission: str) -> list[UUID]:
    """The people of the organisation who hold `permission` anywhere by a role of their own."""
    organisation_id = organisation.pk if isinstance(organisation, Organisation) else organisation
    rows = Membership.objects.filter(organisation_id=organisation_id, person__left_at=None).values_list(
        "person_id", "role__permissions"
    )
    return sorted({person_id for person_id, permissions in rows if permission in permissions})


def notices_of(actor: Actor) -> QuerySet[Notice]:
    """The actor's own notices, newest first. A deputy has their own."""
    rows: QuerySet[Notice] = Notice.objects.of(actor)
    return rows.filter(person_id=actor.person_id) if actor.person_id else rows.none()


def unread_count(actor: Actor) -> int:
    """How many notices wait unread for the actor: the number on the bell."""
    return notices_of(actor).filter(read_at=None).count() if actor.person_id else 0


def notices_read(*, actor: Actor, notice_ids: Sequence[UUID] | None = None) -> int:
    """Mark one's own notices as read (all, without ids). Returns how many. Governs nobody: no ledger entry."""
    rows = notices_of(actor).filter(read_at=None)
    if notice_ids is not None:
        rows = rows.filter(pk__in=notice_ids)
    return rows.update(read_at=now())


def preference_set(*, actor: Actor, email: str) -> Preference:
    """How the actor wants to be told: `each`, `daily` or `none`."""
    if actor.person_id is None:
        raise Forbidden("Only a person can choose how they are told.")
    preference, _ = Preference.objects.update_or_create(
        person_id=actor.person_id, defaults={"organisation_id": actor.organisation_id, "email": email}
    )
    return preference


def notices_tick(moment: datetime) -> dict[str, int]:
    """Send the e-mails that are due. Returns how many were sent and how many failed this time.

    Each notice is claimed before it is sent and counted as sent only after, so two ticks at once send it once, and a
    crash in between sends it again after the claim runs out rather than never.
    """
    done = {"sent": 0, "failed": 0}
    for person, notices in _due(moment):
        message = _message(person, notices)
        ids = [notice.pk for notice in notices]
        try:
            message.send()
        except Exception as error:  # whatever a mail back-end raises must not keep the others from their mail
            log.warning("notice_email_failed", person=str(person.pk), error=type(error).__name__)
            Notice.objects.filter(pk__in=ids, attempts__gte=MOST_ATTEMPTS).update(email="failed")
            done["failed"] += len(ids)
            continue
        Notice.objects.filter(pk__in=ids).update(email="sent")
        Preference.objects.filter(person=person).update(digest_at=moment)
        done["sent"] += len(ids)
    return done


def _due(moment: datetime) -> list[tuple[Person, list[Notice]]]:
    """Claimed notices by person: an e-mail each for those who want each, all in one for a daily digest."""
    with transaction.atomic():
        rows = list(
            Notice.objects.filter(email="due", email_at__lte=moment, person__left_at=None)
            .select_for_update(of=("self",), skip_locked=True)
            .select_related("person__organisation", "person__notice_preference")
            .order_by("email_at", "id")[:BATCH]
        )
        for notice in rows:
            notice.attempts += 1
            notice.email_at = moment + CLAIM * notice.attempts
        Notice.objects.bulk_update(rows, ["attempts", "email_at"])
    mails: list[tuple[Person, list[Notice]]] = []
    digests: defaultdict[UUID, list[Notice]] = defaultdict(list)
    for notice in rows:
        wish = getattr(notice.person, "notice_preference", None)
        if wish is not None and wish.email == "daily":
            digests[notice.person_id].append(notice)
        else:
            mails.append((notice.person, [notice]))
    return mails + [(notices[0].person, notices) for notices in digests.values()]


def _message(person: Person, notices: Sequence[Notice]) -> mail.EmailMessage:
    organisation = person.organisation
    lines = [notice.text + (f"\n{settings.BASE_URL}{notice.url}" if notice.url else "") for notice in notices]
    # A line break in a subject would be a header of its own.
    subject = " ".join(notices[0].text.split()) if len(notices) == 1 else f"{len(notices)} notices"
    footer = f"You can choose how you are told: {settings.BASE_URL}/o/{organisation.slug}/me/notices/"
    return mail.EmailMessage(
        subject=f"{organisation.name}: {subject}"[:200],
        body="\n\n".join([*lines, "--", footer]),
        to=[person.email],
    )
