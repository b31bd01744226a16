"""Checkpoints, their witness, and the erasure of an entry's content where the law requires it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, OuterRef, Q, Subquery

from pilothouse.contracts import merkle
from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.ledger import keys, notes, witness
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.ledger.models import Checkpoint, Content, Entry, Log, Witnessing

DAY = timedelta(days=1)
ERASED = "ledger.entry_erased"


@action("ledger.view")
def checkpoint_make(*, actor: Actor) -> Checkpoint:
    """Sign the log as it stands. Making one again without a new entry gives the same checkpoint.

    It is no entry of its own: it would be outdated by its own making, and the database keeps it as firmly as entries.
    Raises Conflict while the log is empty.
    """
    log = lock_log(actor.organisation_id)
    if not log.size:
        raise Conflict("The log is still empty, so there is nothing to sign.")
    found = Checkpoint.objects.of(actor).filter(size=log.size).first()
    if found is not None:
        return found
    top = merkle.root([bytes.fromhex(h) for h in log.frontier])
    return Checkpoint.objects.create(
        organisation_id=actor.organisation_id,
        size=log.size,
        root=top.hex(),
        at=clock.now(),
        note=notes.sign(notes.origin_of(actor.organisation_id), log.size, top, keys.signing_key()),
    )


def checkpoint_witness(*, actor: Actor, checkpoint: Checkpoint) -> Witnessing | None:
    """Hand a checkpoint to the configured witness and remember how that went; None without a witness.

    Outside any transaction: a slow witness must not hold the log.
    """
    actor.require("ledger.view", checkpoint)
    url = witness.configured()
    if not url:
        return None
    trouble = ""
    try:
        witness.hand_over(url, checkpoint.note, f"Pilothouse checkpoint {checkpoint.size}")
    except witness.WitnessRefusedError as error:
        trouble = str(error)[:300]
    return Witnessing.objects.create(
        organisation_id=checkpoint.organisation_id,
        checkpoint=checkpoint,
        witness=witness.shown(url)[:300],
        at=clock.now(),
        accepted=not trouble,
        trouble=trouble,
    )


def ledger_tick(now: datetime) -> dict[str, int]:
    """Once a day sign every log that grew, and hand the newest checkpoint over until the witness has taken it.

    Call it as often as you like: what is done is not done twice. Returns how many logs it `signed` and how many
    checkpoints the witness took (`witnessed`) or `refused`.
    """
    newest = Checkpoint.objects.filter(organisation=OuterRef("organisation")).order_by("-size")
    due = Log.objects.annotate(
        signed=Subquery(newest.values("size")[:1]), signed_at=Subquery(newest.values("at")[:1])
    ).filter(Q(signed=None) | Q(signed__lt=F("size"), signed_at__lte=now - DAY), size__gt=0)
    done = {"signed": 0, "witnessed": 0, "refused": 0}
    for log in due:
        checkpoint_make(actor=system_actor(log.organisation_id))
        done["signed"] += 1
    for checkpoint in _unwitnessed():
        told = checkpoint_witness(actor=system_actor(checkpoint.organisation_id), checkpoint=checkpoint)
        if told is not None:
            done["witnessed" if told.accepted else "refused"] += 1
    return done


@action("ledger.erase", on="entry")
def entry_erase(*, actor: Actor, entry: Entry, reason: str) -> Entry:
    """Blank the content of an entry because the law requires it. The erasure is an entry of its own, and is returned.

    The erased entry still verifies: its leaf commits to the salted content without holding it.
    Raises Invalid without a reason, Conflict when it is erased already or is itself an erasure.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why the law requires this.", fields={"reason": "Say which request or rule asks for it."})
    lock_log(actor.organisation_id)
    if entry.action == ERASED:
        raise Conflict("An erasure keeps its reason, so that it can be answered for.")
    content = Content.objects.select_for_update().get(entry=entry)
    if content.erased_by_id is not None:
        raise Conflict("The content of this entry is already erased.")
    erasure = record(actor, ERASED, entry, system_id=entry.system_id, note=reason)
    Content.objects.filter(entry=entry).update(salt="", body="", person_id=None, erased_by=erasure)
    return erasure


def _unwitnessed() -> Iterable[Checkpoint]:
    """Every organisation's newest checkpoint that the configured witness has not taken yet."""
    if not witness.configured():
        return ()
    newest = Checkpoint.objects.filter(organisation=OuterRef("organisation")).order_by("-size")
    taken = Witnessing.objects.filter(accepted=True, witness=witness.shown(witness.configured())[:300])
    return Checkpoint.objects.filter(pk=Subquery(newest.values("pk")[:1])).exclude(pk__in=taken.values("checkpoint"))
