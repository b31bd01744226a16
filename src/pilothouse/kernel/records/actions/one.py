"""Writing one document or one entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Max

from pilothouse.contracts.errors import Conflict, Invalid, NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.domain import RecordKind
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger import log
from pilothouse.kernel.ledger.log import lock_log
from pilothouse.kernel.records.actions.parts import drafting, said_of, seal, sealing, tell, write
from pilothouse.kernel.records.kinds import check_place, key_said, kind_of, schema_for, top_number
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.references import unresolved
from pilothouse.kernel.records.schema import problems, whole


@action("organisation.view")
def record_draft(
    *,
    actor: Actor,
    system: System | None,
    kind: str,
    body: Mapping[str, Any],
    revision: int | None = None,
    key: str | None = None,
    fresh: bool = False,
) -> Record:
    """Create the draft of `kind` about `system`, or replace the body of the one there is. It may be incomplete;
    `selectors.problems_of` tells what is still missing.

    Of a register, `key` is the entry that is written; without one it is the one that the body names, or a new one.
    `fresh` says that it must be new. An entry keeps its name once it was sealed.
    `revision` is the draft that the caller read (0: none); Conflict when someone saved another since. Raises Invalid
    for fields the schema does not have and for names that are taken, NotFound for an unknown kind or number.
    """
    spec = kind_of(kind)
    check_place(actor, spec, system)
    said = said_of(spec, body)
    lock_log(actor.organisation_id)
    key = _key(actor, spec, system, said, key, fresh)
    mine = Record.objects.of(actor).filter(kind=kind, system=system, key=key)
    draft = mine.select_for_update().filter(state="draft").first()
    if revision is not None and revision != (draft.revision if draft else 0):
        raise Conflict(
            "Someone saved this draft while you were writing. Your text is kept; compare and save again.",
            data={"revision": draft.revision if draft else 0},
        )
    if draft is None:
        draft = Record(organisation_id=actor.organisation_id, kind=kind, system=system, key=key, revision=0)
        draft.version = (mine.aggregate(top=Max("version"))["top"] or 0) + 1
    elif draft.body == said:
        return draft
    before = write(actor, draft, said)
    draft.save()
    log.record_many(actor, [drafting(spec, draft, before)])
    if spec.of_system:
        tell(actor, spec, [draft.system_id])
    return draft


@action("organisation.view")
def record_seal(*, actor: Actor, record: Record, revision: int | None = None) -> Record:
    """Seal a draft: from now on it never changes, and its hash is what signatures bind to.

    The version sealed before becomes superseded. Raises Invalid with every field that is missing or wrong, Conflict
    when it is no draft any more or `revision` is not the one that the caller read.
    """
    lock_log(actor.organisation_id)
    current = _locked(actor, record)
    spec = kind_of(current.kind)
    check_place(actor, spec, current.system)
    if current.state != "draft":
        raise Conflict("This version is sealed already or was withdrawn; write a new one.")
    if revision is not None and revision != current.revision:
        raise Conflict(
            "Someone saved this draft while you were reading. Read it again before you seal it.",
            data={"revision": current.revision},
        )
    if missing := unready(actor, current):
        raise Invalid("Some answers are missing or unclear, so this cannot be sealed yet.", fields=missing)
    same = Record.objects.of(actor).filter(kind=current.kind, system=current.system, key=current.key, state="sealed")
    before = same.first()
    if before is not None:
        before.state = "superseded"
        before.save(update_fields=("state",))
    current.body = whole(schema_for(spec, current.system), current.body)
    seal(actor, current)
    current.save()
    log.record_many(actor, [sealing(spec, current, before)])
    tell(actor, spec, [current.system_id])
    return current


@action("organisation.view")
def record_withdraw(*, actor: Actor, record: Record, reason: str) -> Record:
    """Withdraw a sealed version or drop a draft. Its text stays readable. Raises Invalid without a reason."""
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why it is withdrawn.", fields={"reason": "A few words for whoever relied on it."})
    lock_log(actor.organisation_id)
    current = _locked(actor, record)
    spec = kind_of(current.kind)
    check_place(actor, spec, current.system)
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
    if spec.of_system or before == "sealed":
        tell(actor, spec, [current.system_id])
    return current


def unready(actor: Actor, draft: Record) -> dict[str, str]:
    """Everything that keeps a draft from being sealed, its references too: dotted path → plain words."""
    spec = kind_of(draft.kind)
    found = problems(schema_for(spec, draft.system), draft.body)
    return found or unresolved(actor, spec, draft.system, draft.body, draft.key)


def _key(
    actor: Actor, spec: RecordKind, system: System | None, body: Mapping[str, Any], key: str | None, fresh: bool
) -> str:
    """The key of the entry that is written; a draft that was never sealed may still be named otherwise."""
    if not spec.many:
        if key:
            raise Invalid(f"“{spec.title}” is one document, not a register.", fields={"key": "Leave this out."})
        return ""
    mine = Record.objects.of(actor).filter(kind=spec.id, system=system)
    if not spec.key:
        if key is None:
            return str(top_number(mine.values_list("key", flat=True)) + 1)
        if not key.isdecimal() or not mine.filter(key=key).exists():
            raise NotFound(f"“{spec.heading}” has no entry {key} there.")
        return key
    if key is None:
        named = key_said(spec, body)
        if fresh and mine.filter(key__iexact=named).exclude(state="withdrawn").exists():
            told = "There is one of this name already. Write its next version, or give this one another name."
            raise Invalid(f"“{spec.heading}” has “{named}” already.", fields={spec.key: told})
        return named
    if str(body.get(spec.key) or "").strip() != key:
        return _renamed(spec, mine, key, body)
    return key


def _renamed(spec: RecordKind, mine: Any, key: str, body: Mapping[str, Any]) -> str:
    if "\x00" not in key and mine.filter(key=key).exclude(state="draft").exists():
        told = f"It is known as “{key}”, and others refer to it so. Withdraw it and write a new one instead."
        raise Invalid("An entry keeps its name.", fields={spec.key: told})
    named = key_said(spec, body)
    if mine.filter(key=named).exists():
        raise Invalid(f"“{spec.heading}” has “{named}” already.", fields={spec.key: "Give it another name."})
    mine.filter(key=key).update(key=named)
    return named


def _locked(actor: Actor, record: Record) -> Record:
    found: Record = (
        Record.objects.select_related("system__unit").select_for_update(of=("self",)).get_of(actor, pk=record.pk)
    )
    return found
