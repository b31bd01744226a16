"""Publishing the policy: compile, number, keep, sign, lay down.

Three things set it off. An action of this room publishes as soon as it is committed. A publisher beside the server
looks every second whether any organisation's ledger has grown, so whatever else happened (a gate passed, a system
suspended, a unit moved) counts too, and it renews the list of stops every few seconds, by which gateways know that they
are in touch. And a job renews every snapshot long before it ends.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from django.db import close_old_connections, transaction
from django.utils import timezone

from pilothouse.contracts.policy import envelope
from pilothouse.contracts.policy.snapshot import Snapshot, Suspensions
from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.ledger.models import Log
from pilothouse.kernel.notify.notices import holders, notify
from pilothouse.kernel.policy import files
from pilothouse.kernel.policy.compile import START, compile_snapshot, compile_stops
from pilothouse.kernel.policy.models import GatewayKey, Publication, SnapshotRevision

log = structlog.get_logger(__name__)

LOOK_EVERY = 0.7  # seconds; with the gateway's own look every half second, a stop holds within two
BEAT_EVERY = 15.0
ALARMS = (24, 1)  # hours without renewal


@dataclass(frozen=True, slots=True)
class Published:
    """The two documents of an organisation as they were laid down."""

    snapshot: Snapshot
    suspensions: Suspensions


def publish(organisation_id: UUID, *, renew: bool = True) -> Published:
    """Compile what holds now, number it if it differs from what was published, sign it and lay it down.

    Without `renew`, rules that did not change are left as they lie.
    """
    organisation = Organisation.objects.get(pk=organisation_id)
    if not renew:
        still = _unchanged(organisation)
        if still is not None:
            return still
    with transaction.atomic():
        lock_log(organisation_id)
        head, _ = Publication.objects.select_for_update().get_or_create(organisation=organisation)
        snapshot, stops = _compiled(organisation)
        _not_behind(head, organisation)
        _number(head, organisation, snapshot, stops)
        published = Published(
            msgspec.structs.replace(snapshot, revision=head.revision),
            msgspec.structs.replace(stops, revision=head.stops_revision),
        )
    files.write(published.suspensions)
    files.write(published.snapshot)
    return published


def _unchanged(organisation: Organisation) -> Published | None:
    """What was published, when it still is what holds. Takes no lock: the next look finds what changes meanwhile."""
    head = Publication.objects.filter(organisation=organisation).first()
    if head is None:
        return None
    snapshot, stops = _compiled(organisation)
    if (_digest(snapshot), _digest(stops)) != (head.digest, head.stops_digest):
        return None
    return Published(
        msgspec.structs.replace(snapshot, revision=head.revision),
        msgspec.structs.replace(stops, revision=head.stops_revision),
    )


def _compiled(organisation: Organisation) -> tuple[Snapshot, Suspensions]:
    snapshot = compile_snapshot(organisation, timezone.now())  # gateways live in real time, whatever is being told
    return snapshot, compile_stops(organisation, snapshot)


def _not_behind(head: Publication, organisation: Organisation) -> None:
    """Count on from what lies in the files, where the database is older: it was restored from a backup."""
    name = str(organisation.pk)
    rules, brakes = files.read(name, Snapshot), files.read(name, Suspensions)
    if rules is not None and rules.revision > head.revision:
        head.revision, head.digest = rules.revision, ""
    if brakes is not None and brakes.revision > head.stops_revision:
        head.stops_revision, head.stops_digest = brakes.revision, ""


def _number(head: Publication, organisation: Organisation, snapshot: Snapshot, stops: Suspensions) -> None:
    """Give rules that changed the next number; renew the times either way."""
    rules, brakes = _digest(snapshot), _digest(stops)
    if rules != head.digest:
        head.revision, head.digest = head.revision + 1, rules
        row = SnapshotRevision.objects.create(
            organisation=organisation,
            revision=head.revision,
            digest=rules,
            body=envelope.body(msgspec.structs.replace(snapshot, revision=head.revision, corpora={})).decode(),
            made_at=snapshot.issued_at,
        )
        after = {"revision": head.revision, "digest": rules}
        record(system_actor(organisation.pk), "policy.published", row, after=after)
    if brakes != head.stops_digest:
        head.stops_revision, head.stops_digest = head.stops_revision + 1, brakes
    head.issued_at, head.not_after, head.alarmed = snapshot.issued_at, snapshot.not_after, 0
    head.save()


def _digest(document: Snapshot | Suspensions) -> str:
    """The hash of the rules alone: the same rules at another time are the same."""
    still: dict[str, Any] = {"issued_at": START}
    if isinstance(document, Snapshot):
        still["not_after"] = START
    return envelope.digest(msgspec.structs.replace(document, **still))


def publish_soon(organisation_id: UUID) -> None:
    """Publish once the present transaction is committed. A failure is logged; the publisher tries again."""
    transaction.on_commit(lambda: _safely(organisation_id), robust=True)


def _safely(organisation_id: UUID) -> bool:
    """Publish, or log why not: one organisation's trouble must not keep another's policy from its gateways."""
    try:
        publish(organisation_id)
    except Exception:
        log.exception("policy_not_published", organisation=str(organisation_id))
        return False
    return True


def policy_tick(moment: datetime) -> dict[str, int]:
    """Renew the policy of every organisation that has keys or ever published one."""
    done = [_safely(pk) for pk in concerned()]
    return {"organisations": len(done), "failed": done.count(False)}


def concerned() -> list[UUID]:
    """Organisations that a gateway may serve."""
    keyed = GatewayKey.objects.values_list("organisation_id", flat=True).distinct().order_by()
    published = Publication.objects.values_list("organisation_id", flat=True)
    return sorted({*keyed, *published})


def policy_alarm_tick(moment: datetime) -> dict[str, int]:
    """Tell those who manage gateways, once after an hour and once after a day, that a snapshot was not renewed."""
    told = 0
    for head in Publication.objects.filter(issued_at__lt=moment - timedelta(hours=1)).select_related("organisation"):
        late = moment - (head.issued_at or moment)
        hours = next(hours for hours in ALARMS if late >= timedelta(hours=hours))
        if hours <= head.alarmed:
            continue
        with transaction.atomic():
            Publication.objects.filter(pk=head.pk).update(alarmed=hours)
            text = f"The gateway's policy was not renewed for {int(late.total_seconds() // 3600)} h; it ends at "
            text += f"{head.not_after:%-d %B %H:%M} UTC. Then every call is refused."
            told += notify(holders(head.organisation, "gateway.manage"), text, f"/o/{head.organisation.slug}/gateway/")
    return {"told": told}


class Publisher:
    """Looks and beats in a thread of its own for as long as the server runs."""

    def __init__(self) -> None:
        self._end = threading.Event()
        self._seen: dict[UUID, int] = {}
        self._stops: dict[UUID, Suspensions] = {}
        self._beat = 0.0
        self._thread = threading.Thread(target=self._run, name="policy-publisher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._end.wait(LOOK_EVERY):
            try:
                self.look()
            except Exception:  # the database is away, the disk is full: the next look may do
                log.exception("policy_publisher")
            finally:
                close_old_connections()

    def look(self) -> None:
        """Publish what grew since the last look, and renew the stops when it is time. A failure is tried again."""
        wanted = set(concerned())
        sizes = dict(Log.objects.filter(pk__in=wanted).values_list("pk", "size"))
        for organisation_id, size in sizes.items():
            if self._seen.get(organisation_id) != size:
                self._take(organisation_id, size)
        if time.monotonic() - self._beat >= BEAT_EVERY:
            self._beat = time.monotonic()
            for organisation_id, stops in self._stops.items():
                self._stops[organisation_id] = msgspec.structs.replace(stops, issued_at=timezone.now())
                files.write(self._stops[organisation_id])

    def _take(self, organisation_id: UUID, size: int) -> None:
        """Publish what an organisation's ledger grew to. While that fails its list of stops is not renewed either: a
        gateway must not believe that it would hear of a stop, and high-risk systems end after a minute."""
        try:
            self._stops[organisation_id] = publish(organisation_id, renew=False).suspensions
            self._seen[organisation_id] = size
        except Exception:
            log.exception("policy_not_published", organisation=str(organisation_id))
            self._stops.pop(organisation_id, None)
