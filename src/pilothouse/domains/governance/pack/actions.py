"""Asking for packs, making them, handing them out. What is asked for, sealed and fetched is in the ledger.

A pack is made outside any transaction, since reading takes seconds and would hold everybody's writes. Only its sealing
is one: the manifest's hash enters the ledger and the log is signed, so that a pack that was rolled back shows.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

from django.db.models import F

from pilothouse.contracts.errors import Conflict, Invalid, PilothouseError
from pilothouse.domains.governance.pack import places, timestamp
from pilothouse.domains.governance.pack.building import Built, Profile, build
from pilothouse.domains.governance.pack.models import Pack, Run
from pilothouse.domains.governance.pack.sealing import write_sealed
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.actions import checkpoint_make, checkpoint_witness
from pilothouse.kernel.ledger.log import Event, lock_log, record, record_many
from pilothouse.kernel.ledger.models import Checkpoint, Entry

ASKED, SEALED, FETCHED = "audit.pack_requested", "audit.pack_sealed", "audit.pack_downloaded"
LOST = timedelta(minutes=15)
ATTEMPTS = 3
Told = Callable[[str], None]


@action("pack.seal", on="system")
def pack_request(
    *, actor: Actor, system: System, as_of: datetime | None = None, profile: Profile = "full", purpose: str = ""
) -> Pack:
    """Ask for the pack of a system as of a moment (now, if none is given). The same moment is the same pack.

    `purpose` says who asked for it and on which ground. Raises Invalid for a moment that is not there.
    """
    return _request(actor, [system], _moment(as_of, system), _profile(profile), purpose)[0]


@action("pack.seal")
def packs_request(
    *,
    actor: Actor,
    systems: Iterable[System],
    as_of: datetime | None = None,
    profile: Profile = "full",
    title: str = "",
) -> Run:
    """Ask for the packs of several systems, all as of one moment. The house makes them by itself, one after the other.

    Raises NotFound or Forbidden when one of them is beyond the actor's reach, Invalid without any.
    """
    chosen = list(systems)
    for system in chosen:
        actor.require("pack.seal", system)
    moment = _moment(as_of)
    chosen = [system for system in chosen if system.created_at <= moment]
    if not chosen:
        raise Invalid("There is no such system, so there is nothing to seal.")
    run = Run.objects.create(
        organisation_id=actor.organisation_id,
        title=(title or f"{len(chosen)} systems")[:200],
        requested_by_id=actor.person_id,
        requested_at=clock.now(),
        as_of=moment,
        profile=_profile(profile),
    )
    _request(actor, chosen, moment, _profile(profile), title, run)
    return run


def pack_seal(
    *,
    actor: Actor,
    system: System,
    as_of: datetime | None = None,
    profile: Profile = "full",
    purpose: str = "",
    told: Told = lambda step: None,
) -> Pack:
    """Ask for a pack and make it at once. Raises what `pack_request` and `pack_make` raise."""
    pack: Pack = pack_request(actor=actor, system=system, as_of=as_of, profile=profile, purpose=purpose)
    return pack_make(pack, told) if pack.state != "sealed" else pack


def pack_make(pack: Pack, told: Told = lambda step: None) -> Pack:
    """Make a pack that was asked for and seal it. One that is sealed is left alone. Raises Conflict with the reason why
    it cannot be made, which the pack then says too."""
    claimed = Pack.objects.filter(pk=pack.pk, state__in=("waiting", "failed")).update(
        state="working", began_at=clock.now(), attempts=F("attempts") + 1, trouble="", step="Reading"
    )
    pack.refresh_from_db()
    if not claimed:
        return pack
    began = time.monotonic()
    try:
        built = _built(pack, lambda step: _step(pack, step, told))
        entry, checkpoint = pack_enter(actor=system_actor(pack.organisation_id), pack=pack, built=built)
        token, trouble = _token(checkpoint)
        size = _write(pack, built, entry, checkpoint, token)
    except PilothouseError as error:
        _failed(pack, error.detail)
        raise
    except Exception as error:
        _failed(pack, f"{type(error).__name__}: {error}")
        raise
    Pack.objects.filter(pk=pack.pk).update(
        state="sealed",
        step="",
        trouble=trouble,
        token=token,
        size=size,
        sealed_at=entry.at,
        seconds=round(time.monotonic() - began, 3),
    )
    pack.refresh_from_db()
    return pack


@action("pack.fetch", on="pack")
def pack_fetch(*, actor: Actor, pack: Pack) -> Path:
    """The file of a sealed pack, and an entry that says who took it. Raises Conflict while there is none."""
    if pack.state != "sealed":
        raise Conflict("This pack is not sealed yet.")
    path = pack_path(pack)
    record(actor, FETCHED, pack, system_id=pack.system_id, after={"manifest": pack.manifest, "profile": pack.profile})
    return path


def pack_path(pack: Pack) -> Path:
    """Where a sealed pack lies; a lost file is made again, byte for byte. Raises Conflict when that is not possible:
    what is in it was lawfully erased since, or a key or a file is no longer there."""
    path = places.pack_file(pack.organisation_id, pack.pk)
    if not path.exists():
        built = _built(pack, lambda step: None)
        if built.digest != pack.manifest:
            raise Conflict("The file is gone, and it cannot be made again: some of what was in it is no longer there.")
        entry = Entry.objects.get(pk=pack.entry or pack.pk)
        token = bytes(pack.token) if pack.token else None
        _write(pack, built, entry, _checkpoint(pack), token)
    return path


def packs_tick(now: datetime) -> dict[str, int]:
    """Make every pack that waits, oldest first, and take up those that a crash left behind. Then hand the newest
    checkpoint to the witness. Call it as often as you like."""
    done = {"sealed": 0, "failed": 0}
    lost = Pack.objects.filter(state="working", began_at__lte=now - LOST)
    lost.filter(attempts__gte=ATTEMPTS).update(state="failed", step="", trouble="It was interrupted three times.")
    lost.filter(attempts__lt=ATTEMPTS).update(state="waiting", step="")
    last: Pack | None = None
    while pack := Pack.objects.filter(state="waiting").order_by("requested_at", "pk").first():
        try:
            made = pack_make(pack)
        except Exception:  # the pack says why, and the others must not wait for it
            done["failed"] += 1
            continue
        done["sealed"] += made.state == "sealed"
        last = made
    if last is not None and last.checkpoint:
        checkpoint_witness(actor=system_actor(last.organisation_id), checkpoint=_checkpoint(last))
    return done


@action("pack.seal", on="pack")
def pack_enter(*, actor: Actor, pack: Pack, built: Built) -> tuple[Entry, Checkpoint]:
    """The manifest's hash enters the ledger, and the log is signed. The house does it, so the entry names no person and
    can be shown to anybody."""
    lock_log(pack.organisation_id)
    found = Entry.objects.filter(pk=pack.entry or pack.pk).first() if pack.manifest == built.digest else None
    if found is not None:  # a crash came after this and before the file was written
        return found, _checkpoint(pack)
    after = {
        "manifest": built.digest,
        "as_of": pack.as_of,
        "profile": pack.profile,
        "complete": built.complete,
        "counts": built.counts,
    }
    entry = record(actor, SEALED, pack, system_id=pack.system_id, after=after)
    checkpoint = checkpoint_make(actor=actor)
    Pack.objects.filter(pk=pack.pk).update(
        manifest=built.digest,
        complete=built.complete,
        counts=built.counts,
        entry=entry.pk,
        checkpoint=checkpoint.pk,
    )
    pack.refresh_from_db()
    return entry, checkpoint


def _request(
    actor: Actor, systems: list[System], moment: datetime, profile: Profile, purpose: str, run: Run | None = None
) -> list[Pack]:
    lock_log(actor.organisation_id)
    known = {
        pack.system_id: pack
        for pack in Pack.objects.of(actor).filter(as_of=moment, profile=profile, system__in=systems)
    }
    fresh = [
        Pack(
            organisation_id=actor.organisation_id,
            system=system,
            run=run,
            profile=profile,
            as_of=moment,
            purpose=purpose[:300],
            requested_by_id=actor.person_id,
            requested_at=clock.now(),
        )
        for system in systems
        if system.pk not in known
    ]
    Pack.objects.bulk_create(fresh, batch_size=500)
    said: dict[str, Any] = {"as_of": moment, "profile": profile}
    record_many(actor, [Event(ASKED, one, one.system_id, after=said, note=purpose[:300]) for one in fresh])
    made = known | {pack.system_id: pack for pack in fresh}
    return [made[system.pk] for system in systems]


def _moment(as_of: datetime | None, system: System | None = None) -> datetime:
    now = clock.now()
    if as_of is None:
        return now
    if as_of > now:
        raise Invalid("That moment is still to come.", fields={"as_of": "Choose one that has passed."})
    if system is not None and as_of < system.created_at:
        raise Invalid("The system was not there yet.", fields={"as_of": "Choose a later one."})
    return as_of


def _profile(profile: str) -> Profile:
    for one in get_args(Profile):
        if one == profile:
            chosen: Profile = one
            return chosen
    raise Invalid(f"“{profile}” is not a profile.", fields={"profile": "full or redacted"})


def _built(pack: Pack, told: Told) -> Built:
    cache = places.cache(pack.organisation_id, pack.system_id)
    return build(pack.system, pack.as_of, _profile(pack.profile), cache, told)


def _step(pack: Pack, step: str, told: Told) -> None:
    Pack.objects.filter(pk=pack.pk).update(step=step)
    told(step)


def _failed(pack: Pack, why: str) -> None:
    Pack.objects.filter(pk=pack.pk).update(state="failed", step="", trouble=why[:500])
    pack.refresh_from_db()


def _token(checkpoint: Checkpoint) -> tuple[bytes | None, str]:
    """The time-stamp over the checkpoint, if an authority is named. One that does not answer stops nothing."""
    if not timestamp.configured():
        return None, ""
    try:
        return timestamp.token_over(checkpoint.note), ""
    except timestamp.NoTokenError as error:
        return None, f"{error} The pack has no time-stamp of an outside authority."


def _checkpoint(pack: Pack) -> Checkpoint:
    return Checkpoint.objects.get(pk=pack.checkpoint or pack.pk)


def _write(pack: Pack, built: Built, entry: Entry, checkpoint: Checkpoint, token: bytes | None) -> int:
    """Write the file under a name of its own and rename it, so that nobody ever sees half of one."""
    path = places.pack_file(pack.organisation_id, pack.pk)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{secrets.token_hex(6)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            size = write_sealed(file, built, entry, checkpoint, token)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return size
