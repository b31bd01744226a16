"""Writing documents: a draft that forgives, a seal that does not, and what comes after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Max
from pydantic import BaseModel

from pilothouse.contracts.canonical import canonical, content_hash, plain
from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person
from pilothouse.kernel.actions import action
from pilothouse.kernel.domain import RecordKind, registry
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger import log
from pilothouse.kernel.ledger.log import Event, lock_log
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import problems, references, short_form, unknown_fields, whole

KEY = 200  # letters of an entry's name
LIMIT = 200_000  # bytes of a body, far beyond any document that people read


def kind_of(kind: str) -> RecordKind:
    """The registered record kind, or NotFound."""
    found = registry.records.get(kind)
    if found is None:
        raise NotFound(f"There is no record kind “{kind}”.")
    return found


def schema_for(kind: RecordKind, system: System | None) -> type[BaseModel]:
    """What is to be filled in: of a low-tier system the short form, else all of it."""
    return short_form(kind.schema) if system is not None and system.tier == "low" else kind.schema


@action("organisation.view")
def record_draft(
    *,
    actor: Actor,
    system: System | None,
    kind: str,
    body: Mapping[str, Any],
    revision: int | None = None,
    key: str | None = None,
) -> Record:
    """Create the draft of `kind` about `system`, or replace the body of the one there is. It may be incomplete;
    `selectors.problems_of` tells what is still missing.

    Of a register, `key` is the entry that is written; without one it is a new entry, or the one that the body names.
    `revision` is the draft that the caller read (0: none); Conflict when someone saved another since. Raises Invalid
    for fields the schema does not have, NotFound for an unknown kind.
    """
    spec = kind_of(kind)
    _place(actor, spec, system)
    said = _kept(body)
    if extra := unknown_fields(spec.schema, said):
        raise Invalid(f"“{spec.title}” has no field “{extra[0]}”.", fields=dict.fromkeys(extra, "No such field."))
    lock_log(actor.organisation_id)
    key = _key(actor, spec, system, said, key)
    mine = Record.objects.of(actor).filter(kind=kind, system=system, key=key)
    draft = mine.select_for_update().filter(state="draft").first()
    if revision is not None and revision != (draft.revision if draft else 0):
        raise Conflict(
            "Someone saved this draft while you were writing. Your text is kept; compare and save again.",
            data={"revision": draft.revision if draft else 0},
        )
    if draft is None:
        draft = Record(
            organisation_id=actor.organisation_id,
            kind=kind,
            system=system,
            key=key,
            version=(mine.aggregate(top=Max("version"))["top"] or 0) + 1,
            revision=0,
        )
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


@action("organisation.view")
def record_seal(*, actor: Actor, record: Record, revision: int | None = None) -> Record:
    """Seal a draft: from now on it never changes, and its hash is what signatures bind to.

    The version sealed before becomes superseded. Raises Invalid with every field that is missing or wrong, Conflict
    when it is no draft any more or `revision` is not the one that the caller read.
    """
    lock_log(actor.organisation_id)
    current = _locked(actor, record)
    spec = kind_of(current.kind)
    _place(actor, spec, current.system)
    if current.state != "draft":
        raise Conflict("This version is sealed already or was withdrawn; write a new one.")
    if revision is not None and revision != current.revision:
        raise Conflict(
            "Someone saved this draft while you were reading. Read it again before you seal it.",
            data={"revision": current.revision},
        )
    schema = schema_for(spec, current.system)
    missing = problems(schema, current.body) or unresolved(actor, spec, current.system, [current.body])
    if missing:
        raise Invalid("Some answers are missing or unclear, so this cannot be sealed yet.", fields=missing)
    before = (
        Record.objects.of(actor)
        .filter(kind=current.kind, system=current.system, key=current.key, state="sealed")
        .first()
    )
    if before is not None:
        before.state = "superseded"
        before.save(update_fields=("state",))
    current.body = whole(schema, current.body)
    _seal(actor, current)
    current.save()
    log.record_many(actor, [_sealing(spec, current, before)])
    _tell(actor, current)
    return current


@action("organisation.view")
def records_seal(*, actor: Actor, kind: str, bodies: Sequence[tuple[System | None, Mapping[str, Any]]]) -> list[Record]:
    """Write and seal many documents or entries of one kind at once, all or none; what was sealed before is superseded.

    A constant number of queries, however many. Raises Invalid naming the first that is not whole (`fields` has its
    place in `bodies`, then the field), Conflict when a draft of one of them is open.
    """
    spec = kind_of(kind)
    for system in dict.fromkeys(system for system, _ in bodies):
        _place(actor, spec, system)
    lock_log(actor.organisation_id)
    said = [(system, _whole(spec, system, body, at)) for at, (system, body) in enumerate(bodies)]
    if wrong := unresolved(actor, spec, None, [body for _, body in said], [system for system, _ in said]):
        raise Invalid("Something is named that there is not.", fields=wrong)
    held: dict[tuple[Any, str], list[Record]] = {}
    for row in Record.objects.of(actor).filter(kind=kind).defer("body"):
        held.setdefault((row.system_id, row.key), []).append(row)
    fresh, before, events = [], [], []
    for system, body in said:
        place = system.pk if system else None
        key = _entry_key(spec, body, [key for at, key in held if at == place] if spec.many and not spec.key else ())
        mine = held.setdefault((place, key), [])
        if any(row.state == "draft" for row in mine):
            raise Conflict(f"A draft of “{spec.title}”{f' {key}' if key else ''} is open; seal or withdraw it first.")
        row = Record(organisation_id=actor.organisation_id, kind=kind, system=system, key=key, body=body)
        row.version = max((one.version for one in mine), default=0) + 1
        row.written_by_id, row.written_at = actor.person_id, clock.now()
        _seal(actor, row)
        old = next((one for one in mine if one.state == "sealed"), None)
        if old is not None:
            old.state = "superseded"
            before.append(old)
        mine.append(row)
        fresh.append(row)
        events.append(_sealing(spec, row, old))
    Record.objects.filter(pk__in=[row.pk for row in before if not row._state.adding]).update(state="superseded")
    Record.objects.bulk_create(fresh, batch_size=500)
    log.record_many(actor, events)
    tell_changed(actor, list(dict.fromkeys(system.pk for system, _ in said if system is not None)))
    _tell_all(actor, spec)
    return fresh


@action("organisation.view")
def record_withdraw(*, actor: Actor, record: Record, reason: str) -> Record:
    """Withdraw a sealed version or drop a draft. Its text stays readable. Raises Invalid without a reason."""
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why it is withdrawn.", fields={"reason": "A few words for whoever relied on it."})
    lock_log(actor.organisation_id)
    current = _locked(actor, record)
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
    """The content hash of a version: over its kind, system, key, version and body."""
    return content_hash(
        {
            "kind": document.kind,
            "system": document.system_id,
            "key": document.key,
            "version": document.version,
            "body": document.body,
        }
    )


def unresolved(
    actor: Actor,
    spec: RecordKind,
    system: System | None,
    bodies: Sequence[Mapping[str, Any]],
    systems: Sequence[System | None] | None = None,
) -> dict[str, str]:
    """What bodies refer to that there is not: dotted path → plain words. A query for each register that is named.

    An entry about a system is looked for among that system's own. Several bodies have their place before the path.
    """
    about = systems if systems is not None else [system] * len(bodies)
    wanted: dict[str, list[tuple[str, Any, str]]] = {}
    for at, (one, body) in enumerate(zip(about, bodies, strict=True)):
        for path, register, key in references(spec.schema, body):
            named = f"{at}.{path}" if systems is not None else path
            wanted.setdefault(register, []).append((named, one.pk if one else None, key))
    wrong: dict[str, str] = {}
    for register, named_keys in wanted.items():
        there = _there(actor, register, {key for _, _, key in named_keys})
        of_system = register in registry.records and registry.records[register].of_system
        for path, place, key in named_keys:
            if (place if of_system else None, key) not in there:
                wrong.setdefault(path, f"There is no “{key}” {_where(register)}.")
    return wrong


def _there(actor: Actor, register: str, keys: set[str]) -> set[tuple[Any, str]]:
    if register == "person":
        emails = Person.objects.of(actor).filter(email__in=keys).values_list("email", flat=True)
        return {(None, email) for email in emails}
    if register == "system":
        numbers = System.objects.of(actor).values_list("number", flat=True)
        return {(None, str(number)) for number in numbers}
    rows = Record.objects.of(actor).filter(kind=register, key__in=keys).exclude(state="withdrawn")
    return set(rows.values_list("system_id", "key"))


def _where(register: str) -> str:
    named = {"person": "among the people", "system": "among the systems"}
    return named.get(register) or f"among “{kind_of(register).heading}” yet: add it there first"


def _key(actor: Actor, spec: RecordKind, system: System | None, body: Mapping[str, Any], key: str | None) -> str:
    """The key of the entry that is written. It stays the same through all versions."""
    if not spec.many:
        return ""
    if key is None:
        used = Record.objects.of(actor).filter(kind=spec.id, system=system) if not spec.key else Record.objects.none()
        return _entry_key(spec, body, used.values_list("key", flat=True))
    if spec.key and str(body.get(spec.key, "")).strip() != key:
        told = f"It is known as “{key}”, and others refer to it so. Withdraw it and write a new one instead."
        raise Invalid("An entry keeps its name.", fields={spec.key: told})
    return key


def _entry_key(spec: RecordKind, body: Mapping[str, Any], used: Iterable[str]) -> str:
    if not spec.many:
        return ""
    if not spec.key:
        return str(max((int(one) for one in used if one.isdecimal()), default=0) + 1)
    key = str(body.get(spec.key) or "").strip()
    if not key or len(key) > KEY:
        raise Invalid(
            "Give it a name first: it is kept under that.",
            fields={spec.key: f"Say something, in at most {KEY} letters."},
        )
    return key


def _whole(spec: RecordKind, system: System | None, body: Mapping[str, Any], at: int) -> dict[str, Any]:
    said = _kept(body)
    extra = dict.fromkeys(unknown_fields(spec.schema, said), "No such field.")
    schema = schema_for(spec, system)
    if wrong := extra or problems(schema, said):
        raise Invalid(
            f"“{spec.title}” number {at + 1} is not whole, so none is kept.",
            fields={f"{at}.{path}": words for path, words in wrong.items()},
        )
    return whole(schema, said)


def _seal(actor: Actor, row: Record) -> None:
    row.hash = hash_of(row)
    row.state = "sealed"
    row.sealed_by_id = actor.person_id
    row.sealed_at = clock.now()


def _sealing(spec: RecordKind, row: Record, before: Record | None) -> Event:
    return Event(
        "record.sealed",
        row,
        system_id=row.system_id,
        before={"version": before.version, "hash": before.hash} if before else None,
        after={"version": row.version, "hash": row.hash},
        note=_named(spec, row),
    )


def _locked(actor: Actor, record: Record) -> Record:
    found: Record = (
        Record.objects.select_related("system__unit").select_for_update(of=("self",)).get_of(actor, pk=record.pk)
    )
    return found


def _place(actor: Actor, spec: RecordKind, system: System | None) -> None:
    """Is this kind about a system, and is one given; and may the actor write it there?"""
    if spec.of_system and system is None:
        raise Invalid(f"“{spec.title}” is about a system.", fields={"system": "Say which system it is about."})
    if not spec.of_system and system is not None:
        raise Invalid(f"“{spec.title}” is about the whole organisation.", fields={"system": "Leave this out."})
    actor.require(spec.write, system)
    if system is None and not actor.scope(spec.write).everywhere:
        raise Forbidden(f"Only someone who holds “{spec.write}” everywhere writes this one.")


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
    return f"{spec.title}{f' “{document.key}”' if document.key else ''}, version {document.version}"


def _tell(actor: Actor, document: Record) -> None:
    if document.system_id is not None:
        tell_changed(actor, [document.system_id])
    else:
        _tell_all(actor, kind_of(document.kind))


def _tell_all(actor: Actor, spec: RecordKind) -> None:
    """What is kept about the organisation may be read by a check of any system: all are judged anew."""
    if not spec.of_system and spec.judges:
        tell_changed(actor, list(System.objects.of(actor).values_list("pk", flat=True)))
