"""The e-mails of a request. A mail's secret is made when it is sent and is in no table, so a mail is never re-sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.db.models import QuerySet

from pilothouse.kernel.requests.models import FactLink
from pilothouse.kernel.requests.secrets import mint

log = structlog.get_logger(__name__)

RETRY = timedelta(minutes=10)
MOST_ATTEMPTS = 5
BATCH = 200


def address(secret: str) -> str:
    """The address that the link with this secret opens at."""
    return f"{settings.BASE_URL}/ask/{secret}/"


def send_due(moment: datetime, only: QuerySet[FactLink] | None = None) -> dict[str, int]:
    """Send the mails whose time has come. Returns how many were sent and how many failed.

    A mail is claimed before it is sent, so two ticks at once send one; after a crash in between it is sent again.
    """
    done = {"sent": 0, "failed": 0}
    for link_id in _claimed(moment, only):
        link = FactLink.objects.select_related("request__organisation").get(pk=link_id)
        done["sent" if _send(link, moment) else "failed"] += 1
    return done


def send_soon(organisation_id: UUID, moment: Callable[[], datetime]) -> None:
    """Send what is due when this transaction is done; what fails then is tried again by the tick."""
    rows = FactLink.objects.filter(organisation_id=organisation_id)
    transaction.on_commit(lambda: send_due(moment(), rows), robust=True)


def _claimed(moment: datetime, only: QuerySet[FactLink] | None) -> list[UUID]:
    rows = FactLink.objects.all() if only is None else only
    with transaction.atomic():
        due = list(
            rows.filter(
                mail_due_at__lte=moment,
                request__end="",
                request__expires_at__gt=moment,
                revoked_at=None,
                answered_at=None,
            )
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("mail_due_at", "id")[:BATCH]
        )
        for link in due:
            link.mail_attempts += 1
            link.mail_due_at = moment + RETRY * link.mail_attempts if link.mail_attempts < MOST_ATTEMPTS else None
        FactLink.objects.bulk_update(due, ["mail_attempts", "mail_due_at"])
    return [link.pk for link in due]


def _send(link: FactLink, moment: datetime) -> bool:
    message = _message(link, mint(link))
    try:
        message.send()
    except Exception as error:  # whatever a mail back-end raises must not keep the others from their mail
        log.warning("request_mail_failed", link=str(link.pk), error=type(error).__name__)
        link.mail_error = f"Not sent: {type(error).__name__}. It is tried again."[:200]
        link.save(update_fields=("mail_error",))
        return False
    days = link.request.remind_days
    following = moment + timedelta(days=days) if days else None
    link.mail_due_at = following if following and following < link.request.expires_at else None
    link.mail_attempts, link.mail_error = 0, ""
    link.mails_sent += 1
    link.last_mail_at = moment
    link.save(update_fields=("mail_due_at", "mail_attempts", "mail_error", "mails_sent", "last_mail_at"))
    return True


def _message(link: FactLink, secret: str) -> mail.EmailMessage:
    request = link.request
    organisation = request.organisation.name
    reminder = "A reminder: " if link.mails_sent else ""
    systems = list(
        dict.fromkeys(
            link.questions.filter(answered_at=None).order_by("system__number").values_list("system__name", flat=True)
        )
    )
    named = "\n".join(f"  - {name[:120]}" for name in systems[:20])
    more = f"\n  and {len(systems) - 20} more" if len(systems) > 20 else ""
    note = f"\n{request.note}\n" if request.note else ""
    body = (
        f"Hello {link.name},\n\n{reminder}{request.asked_by_name} of {organisation} asks you about AI systems:"
        f"\n\n{named}{more}\n{note}\nAnswer here, without signing in, until {request.expires_at:%-d %B %Y}:\n\n"
        f"{address(secret)}\n\nThe link is yours alone: whoever has it can answer in your name. It asks these "
        "questions and nothing else, never a password or a signature. You can leave and come back; what you typed is "
        "kept.\n"
    )
    subject = " ".join(f"{organisation}: {reminder}{request.title}".split())[:200]
    return mail.EmailMessage(subject=subject, body=body, to=[link.email])
