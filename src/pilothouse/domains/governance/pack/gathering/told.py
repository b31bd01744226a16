"""The log up to the moment: how long it was, and what of it is about the system."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Max

from pilothouse.domains.governance.pack.material import History, Told
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger import keys, notes
from pilothouse.kernel.ledger.models import Entry, Witnessing
from pilothouse.kernel.ledger.selectors import tell

NEWEST = 200
ACCESSES = ("audit.pack_sealed", "audit.pack_downloaded")


def history(system: System, as_of: datetime) -> History:
    """How much the log held at the moment, and the newest entries about the system, told in words."""
    origin = notes.origin_of(system.organisation_id)
    until = Entry.objects.filter(organisation=system.organisation_id, at__lte=as_of)
    last = until.aggregate(last=Max("seq"))["last"]
    own = until.filter(system_id=system.pk)
    counted = tuple(own.order_by("action").values_list("action").annotate(many=Count("pk")))
    witnessed = Witnessing.objects.filter(organisation=system.organisation_id, accepted=True, at__lte=as_of)
    taken = witnessed.order_by("-at", "-pk").first()
    rows = own.select_related("content__erased_by").order_by("-seq")
    return History(
        origin=origin,
        size=0 if last is None else last + 1,
        of_system=sum(many for _, many in counted),
        by_action=counted,
        newest=_told(rows[:NEWEST]),
        accesses=_told(rows.filter(action__in=ACCESSES)),
        keys=(notes.verifier_key(origin, keys.signing_key().public_key().public_bytes_raw()),),
        witness=taken.witness if taken else "",
    )


def _told(rows: Iterable[Entry]) -> tuple[Told, ...]:
    return tuple(
        Told(
            seq=one.seq,
            at=one.at,
            action=one.action,
            title=one.title,
            who=one.who,
            via=one.via,
            changes=tuple((change.field, change.before, change.after) for change in one.changes),
            note=one.note,
        )
        for one in tell(rows)
    )
