"""Reading documents, always narrowed to what the actor may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from pilothouse.contracts.errors import NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.domain import RecordKind, registry
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.kinds import kind_of, may_read, schema_for
from pilothouse.kernel.records.loaders import (
    Everywhere,
    Sealed,
    entries,
    in_order,
    latest_sealed,
    organisation_entries,
    sealed_of_organisation,
    sealed_of_systems,
)
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.references import STANDS
from pilothouse.kernel.records.schema import Difference, difference, problems, shapes, words

__all__ = [
    "Everywhere",
    "Sealed",
    "Standing",
    "choices",
    "compare",
    "counts",
    "current",
    "entries",
    "latest_sealed",
    "located",
    "organisation_entries",
    "problems_of",
    "record_by_id",
    "records",
    "sealed_of_organisation",
    "sealed_of_systems",
    "standings",
    "versions",
]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one kind of document stands for one system. Of a register, `sealed` and `draft` are its newest entries, and
    `entries` counts those that hold, `drafts` those that are being written."""

    kind: RecordKind
    sealed: Record | None
    draft: Record | None
    versions: int
    entries: int = 0
    drafts: int = 0

    @property
    def missing(self) -> int:
        """How many answers keep the draft from being sealed."""
        return len(problems_of(self.draft)) if self.draft else 0


def records(
    actor: Actor, *, kind: str = "", system: System | None = None, state: str = "", permission: str = "system.view"
) -> QuerySet[Record]:
    """Versions of documents that the actor may see, newest version first."""
    rows: QuerySet[Record] = Record.objects.of(actor).select_related("system__unit", "written_by", "sealed_by")
    if not actor.scope(permission).everywhere:
        rows = rows.filter(Q(system__in=systems(actor, permission)) | Q(system=None))
    rows = _readable(actor, rows)
    if kind:
        rows = rows.filter(kind=kind)
    if system is not None:
        rows = rows.filter(system=system)
    if state:
        rows = rows.filter(state=state)
    return rows.order_by("system__number", "kind", "key", "-version")


def _readable(actor: Actor, rows: QuerySet[Record]) -> QuerySet[Record]:
    """Without the kinds that ask for a permission which the actor does not hold, or not there."""
    views: dict[tuple[str, bool], list[str]] = {}
    for kind in registry.records.values():
        if not actor.scope(kind.view).everywhere:
            views.setdefault((kind.view, kind.of_system), []).append(kind.id)
    for (view, of_system), kinds in views.items():
        if not actor.may(view) or (not of_system and view != "system.view"):
            rows = rows.exclude(kind__in=kinds)
        elif of_system and view != "system.view":
            rows = rows.filter(~Q(kind__in=kinds) | Q(system__in=systems(actor, view)))
    return rows


def current(
    actor: Actor, kind: str, *, system: System | None = None, permission: str = "system.view"
) -> QuerySet[Record]:
    """What stands: of each document or entry the sealed version, or the draft where none is sealed.

    `drafted` tells of a sealed one whether its next version is being written.
    """
    alike = Record.objects.filter(organisation=OuterRef("organisation"), kind=kind, key=OuterRef("key"))
    alike = alike.filter(system=OuterRef("system")) if kind_of(kind).of_system else alike.filter(system=None)
    rows = records(actor, kind=kind, system=system, permission=permission).filter(state__in=STANDS)
    rows = rows.exclude(Exists(alike.filter(state="sealed")), state="draft")
    return rows.annotate(drafted=Exists(alike.filter(state="draft")))


def versions(actor: Actor, document: Record) -> list[Record]:
    """Every version of the same document or entry, newest first."""
    rows = records(actor, kind=document.kind).filter(system=document.system_id, key=document.key)
    return list(rows.order_by("-version"))


def record_by_id(actor: Actor, record_id: UUID | str) -> Record:
    """One version, or NotFound."""
    found: Record = Record.objects.select_related("system__unit", "written_by", "sealed_by").get_of(actor, pk=record_id)
    kind = registry.records.get(found.kind)
    if kind is None or not may_read(actor, kind, found.system):
        raise NotFound
    return found


