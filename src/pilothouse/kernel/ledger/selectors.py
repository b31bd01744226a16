"""Reading the ledger: the list, one entry, and the history of a thing, told in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import QuerySet

from pilothouse.contracts.errors import Forbidden
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.ledger.models import Checkpoint, Entry

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after, in words."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Told:
    """An entry told in words. `who` is empty and `changes` too once its content is erased."""

    id: UUID
    seq: int
    at: datetime
    action: str
    title: str
    subject_type: str
    subject_id: UUID
    system_id: UUID | None
    who: str
    via: str
    roles: tuple[str, ...]
    acting_for: tuple[str, ...]
    changes: tuple[Change, ...]
    note: str
    erased_at: datetime | None
    request_id: str


def entries(
    actor: Actor,
    *,
    action: str = "",
    person: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Entry]:
    """The organisation's entries, newest first, with their content. `until` is exclusive.

    The ledger is one for the whole organisation, so a permission in one unit is not enough. Raises Forbidden.
    """
    if not actor.scope("ledger.view").everywhere:
        raise Forbidden("The ledger covers the whole organisation; your role reaches a part of it.")
    rows = Entry.objects.of(actor).select_related("content__erased_by").order_by("-seq")
    if action:
        rows = rows.filter(action=action)
    if person is not None:
        rows = rows.filter(content__person_id=person)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    return rows


def entry_of(actor: Actor, entry_id: UUID | str) -> Entry:
    """One entry with its content, by its id, or NotFound."""
    return Entry.objects.select_related("content__erased_by").get_of(actor, pk=entry_id)


def checkpoints(actor: Actor) -> QuerySet[Checkpoint]:
    """The organisation's checkpoints with their witnessings, newest first."""
    return Checkpoint.objects.of(actor).prefetch_related("witnessings").order_by("-size")


def actions_of(actor: Actor) -> list[str]:
    """The actions that occur in the organisation's log, for the filter."""
    return sorted(Entry.objects.of(actor).order_by().values_list("action", flat=True).distinct())


def history(
    actor: Actor, *, system: Any = None, subject: Any = None, before: int | None = None, limit: int = 50
) -> list[Told]:
    """What happened to a system (with everything of it) or to one thing, newest first, in a constant number of queries.

    Whoever may see the thing may read its history. `before` is the `seq` to go on from. Raises NotFound or Forbidden.
    """
    thing = system if system is not None else subject
    actor.require(getattr(thing, "view_permission", "organisation.view"), thing)
    rows = Entry.objects.of(actor).select_related("content__erased_by").order_by("-seq")
    if system is not None:
        rows = rows.filter(system_id=system.pk)
    else:
        rows = rows.filter(subject_type=_type(thing), subject_id=thing.pk)
    if before is not None:
        rows = rows.filter(seq__lt=before)
    return tell(rows[:limit])


def tell(rows: Iterable[Entry]) -> list[Told]:
    """Entries (with `content__erased_by` selected) in words. Ids of people and units become their names."""
    rows = list(rows)
    bodies = {row.pk: json.loads(row.content.body) if row.content.body else {} for row in rows}
    names = _names(rows[0].organisation_id, bodies.values()) if rows else {}
    return [_tell(row, bodies[row.pk], names) for row in rows]


def action_title(action: str) -> str:
    """`system.stage_changed` as people say it: “System stage changed”."""
    return action.replace(".", " ").replace("_", " ").capitalize()


def field_title(name: str) -> str:
    """`owner_id` as people say it: “Owner”."""
    return name.removesuffix("_id").replace("_", " ").replace(".", ", ").capitalize()


def _tell(row: Entry, body: Mapping[str, Any], names: Mapping[str, str]) -> Told:
    who = body.get("actor", {})
    erased_by = row.content.erased_by
    return Told(
        id=row.pk,
        seq=row.seq,
        at=row.at,
        action=row.action,
        title=action_title(row.action),
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        system_id=row.system_id,
        who=who.get("name", ""),
        via=who.get("via", ""),
        roles=tuple(who.get("roles", ())),
        acting_for=tuple(names.get(i, i) for i in who.get("acting_for", ())),
        changes=_changes(body.get("before") or {}, body.get("after") or {}, names),
        note=body.get("note", ""),
        erased_at=erased_by.at if erased_by else None,
        request_id=row.request_id,
    )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str]) -> tuple[Change, ...]:
    flat_before, flat_after = _flat(before), _flat(after)
    keys = [*flat_before, *(key for key in flat_after if key not in flat_before)]
    return tuple(
        Change(field_title(key), _words(flat_before.get(key), names), _words(flat_after.get(key), names))
        for key in keys
        if flat_before.get(key) != flat_after.get(key)
    )


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested objects as dotted names, so that one changed answer is one line."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping) and not _named(value):
            flat.update(_flat(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _words(value: Any, names: Mapping[str, str]) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_words(item, names) for item in value)
    if isinstance(value, Mapping) and _named(value):
        return str(value["name"] or names.get(str(value["id"]), ""))
    if isinstance(value, Mapping):
        return "; ".join(f"{field_title(key)}: {_words(item, names)}" for key, item in value.items())
    text = str(value)
    if DIGEST.fullmatch(text):
        return f"{text[:15]}…{text[-4:]}"
    return names.get(text, text)


def _named(value: Mapping[str, Any]) -> bool:
    """Is this how actions write a person, a unit or another thing: its id with the name it had then?"""
    return set(value) == {"id", "name"}


def _names(organisation_id: UUID, bodies: Iterable[Any]) -> dict[str, str]:
    """Names of the people and units whose ids occur in these contents: two queries."""
    ids: set[str] = set()
    for body in bodies:
        _collect(body, ids)
    found: dict[str, str] = {}
    if ids:
        for model in (Person, Unit):
            rows = model.objects.filter(organisation=organisation_id, pk__in=ids).values_list("pk", "name")
            found.update({str(pk): name for pk, name in rows})
    return found


def _collect(value: Any, ids: set[str]) -> None:
    if isinstance(value, Mapping):
        for item in value.values():
            _collect(item, ids)
    elif isinstance(value, list):
        for item in value:
            _collect(item, ids)
    elif isinstance(value, str) and len(value) == 36 and value.count("-") == 4:
        try:
            ids.add(str(UUID(value)))
        except ValueError:
            return


def _type(thing: models.Model) -> str:
    return thing._meta.label_lower
