"""Requests of authorities and auditors, drills of them, and what was written about each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db.models import Max

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.domains.governance.duties.models import AnswerPack, Inquiry, Letter
from pilothouse.domains.governance.duties.selectors.cases import keeping
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.actions import action
from pilothouse.kernel.base import new_id
from pilothouse.kernel.clock import now
from pilothouse.kernel.evidence.rules import MAX_BYTES, clean_filename, media_type_of
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.notify.notices import holders, notify

MOST_SYSTEMS, MOST_ITEMS, MOST_LETTERS = 500, 200, 50_000
DRILL_AUTHORITY = "A drill: nobody outside has asked"


@action("duty.manage")
def inquiry_open(
    *,
    actor: Actor,
    title: str,
    authority: str = "",
    contact: str = "",
    basis: str = "",
    items: Sequence[str] = (),
    numbers: Sequence[int] = (),
    period_from: date | None = None,
    period_to: date | None = None,
    received_at: datetime | None = None,
    hours: int | None = None,
    set_at: datetime | None = None,
    drill: bool = False,
) -> Inquiry:
    """Open a request of an authority, or a drill of one; its clock runs from when it was received.

    `hours` is the promise to keep (the organisation's own where none is given), `set_at` the authority's own date.
    Raises Invalid with every field that is wrong.
    """
    moment = received_at or now()
    promise = hours or keeping(actor.organisation_id).rules["inquiry_hours"]
    authority = DRILL_AUTHORITY if drill and not authority.strip() else authority
    wanted = [" ".join(one.split()) for one in items if one.strip()]
    found = list(systems(actor, "duty.manage").filter(number__in=set(numbers)))
    wrong = _wrong(title, authority, wanted, (period_from, period_to), moment, promise, set_at)
    if missing := sorted(set(numbers) - {one.number for one in found}):
        wrong["numbers"] = f"There is no system S-{missing[0]}."
    if len(found) > MOST_SYSTEMS:
        wrong["numbers"] = f"At most {MOST_SYSTEMS} systems."
    if wrong:
        raise Invalid("Some fields are missing or unclear.", fields=wrong)
    lock_log(actor.organisation_id)
    top = Inquiry.objects.of(actor).aggregate(top=Max("number"))["top"] or 0
    inquiry: Inquiry = Inquiry.objects.create(
        organisation_id=actor.organisation_id,
        number=top + 1,
        title=" ".join(title.split()),
        authority=" ".join(authority.split()),
        contact=contact.strip()[:300],
        basis=basis.strip()[:300],
        items=wanted,
        period_from=period_from,
        period_to=period_to,
        received_at=moment,
        promise_hours=promise,
        due_at=moment + timedelta(hours=promise),
        set_at=set_at,
        drill=drill,
        opened_by_id=actor.person_id,
        opened_name=actor.name[:200],
        opened_at=now(),
    )
    inquiry.systems.set(found)
    _opened(actor, inquiry, [one.ref for one in found])
    return inquiry


@action("duty.manage", on="inquiry")
def letter_keep(
    *, actor: Actor, inquiry: Inquiry, way: str, text: str = "", filename: str = "", data: bytes | None = None
) -> Letter:
    """Keep one letter, file or note of the correspondence. The file's kind is read from its bytes. Raises Invalid."""
    text = text.strip()
    if way not in dict(Letter.WAYS):
        raise Invalid("Say which way it went.", fields={"way": "Choose in, out or note."})
    if not text and not data:
        raise Invalid("There is nothing to keep.", fields={"text": "Write something, or add a file."})
    if len(text) > MOST_LETTERS:
        raise Invalid("The text is too long.", fields={"text": f"At most {MOST_LETTERS:,} letters; add it as a file."})
    current = _locked(actor, inquiry, ended=None)
    letter = Letter(
        id=new_id(),
        organisation_id=actor.organisation_id,
        inquiry=current,
        way=way,
        text=text,
        sha256=hashlib.sha256(data if data else text.encode()).hexdigest(),
        by_id=actor.person_id,
        by_name=actor.name[:200],
        at=now(),
    )
    if data:
        _store(letter, filename, data)
    letter.save(force_insert=True)
    told = {"way": way, "file": letter.filename, "sha256": letter.sha256, "size": letter.size}
    record(actor, "inquiry.letter_kept", current, after=told)
    return letter


@action("duty.manage", on="inquiry")
def pack_attach(
    *,
    actor: Actor,
    inquiry: Inquiry,
    title: str,
    sha256: str,
    sealed_at: datetime,
    pack_id: UUID | None = None,
    url: str = "",
    gaps: int | None = None,
) -> AnswerPack:
    """Say which sealed pack answers the request, by its hash. Attaching the same twice changes nothing."""
    digest = sha256.removeprefix("sha256:").strip().lower()
    wrong = {}
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        wrong["sha256"] = "The SHA-256 of the pack: 64 hexadecimal digits."
    if not title.strip():
        wrong["title"] = "Say what the pack is called."
    if sealed_at.tzinfo is None or sealed_at > now():
        wrong["sealed_at"] = "A pack cannot have been sealed in the future."
    if wrong:
        raise Invalid("That is no sealed pack.", fields=wrong)
    current = _locked(actor, inquiry)
    there: AnswerPack | None = AnswerPack.objects.of(actor).filter(inquiry=current, sha256=digest).first()
    if there is not None:
        return there
    pack: AnswerPack = AnswerPack.objects.create(
        organisation_id=actor.organisation_id,
        inquiry=current,
        pack_id=pack_id,
        title=title.strip()[:200],
        sha256=digest,
        url=url[:500] if url.startswith("/o/") else "",
        gaps=gaps,
        sealed_at=sealed_at,
        by_name=actor.name[:200],
        at=now(),
    )
    record(actor, "inquiry.pack_attached", current, after={"pack": pack.title, "sha256": digest, "gaps": gaps})
    return pack


@action("duty.manage", on="inquiry")
def gaps_review(*, actor: Actor, inquiry: Inquiry, gaps: int, note: str = "") -> Inquiry:
    """Say that somebody went through the gaps of the pack, and how many there are: the end of a drill's time.

    Raises Conflict without a pack, or when it was done.
    """
    if gaps < 0:
        raise Invalid("Say how many gaps there are.", fields={"gaps": "A whole number, 0 for none."})
    current = _locked(actor, inquiry)
    if not current.packs.exists():
        raise Conflict("There is no sealed pack yet whose gaps could be reviewed.", code="no_pack")
    if current.reviewed_at is not None:
        raise Conflict("The gaps were reviewed already.", code="reviewed")
    current.reviewed_at, current.reviewed_by_id, current.gaps = now(), actor.person_id, gaps
    current.save(update_fields=("reviewed_at", "reviewed_by", "gaps"))
    record(actor, "inquiry.gaps_reviewed", current, after={"gaps": gaps}, note=note.strip())
    return current


@action("duty.manage", on="inquiry")
def inquiry_close(*, actor: Actor, inquiry: Inquiry, outcome: str, answered: bool = True) -> Inquiry:
    """End a request: answered, or closed without an answer; `outcome` says how. Raises Invalid without one, and
    Conflict for an answer without anything that answers: a pack, or a letter that went out."""
    if not outcome.strip():
        raise Invalid("Say how it ended.", fields={"outcome": "Say how it ended."})
    current = _locked(actor, inquiry)
    if answered and not (current.packs.exists() or current.letters.filter(way="out").exists()):
        raise Conflict("Nothing answers it yet: attach a pack, or keep the letter that went out.", code="no_answer")
    current.state, current.ended_at, current.outcome = "answered" if answered else "closed", now(), outcome.strip()
    current.save(update_fields=("state", "ended_at", "outcome"))
    late = current.ended_at > current.due_at
    record(actor, f"inquiry.{current.state}", current, after={"late": late}, note=current.outcome)
    return current


def url_of(inquiry: Inquiry) -> str:
    """The path of a request's page."""
    slug = Organisation.objects.values_list("slug", flat=True).get(pk=inquiry.organisation_id)
    return f"/o/{slug}/inquiries/{inquiry.number}/"


def _opened(actor: Actor, inquiry: Inquiry, refs: Sequence[str]) -> None:
    """Write down that it was opened, and tell whoever answers requests."""
    told: dict[str, Any] = {
        "title": inquiry.title,
        "authority": inquiry.authority,
        "basis": inquiry.basis,
        "items": inquiry.items,
    }
    told |= {"systems": refs, "due_at": inquiry.due_at, "drill": inquiry.drill}
    record(actor, "inquiry.opened", inquiry, after=told)
    people = {*holders(actor.organisation_id, "duty.manage")} - {actor.person_id}
    what = "A drill began" if inquiry.drill else f"{inquiry.authority} asks"
    notify(people, f"{what}: {inquiry.ref} “{inquiry.title}”, due {inquiry.due_at:%-d %B %H:%M} UTC.", url_of(inquiry))


def _wrong(
    title: str,
    authority: str,
    items: Sequence[str],
    period: tuple[date | None, date | None],
    received_at: datetime,
    hours: int,
    set_at: datetime | None,
) -> dict[str, str]:
    wrong = {}
    if not title.strip() or len(title) > 200:
        wrong["title"] = "Say in one line what is asked."
    if not authority.strip() or len(authority) > 200:
        wrong["authority"] = "Say who asks."
    if len(items) > MOST_ITEMS or any(len(one) > 1000 for one in items):
        wrong["items"] = f"At most {MOST_ITEMS} items of at most 1,000 letters."
    if period[0] and period[1] and period[1] < period[0]:
        wrong["period_to"] = "The period would end before it begins."
    if received_at.tzinfo is None or received_at > now():
        wrong["received_at"] = "It cannot have been received in the future."
    elif set_at and (set_at.tzinfo is None or set_at < received_at):
        wrong["set_at"] = "The authority's date lies after the request."
    if not 1 <= hours <= 2400:
        wrong["hours"] = "Between 1 and 2,400 hours."
    return wrong


def _locked(actor: Actor, inquiry: Inquiry, *, ended: bool | None = False) -> Inquiry:
    lock_log(actor.organisation_id)
    current: Inquiry = Inquiry.objects.select_for_update(of=("self",)).get_of(actor, pk=inquiry.pk)
    if ended is False and current.state != "open":
        raise Conflict("This request has ended.", code="closed")
    return current


def _store(letter: Letter, filename: str, data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise Invalid("The file is too large.", fields={"file": f"At most {MAX_BYTES >> 20} MB."})
    letter.media_type = media_type_of(filename, data)
    letter.filename, letter.size = clean_filename(filename), len(data)
    # The name is the hash, so a file that is there already is the same file.
    storage, name = letter.file.storage, letter.file.field.generate_filename(letter, letter.filename)
    letter.file.name = name if storage.exists(name) else storage.save(name, ContentFile(data))
