"""Writing many documents or entries of one kind at once, all or none, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import prefetch_related_objects

from pilothouse.contracts.errors import Conflict, Invalid, NotFound
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.domain import RecordKind
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger import log
from pilothouse.kernel.ledger.log import Event, lock_log
from pilothouse.kernel.records.actions.parts import drafting, said_of, seal, sealing, tell, write
from pilothouse.kernel.records.kinds import check_place, key_said, kind_of, schema_for, top_number
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.references import Place, unresolved_of
from pilothouse.kernel.records.schema import problems, whole

Bodies = Sequence[tuple[System | None, Mapping[str, Any]]]
FEW = 500  # systems that a query names one by one
BATCH = 500


@action("organisation.view")
def records_seal(*, actor: Actor, kind: str, bodies: Bodies, keys: Sequence[str | None] | None = None) -> list[Record]:
    """Write and seal many documents or entries of one kind at once, all or none; what was sealed before is superseded.

    `keys` names entries of a numbered register (None: a new one); where the entries have names, the bodies say them.
    Raises Invalid naming the first that is not whole (`fields` has its place in `bodies`, then the field), Conflict
    when a draft of one of them is open.
    """
    spec = _begun(actor, kind, bodies)
    said = [(system, _whole(spec, system, body, at)) for at, (system, body) in enumerate(bodies)]
    shelf = Shelf(actor, spec, said)
    named = shelf.names(said, keys)
    if wrong := unresolved_of(actor, spec, said, named):
        raise Invalid("Something is named that there is not.", fields=wrong)
    fresh: list[Record] = []
    before: list[Record] = []
    events: list[Event] = []
    for (system, body), key in zip(said, named, strict=True):
        mine = shelf.versions(system, key)
        if any(row.state == "draft" for row in mine):
            raise Conflict(f"A draft of “{spec.title}”{f' {key}' if key else ''} is open; seal or withdraw it first.")
        row = _next(actor, spec, system, key, mine, body)
        row.written_by_id, row.written_at = actor.person_id, clock.now()
        seal(actor, row)
        old = next((one for one in mine if one.state == "sealed"), None)
        if old is not None:
            old.state = "superseded"
            before.append(old)
        mine.append(row)
        fresh.append(row)
        events.append(sealing(spec, row, old))
    Record.objects.filter(pk__in=[row.pk for row in before if not row._state.adding]).update(state="superseded")
    Record.objects.bulk_create(fresh, batch_size=BATCH)
    log.record_many(actor, events)
    tell(actor, spec, [system.pk if system else None for system, _ in said])
    return fresh


@action("organisation.view")
def records_draft(*, actor: Actor, kind: str, bodies: Bodies, keys: Sequence[str | None] | None = None) -> list[Record]:
    """Save many drafts of one kind at once, all or none: new ones, and new texts of those that are open.

    `keys` as of `records_seal`. Raises Invalid for fields that the schema does not have and entries without a name.
    """
    spec = _begun(actor, kind, bodies)
    said = [(system, said_of(spec, body)) for system, body in bodies]
    shelf = Shelf(actor, spec, said, texts=True)
    fresh: list[Record] = []
    old: dict[Any, Record] = {}
    written: list[Record] = []
    events: list[Event] = []
    for (system, body), key in zip(said, shelf.names(said, keys), strict=True):
        mine = shelf.versions(system, key)
        draft = next((row for row in mine if row.state == "draft"), None)
        if draft is None:
            draft = _next(actor, spec, system, key, mine, {})
            draft.revision = 0
            mine.append(draft)
            fresh.append(draft)
        elif draft.body == body:
            written.append(draft)
            continue
        elif not draft._state.adding:
            old[draft.pk] = draft
        before = write(actor, draft, body)
        written.append(draft)
        events.append(drafting(spec, draft, before))
    Record.objects.bulk_create(fresh, batch_size=BATCH)
    Record.objects.bulk_update(list(old.values()), ("body", "revision", "written_by", "written_at"), batch_size=BATCH)
    log.record_many(actor, events)
    if spec.of_system:
        tell(actor, spec, [system.pk if system else None for system, _ in said])
    return written


class Shelf:
    """The versions that there are of one kind, by system and key; without their texts unless they are asked for."""

    def __init__(self, actor: Actor, spec: RecordKind, bodies: Bodies, *, texts: bool = False) -> None:
        self._spec = spec
        self._held: dict[tuple[Place, str], list[Record]] = {}
        rows = Record.objects.of(actor).filter(kind=spec.id)
        about = {system.pk for system, _ in bodies if system is not None}
        if about and len(about) <= FEW:
            rows = rows.filter(system__in=about)
        for row in rows if texts else rows.defer("body"):
            self._held.setdefault((row.system_id, row.key), []).append(row)

    def versions(self, system: System | None, key: str) -> list[Record]:
        """Those of one document or entry; what is appended counts from then on."""
        return self._held.setdefault((system.pk if system else None, key), [])

    def names(self, bodies: Bodies, keys: Sequence[str | None] | None) -> list[str]:
        """The key of each body. Raises Invalid where one says no name, NotFound for a number there is not."""
        given = keys if keys is not None else [None] * len(bodies)
        if not self._spec.many:
            return [""] * len(bodies)
        if self._spec.key:
            return [self._said(body, at) for at, (_, body) in enumerate(bodies)]
        tops: dict[Place, int] = {}
        for place, key in self._held:
            tops[place] = max(tops.get(place, 0), top_number([key]))
        return [
            self._numbered(system.pk if system else None, key, tops)
            for (system, _), key in zip(bodies, given, strict=True)
        ]

    def _said(self, body: Mapping[str, Any], at: int) -> str:
        try:
            return key_said(self._spec, body)
        except Invalid as error:
            raise Invalid(error.detail, fields={f"{at}.{path}": told for path, told in error.fields.items()}) from None

    def _numbered(self, place: Place, key: str | None, tops: dict[Place, int]) -> str:
        if key:
            if (place, key) not in self._held:
                raise NotFound(f"“{self._spec.heading}” has no entry {key} there.")
            return key
        tops[place] = tops.get(place, 0) + 1
        return str(tops[place])


def _begun(actor: Actor, kind: str, bodies: Bodies) -> RecordKind:
    spec = kind_of(kind)
    about: Iterable[System | None] = dict.fromkeys(system for system, _ in bodies)
    prefetch_related_objects([system for system in about if system is not None], "unit")
    for system in about:
        check_place(actor, spec, system)
    lock_log(actor.organisation_id)
    return spec


def _next(
    actor: Actor, spec: RecordKind, system: System | None, key: str, mine: list[Record], body: dict[str, Any]
) -> Record:
    row = Record(organisation_id=actor.organisation_id, kind=spec.id, system=system, key=key, body=body)
    row.version = max((one.version for one in mine), default=0) + 1
    return row


def _whole(spec: RecordKind, system: System | None, body: Mapping[str, Any], at: int) -> dict[str, Any]:
    schema = schema_for(spec, system)
    try:
        said = said_of(spec, body)
        wrong = problems(schema, said)
    except Invalid as error:
        if not error.fields:
            raise
        wrong = error.fields
    if wrong:
        raise Invalid(
            f"“{spec.title}” number {at + 1} is not whole, so none is kept.",
            fields={f"{at}.{path}": words for path, words in wrong.items()},
        )
    return whole(schema, said)
