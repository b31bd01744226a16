"""What requests do by themselves: send what is due, end what is over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.notify.notices import notify
from pilothouse.kernel.requests.mails import send_due
from pilothouse.kernel.requests.models import FactLink, FactRequest


def requests_tick(moment: datetime) -> dict[str, int]:
    """End requests whose time is over and send the e-mails that are due. Running it twice does nothing twice."""
    expired = 0
    for request_id in FactRequest.objects.filter(end="", expires_at__lte=moment).values_list("pk", flat=True)[:200]:
        expired += _expire(request_id, moment)
    return {"expired": expired, **send_due(moment)}


def _expire(request_id: UUID, moment: datetime) -> int:
    with transaction.atomic():
        row = FactRequest.objects.select_related("organisation").get(pk=request_id)
        lock_log(row.organisation_id)
        request = FactRequest.objects.select_for_update().filter(pk=row.pk, end="").first()
        if request is None:
            return 0
        request.end, request.ended_at = "expired", moment
        request.save(update_fields=("end", "ended_at"))
        silent = FactLink.objects.filter(request=request, answered_at=None, revoked_at=None)
        count = silent.count()
        # What was typed and never sent is nobody's statement; it goes with the link.
        silent.update(mail_due_at=None, draft={})
        record(system_actor(request.organisation_id), "fact_request.expired", request, after={"unanswered": count})
        if request.asked_by_id:
            url = f"/o/{row.organisation.slug}/requests/{request.pk}/"
            notify([request.asked_by_id], f"“{request.title}” is over; {count} did not answer everything.", url)
    return 1