def counts(actor: Actor) -> dict[tuple[str, str], int]:
    """How many documents or entries there are that the actor may see, by (kind, state). One query."""
    rows = records(actor).filter(state__in=STANDS).order_by()
    found = rows.values("kind", "state").annotate(many=Count("pk")).values_list("kind", "state", "many")
    return {(kind, state): many for kind, state, many in found}


def standings(actor: Actor, system: System | None) -> list[Standing]:
    """Every registered kind with where it stands: of a system, or (None) of the organisation. One query."""
    if system is not None:
        actor.require("system.view", system)
    held: dict[str, list[Record]] = {}
    rows = Record.objects.of(actor).filter(system=system).select_related("written_by", "sealed_by")
    for row in rows.order_by("-written_at", "-version"):
        held.setdefault(row.kind, []).append(row)
    return [
        _standing(kind, held.get(kind.id, []))
        for kind in registry.records.values()
        if kind.of_system == (system is not None) and may_read(actor, kind, system)
    ]


def _standing(kind: RecordKind, rows: list[Record]) -> Standing:
    sealed = [row for row in rows if row.state == "sealed"]
    drafts = [row for row in rows if row.state == "draft"]
    return Standing(kind, next(iter(sealed), None), next(iter(drafts), None), len(rows), len(sealed), len(drafts))


def problems_of(document: Record) -> dict[str, str]:
    """What keeps a draft from being sealed: dotted path → plain words. What it refers to is looked up at sealing."""
    return problems(schema_for(kind_of(document.kind), document.system), document.body)


def compare(before: Record, after: Record) -> list[Difference]:
    """What changed from one version to another of the same kind."""
    if before.kind != after.kind:
        raise NotFound("These are two different kinds of document.")
    return difference(kind_of(after.kind).schema, before.body, after.body)


def choices(actor: Actor, register: str, system: System | None, most: int) -> list[tuple[str, str]]:
    """What a reference may name, as (value, label), at most `most`: people, units, systems or entries. One query.

    Of a register about systems these are the entries of `system`, or of all where the document is the organisation's.
    """
    if register == "person":
        people = Person.objects.of(actor).filter(left_at=None).exclude(email="").order_by("name")
        return [(email, f"{name} ({email})") for name, email in people.values_list("name", "email")[:most]]
    if register == "unit":
        return [(name, name) for name in Unit.objects.of(actor).order_by("name").values_list("name", flat=True)[:most]]
    if register == "system":
        found = systems(actor).order_by("number").values_list("number", "name")
        return [(str(number), f"S-{number} {name}") for number, name in found[:most]]
    kind = registry.records.get(register)
    if kind is None or not actor.may(kind.view):
        return []
    rows = records(actor, kind=register, system=system if kind.of_system else None).filter(state__in=STANDS)
    first = next(shapes(kind.schema))
    told = {
        key: key if kind.key else f"{key}: {words(first, body.get(first.name))[:80]}"
        for key, body in rows.order_by("key", "version").values_list("key", "body")[: 2 * most]
    }
    return sorted(told.items(), key=lambda one: in_order(one[0]))[:most]


def located(actor: Actor, named: Iterable[tuple[str, str]], system: System | None) -> dict[tuple[str, str], Any]:
    """Where references lead, for those that the actor may see: (register, key) → a Person, a System or a Record
    (without its text). One query for people, one for systems, one for all registers."""
    keys: dict[str, set[str]] = {}
    for register, key in named:
        keys.setdefault(register, set()).add(key)
    found: dict[tuple[str, str], Any] = {}
    emails = keys.pop("person", set())
    keys.pop("unit", None)  # a unit has no page of its own
    numbers = {int(one) for one in keys.pop("system", set()) if one.isdecimal() and len(one) < 10}
    if emails:
        found |= {("person", one.email): one for one in Person.objects.of(actor).filter(email__in=emails)}
    if numbers:
        found |= {("system", str(one.number)): one for one in systems(actor).filter(number__in=numbers)}
    if keys:
        asked = Q(pk=None)
        for register, names in keys.items():
            asked |= Q(kind=register, key__in=names)
        rows = records(actor).filter(asked, state__in=STANDS).defer("body").order_by("state")
        if system is not None:
            rows = rows.filter(Q(system=system) | Q(system=None))
        for row in rows:  # drafts come first, so what is sealed takes their place
            found[row.kind, row.key] = row
    return found
