"""Writing documents: a draft that forgives, a seal that does not, and what comes after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Max

from pilothouse.contracts.canonical import canonical, content_hash, plain
from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.domain import RecordKind, registry
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger import log
from pilothouse.kernel.ledger.log import lock_log
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import problems, unknown_fields, whole

LIMIT = 200_000  # bytes of a body, far beyond any document that people read


def kind_of(kind: str) -> RecordKind:
    """The registered record kind, or NotFound."""
    found = registry.records.get(kind)
    if found is None:
        raise NotFound(f"There is no record kind “{kind}”.")
    return found


@action("record.write", on="system")
def record_draft(
    *, actor: Actor, system: System | None, kind: str, body: Mapping[str, Any], revision: int | None = None
) -> Record:
    """Create the draft of `kind` about `system`, or replace the body of the one there is. It may be incomplete;
    `selectors.problems_of` tells what is still missing.

    `revision` is the draft that the caller read (0: none); Conflict when someone saved another since. Raises Invalid
    for fields the schema does not have, NotFound for an unknown kind.
    """
    spec = kind_of(kind)
    _place(actor, spec, system)
    said = _kept(body)
    if extra := unknown_fields(spec.schema, said):
        raise Invalid(f"“{spec.title}” has no field “{extra[0]}”.", fields=dict.fromkeys(extra, "No such field."))
    lock_log(actor.organisation_id)
    mine = Record.objects.of(actor).filter(kind=kind, system=system)
    draft = mine.select_for_update().filter(state="draft").first()
    if revision is not None and revision != (draft.revision if draft else 0):
        raise Conflict(
            "Someone saved this draft while you were writing. Your text is kept; compare and save again.",
            data={"revision": draft.revision if draft else 0},
        )
    if draft is None:
        version = (mine.aggregate(top=Max("version"))["top"] or 0) + 1
        draft = Record(organisation_id=actor.organisation_id, kind=kind, system=system, version=version, revision=0)
    elif draft.body == said:
        return draft
    before, draft.body = draft.body, said
    draft.revision += 1
    draft.written_by_id = actor.person_id
    draft.written_at = clock.now()
    draft.save()
    old, new = _changed(before, said)
    log.record(
        actor, "record.drafted", draft, system_id=draft.system_id, before=old, after=new, note=_named(spec, draft)
    )
    _tell(actor, draft)
    return draft


@action("record.write", on="record")
def record_seal(*, actor: Actor, record: Record, revision: int | None = None) -> Record:
    """Seal a draft: from now on it never changes, and its hash is what signatures bind to.

    The version sealed before becomes superseded. Raises Invalid with every field that is missing or wrong, Conflict
    when it is no draft any more or `revision` is not the one that the caller read.
    """
    lock_log(actor.organisation_id)
    current = Record.objects.select_for_update().get(pk=record.pk)
    spec = kind_of(current.kind)
    _place(actor, spec, current.system)
    if current.state != "draft":
        raise Conflict("This version is sealed already or was withdrawn; write a new one.")
    if revision is not None and revision != current.revision:
        raise Conflict(
            "Someone saved this draft while you were reading. Read it again before you seal it.",
            data={"revision": current.revision},
        )
    if missing := problems(spec.schema, current.body):
        raise Invalid("Some answers are missing or unclear, so this cannot be sealed yet.", fields=missing)
    before = Record.objects.of(actor).filter(kind=current.kind, system=current.system, state="sealed").first()
    if before is not None:
        before.state = "superseded"
        before.save(update_fields=("state",))
    current.body = whole(spec.schema, current.body)
    current.hash = hash_of(current)
    current.state = "sealed"
    current.sealed_by_id = actor.person_id
    current.sealed_at = clock.now()
    current.save()
    log.record(
        actor,
        "record.sealed",
        current,
        system_id=current.system_id,
        before={"version": before.version, "hash": before.hash} if before else None,
        after={"version": current.version, "hash": current.hash},
        note=_named(spec, current),
    )
    _tell(actor, current)
    return current


@action("record.write", on="record")
def record_withdraw(*, actor: Actor, record: Record, reason: str) -> Record:
    """Withdraw a sealed version or drop a draft. Its text stays readable. Raises Invalid without a reason."""
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why it is withdrawn.", fields={"reason": "A few words for whoever relied on it."})
    lock_log(actor.organisation_id)
    current = Record.objects.select_for_update().get(pk=record.pk)
    _place(actor, kind_of(current.kind), current.system)
    if current.state not in ("draft", "sealed"):
        raise Conflict("Only a draft or the sealed version can be withdrawn.")
    before, current.state = current.state, "withdrawn"
    current.save(update_fields=("state",))
    log.record(
        actor,
        "record.withdrawn",
        current,
        system_id=current.system_id,
        before={"state": before},
        after={"state": "withdrawn", "version": current.version},
        note=reason,
    )
    _tell(actor, current)
    return current


def hash_of(document: Record) -> str:
    """The content hash of a version: over its kind, system, version and body."""
    return content_hash(
        {
            "kind": document.kind,
            "system": document.system_id,
            "version": document.version,
            "body": document.body,
        }
    )


def _place(actor: Actor, spec: RecordKind, system: System | None) -> None:
    """Is this kind about a system, and is one given; and may the actor write what is about the whole organisation?"""
    if spec.of_system and system is None:
        raise Invalid(f"“{spec.title}” is about a system.", fields={"system": "Say which system it is about."})
    if not spec.of_system:
        if system is not None:
            raise Invalid(f"“{spec.title}” is about the whole organisation.", fields={"system": "Leave this out."})
        if not actor.scope("record.write").everywhere:
            raise Forbidden("Only someone who may write records everywhere writes this one.")


def _kept(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body in JSON's types, as both databases keep it. Raises Invalid for what they cannot."""
    try:
        size = len(canonical(body))
        said: dict[str, Any] = plain(body)
    except (TypeError, ValueError, RecursionError):
        raise Invalid("This document holds characters or values that cannot be kept.") from None
    if size > LIMIT:
        raise Invalid("This document is too long to be read. Shorten it, and add files as evidence.")
    if _holds_nul(said):
        raise Invalid("This document holds a NUL character, which no text has.")
    return said


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(_holds_nul(item) for item in value)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    keys = [key for key in dict.fromkeys([*before, *after]) if before.get(key) != after.get(key)]
    return {key: before.get(key) for key in keys}, {key: after.get(key) for key in keys}


def _named(spec: RecordKind, document: Record) -> str:
    return f"{spec.title}, version {document.version}"


def _tell(actor: Actor, document: Record) -> None:
    if document.system_id is not None:
        tell_changed(actor, [document.system_id])
