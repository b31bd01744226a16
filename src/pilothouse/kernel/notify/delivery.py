"""Carrying what happened to the outlets: at least once, in order of the ledger, with patience and an end to it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import UUID

import apprise
import httpx
import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F

from pilothouse.contracts.canonical import plain
from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.vault import secret_of
from pilothouse.kernel.base import new_id
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.notify.models import Delivery, Outlet
from pilothouse.kernel.notify.notices import holders, notify
from pilothouse.kernel.notify.outlets import matches
from pilothouse.kernel.notify.reach import target_of
from pilothouse.kernel.notify.signing import headers

log = structlog.get_logger(__name__)

# How long to wait after each failed attempt; after the last the delivery is given up.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
DISABLE_AFTER = 25  # failed attempts in a row, of whatever delivery
ENTRIES = 500  # read of a ledger in one tick, for one outlet
SENT = 200  # deliveries attempted in one tick
CLAIM = timedelta(minutes=2)
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
KEPT = timedelta(days=30)


def webhooks_tick(moment: datetime) -> dict[str, int]:
    """Queue what the ledgers hold anew for each outlet, send what is due, drop what is old. Safe to run twice."""
    queued = sum(_queue(outlet_id, moment) for outlet_id in _live())
    sent = [_attempt(delivery, moment) for delivery in _due(moment)]
    Delivery.objects.filter(at__lt=moment - KEPT).exclude(state="waiting").delete()
    return {"queued": queued, "delivered": sent.count(True), "failed": sent.count(False)}


def _live() -> list[UUID]:
    return list(Outlet.objects.filter(disabled_at=None).values_list("pk", flat=True))


def _queue(outlet_id: UUID, moment: datetime) -> int:
    """Turn new ledger entries into deliveries and move the cursor, in one transaction: none is lost or doubled."""
    with transaction.atomic():
        outlet = (
            Outlet.objects.select_for_update(of=("self",))
            .select_related("organisation")
            .filter(pk=outlet_id, disabled_at=None)
            .first()
        )
        if outlet is None:
            return 0
        entries = list(
            Entry.objects.filter(organisation_id=outlet.organisation_id, seq__gte=outlet.cursor).order_by("seq")[
                :ENTRIES
            ]
        )
        if not entries:
            return 0
        # An outlet is not told of its own deliveries, or one failure would make the next message.
        wanted = [e for e in entries if matches(outlet.actions, e.action) and not e.action.startswith("delivery.")]
        Delivery.objects.bulk_create(
            [
                Delivery(
                    id=new_id(),
                    organisation_id=outlet.organisation_id,
                    outlet=outlet,
                    seq=entry.seq,
                    action=entry.action,
                    body=_body(outlet, entry),
                    at=moment,
                    next_at=moment,
                )
                for entry in wanted
            ],
            ignore_conflicts=True,
        )
        outlet.cursor = entries[-1].seq + 1
        outlet.save(update_fields=("cursor",))
    return len(wanted)


def _body(outlet: Outlet, entry: Entry) -> str:
    """What is sent: which thing, never what it says. Whoever may know more asks the API with a token of their own."""
    data = {
        "organisation": outlet.organisation.slug,
        "seq": entry.seq,
        "subject": {"type": entry.subject_type, "id": entry.subject_id},
        "system": entry.system_id,
        "url": f"{settings.BASE_URL}/o/{outlet.organisation.slug}/ledger/",
    }
    return json.dumps(plain({"type": entry.action, "timestamp": entry.at, "data": data}))


def _due(moment: datetime) -> list[Delivery]:
    """Claim what is due, oldest first. A claim that its process did not live to use runs out after a while."""
    ready = (
        Delivery.objects.filter(state="waiting", next_at__lte=moment, outlet__disabled_at=None)
        .select_related("outlet__organisation")
        .order_by("next_at", "id")[:SENT]
    )
    claimed = []
    for delivery in ready:
        # Two ticks may see the same row; the one whose update still finds the old time has it.
        mine = Delivery.objects.filter(pk=delivery.pk, state="waiting", next_at=delivery.next_at).update(
            next_at=moment + CLAIM, attempts=F("attempts") + 1
        )
        if mine:
            delivery.attempts += 1
            claimed.append(delivery)
    return claimed


def _attempt(delivery: Delivery, moment: datetime) -> bool:
    """Send one delivery and write down how it went. True when it arrived."""
    outlet = Outlet.objects.select_related("organisation").filter(pk=delivery.outlet_id, disabled_at=None).first()
    if outlet is None:
        return False
    status: int | None = None
    try:
        if outlet.kind == "webhook":
            status = _post(outlet, delivery, moment)
            error = "" if 200 <= status < 300 else f"It answered {status}."
        else:
            error = "" if _announce(outlet, delivery) else "The service did not take it."
    except PilothouseError as refused:
        error = " ".join([*refused.fields.values()]) or refused.detail
    except (httpx.HTTPError, OSError) as failed:
        error = f"No answer: {type(failed).__name__}."
    delivery.status, delivery.error, delivery.last_at = status, error[:300], moment
    if not error:
        delivery.state = "delivered"
        Outlet.objects.filter(pk=outlet.pk).update(failures=0)
    else:
        _failed(outlet, delivery, moment, gone=status == 410)
    delivery.save(update_fields=("state", "status", "error", "last_at", "next_at"))
    return not error


def _failed(outlet: Outlet, delivery: Delivery, moment: datetime, *, gone: bool) -> None:
    if delivery.attempts > len(WAITS) or gone:
        delivery.state = "failed"
    else:
        delivery.next_at = moment + WAITS[delivery.attempts - 1]
    Outlet.objects.filter(pk=outlet.pk).update(failures=F("failures") + 1)
    if gone or outlet.failures + 1 >= DISABLE_AFTER:
        why = "It answered that it is gone." if gone else f"{DISABLE_AFTER} attempts in a row failed: {delivery.error}"
        _disable(outlet, why, moment)


def _disable(outlet: Outlet, why: str, moment: datetime) -> None:
    with transaction.atomic():
        lock_log(outlet.organisation_id)
        changed = Outlet.objects.filter(pk=outlet.pk, disabled_at=None).update(
            disabled_at=moment, disabled_why=why[:300]
        )
        if changed:
            record(
                system_actor(outlet.organisation_id, "Webhooks"),
                "outlet.disabled",
                outlet,
                before={"enabled": True},
                after={"enabled": False},
                note=why,
            )
            url = f"/o/{outlet.organisation.slug}/settings/webhooks/{outlet.pk}/"
            notify(holders(outlet.organisation_id, "webhook.manage"), f"“{outlet.title}” was disabled: {why}", url)


def _post(outlet: Outlet, delivery: Delivery, moment: datetime) -> int:
    target = target_of(outlet.url)
    sent = headers(outlet, delivery, moment) | {"host": target.netloc}
    # trust_env off: a proxy from the environment would look the name up again, past the judgement.
    with (
        httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "POST",
            target.url,
            content=delivery.body.encode(),
            headers=sent,
            # The certificate is checked against the name that was asked for, not against the address.
            extensions={"sni_hostname": target.host},
        ) as response,
    ):
        # What it answers is of no interest, and could be endless.
        return response.status_code


def _announce(outlet: Outlet, delivery: Delivery) -> bool:
    service = apprise.Apprise()
    if not service.add(secret_of(outlet.organisation, outlet.secret_name)):
        return False
    told = json.loads(delivery.body)
    text = f"{told['type']} (entry {told['data']['seq']})\n{told['data']['url']}"
    return bool(service.notify(title=f"{outlet.organisation.name}: {told['type']}", body=text))
