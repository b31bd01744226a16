"""Marked documents: their passages are recognised at gateways, and their text is kept nowhere."""

from __future__ import annotations

import hashlib

from django.db.models import Sum

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.contracts.fingerprints import fingerprints, pack
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.policy.models import MarkedDocument
from pilothouse.kernel.policy.publish import publish_soon

MOST_BYTES = 4 * 1024 * 1024
# All together; a gateway holds them in memory and a snapshot carries eight bytes for each: about 2,000 pages.
MOST_PRINTS = 250_000


@action("gateway.manage")
def document_mark(*, actor: Actor, title: str, data: bytes) -> MarkedDocument:
    """Mark a document, given as its UTF-8 text. Raises Invalid, and Conflict when it is marked or there is no room."""
    title = " ".join(title.split())
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("That is not text.", fields={"file": "Give it as plain text in UTF-8."}) from error
    prints = fingerprints(text)
    wrong = {} if title and len(title) <= 200 else {"title": "Say what it is; at most 200 characters."}
    if len(data) > MOST_BYTES:
        wrong["file"] = "At most 4 MB; mark it in parts."
    elif len(prints) < 2:
        wrong["file"] = "It is too short to be recognised: a dozen words at least."
    if wrong:
        raise Invalid("The document cannot be marked.", fields=wrong)
    digest = hashlib.sha256(text.encode()).hexdigest()
    lock_log(actor.organisation_id)
    marked = MarkedDocument.objects.of(actor)
    if marked.filter(sha256=digest).exists() or marked.filter(title=title).exists():
        raise Conflict("It is marked already, or another one has this title.", fields={"title": "It is there already."})
    if (marked.aggregate(all=Sum("count"))["all"] or 0) + len(prints) > MOST_PRINTS:
        raise Conflict("There is no room for so much more. Take another document out first.", code="full")
    document: MarkedDocument = MarkedDocument.objects.create(
        organisation_id=actor.organisation_id,
        title=title,
        sha256=digest,
        prints=pack(prints),
        count=len(prints),
        marked_by_id=actor.person_id,
        marked_at=now(),
    )
    record(actor, "document.marked", document, after={"title": title, "sha256": digest, "count": len(prints)})
    publish_soon(actor.organisation_id)
    return document


@action("gateway.manage")
def document_unmark(*, actor: Actor, document: MarkedDocument, reason: str) -> None:
    """Recognise a document no more; the ledger keeps that it was marked."""
    if not reason.strip():
        raise Invalid("Say why.", fields={"reason": "Say why."})
    lock_log(actor.organisation_id)
    current: MarkedDocument = MarkedDocument.objects.get_of(actor, pk=document.pk)
    record(actor, "document.unmarked", current, before={"title": current.title}, note=reason.strip())
    current.delete()
    publish_soon(actor.organisation_id)
