"""Reading systems, always narrowed to what the actor may see."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Lower

from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person, Unit
from pilothouse.kernel.inventory.hooks import FILTERS, filter_condition
from pilothouse.kernel.inventory.models import (
    Component,
    DuplicateProposal,
    ExternalId,
    Impact,
    SavedView,
    Sourcing,
    Stage,
    System,
    Tier,
)
from pilothouse.kernel.inventory.query import CHOICES, MISSING, SystemQuery


def systems(actor: Actor, permission: str = "system.view") -> QuerySet[System]:
    """The systems on which the actor holds `permission`."""
    rows = System.objects.of(actor)
    scope = actor.scope(permission)
    if scope.everywhere:
        return rows
    reach = Q(pk=None)
    if scope.own:
        reach |= Q(owner_id__in=actor.stands_for) | Q(deputy_id__in=actor.stands_for)
    for prefix in scope.units:
        reach |= Q(unit__path__startswith=prefix)
    return rows.filter(reach)


def system_by_number(actor: Actor, number: int) -> System:
    """One system that the actor may see, or NotFound."""
    system = systems(actor).select_related("unit", "owner", "deputy", "former_owner").filter(number=number).first()
    if system is None:
        raise NotFound
    return system


def systems_matching(actor: Actor, query: SystemQuery) -> QuerySet[System]:
    """The systems that answer `query`, in its order, with unit and owner at hand. Raises Invalid for a bad filter."""
    rows = _narrowed(systems(actor), actor, query).select_related("unit", "owner", "deputy")
    key = query.sort.removeprefix("-")
    order = _ORDERS[key]()
    return rows.order_by(order.desc(nulls_last=True) if query.sort[0] == "-" else order.asc(nulls_last=True), "number")


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a filter with the number of systems that choosing it would show."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    key: str
    title: str
    values: tuple[FacetValue, ...]


def facets(actor: Actor, query: SystemQuery) -> list[Facet]:
    """The choice filters with counts, in one query. A facet counts under all other filters, so its values compare."""
    keys = list(CHOICES)
    rest = query.choosing(**dict.fromkeys(keys, ()))
    combinations = list(
        _narrowed(systems(actor), actor, rest)
        .order_by()
        .values_list(*keys)
        .annotate(n=Count("pk"))
        .values_list(*keys, "n")
    )
    found = []
    for index, (key, (title, labels)) in enumerate(CHOICES.items()):
        counts: dict[str, int] = {}
        for row in combinations:
            if all(
                not getattr(query, other) or row[at] in getattr(query, other)
                for at, other in enumerate(keys)
                if at != index
            ):
                counts[row[index]] = counts.get(row[index], 0) + row[-1]
        chosen = getattr(query, key)
        values = tuple(
            FacetValue(value, label, counts.get(value, 0), value in chosen)
            for value, label in labels.items()
            if counts.get(value) or value in chosen
        )
        found.append(Facet(key, title, values))
    return found


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter in words, with the query that remains when it is taken away."""

    key: str
    value: str
    text: str
    rest: SystemQuery


def chips(actor: Actor, query: SystemQuery) -> list[Chip]:
    """The active filters of a query, in at most two queries."""
    units = {str(u.pk): u.name for u in Unit.objects.of(actor).filter(pk__in=_uuids(query.unit))} if query.unit else {}
    people = (
        {str(p.pk): p.name for p in Person.objects.of(actor).filter(pk__in=_uuids(query.owner))} if query.owner else {}
    )
    said = []
    for key, value in query.filters():
        if key == "number":
            continue
        if key in CHOICES:
            text = f"{CHOICES[key][0]}: {CHOICES[key][1][value]}"
        elif key == "missing":
            text = MISSING[value]
        elif key == "unit":
            text = "No unit" if value == "none" else f"Unit: {units.get(value, 'unknown')}"
        elif key == "owner":
            text = {"none": "No owner", "me": "Mine"}.get(value) or f"Owner: {people.get(value, 'unknown')}"
        elif key in FILTERS:
            text = FILTERS[key].describe(value)
        else:
            text = _PLAIN[key].format(value)
        said.append(Chip(key, value, text, query.without(key, value)))
    if query.number:
        some = f"{len(query.number)} chosen systems" if len(query.number) > 1 else f"S-{query.number[0]}"
        said.append(Chip("number", "", some, replace(query, number=(), page=1)))
    return said


def saved_views(actor: Actor) -> QuerySet[SavedView]:
    """The actor's own views and the shared ones."""
    mine = Q(person=None) | Q(person_id=actor.person_id) if actor.person_id else Q(person=None)
    return SavedView.objects.of(actor).filter(mine).order_by("name")


def tags_in_use(rows: QuerySet[System]) -> list[tuple[str, int]]:
    """Tags with their counts, most used first."""
    counts: dict[str, int] = {}
    for tags in rows.exclude(tags=[]).order_by().values_list("tags", flat=True):
        for tag in tags:
            counts[tag] = counts.get(tag, 0) + 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def duplicates(actor: Actor) -> QuerySet[DuplicateProposal]:
    """Proposed and decided pairs of which the actor may see both."""
    rows = DuplicateProposal.objects.of(actor)
    if actor.scope("system.view").everywhere:
        return rows
    seen = systems(actor).order_by().values("pk")
    return rows.filter(left__in=seen, right__in=seen)


def components(actor: Actor) -> QuerySet[Component]:
    """The components that the actor may know of: all, or those of the systems that they may see."""
    rows = Component.objects.of(actor)
    if actor.scope("system.view").everywhere:
        return rows
    return rows.filter(relations__system__in=systems(actor).order_by().values("pk")).distinct()


def component_of(actor: Actor, component_id: Any) -> Component:
    """One component, or NotFound. Whoever may add systems may open any, since they may name it again."""
    actor.require("system.view")
    component: Component = Component.objects.get_of(actor, pk=component_id)
    if not actor.may("system.create") and not components(actor).filter(pk=component.pk).exists():
        raise NotFound
    return component


def owners_in_use(rows: QuerySet[System]) -> list[tuple[str, str, int]]:
    """Owners (id, name) with their counts, by name."""
    owned = rows.exclude(owner=None).order_by("owner__name").values("owner_id", "owner__name").annotate(n=Count("pk"))
    return [(str(row["owner_id"]), row["owner__name"], row["n"]) for row in owned]


def unit_tree(units: Iterable[Unit]) -> list[tuple[Unit, int]]:
    """Units in the order of their tree, each with its depth; siblings by name."""
    children: dict[Any, list[Unit]] = {}
    for unit in sorted(units, key=lambda unit: unit.name.casefold(), reverse=True):
        children.setdefault(unit.parent_id, []).append(unit)
    tree: list[tuple[Unit, int]] = []
    waiting = [(unit, 0) for unit in children.get(None, [])]
    while waiting:
        unit, depth = waiting.pop()
        tree.append((unit, depth))
        waiting += [(child, depth + 1) for child in children.get(unit.pk, [])]
    return tree


def vendors_in_use(rows: QuerySet[System]) -> list[tuple[str, int]]:
    """Vendors with their counts, by name."""
    named = rows.exclude(vendor="").order_by("vendor").values("vendor").annotate(n=Count("pk"))
    return [(row["vendor"], row["n"]) for row in named]


def missing_counts(actor: Actor, query: SystemQuery) -> list[tuple[str, str, int, bool]]:
    """What is missing under the other filters: key, words, how many systems, whether it is chosen. One query."""
    rows = _narrowed(systems(actor), actor, replace(query, missing=())).order_by()
    counts = rows.aggregate(**{f"no_{key}": Count("pk", filter=_missing(key)) for key in MISSING})
    return [
        (key, words, counts[f"no_{key}"], key in query.missing)
        for key, words in MISSING.items()
        if counts[f"no_{key}"] or key in query.missing
    ]


def _narrowed(rows: QuerySet[System], actor: Actor, query: SystemQuery) -> QuerySet[System]:
    for word in query.q.split():
        rows = rows.filter(_word(word))
    for key in CHOICES:
        if chosen := getattr(query, key):
            rows = rows.filter(**{f"{key}__in": chosen})
    if query.unit:
        rows = rows.filter(_in_units(actor, query.unit))
    if query.owner:
        rows = rows.filter(_owned_by(actor, query.owner))
    if query.vendor:
        rows = rows.filter(vendor__in=query.vendor)
    if query.tag:
        rows = rows.alias(tag_text=Cast("tags", TextField())).filter(_tagged(query.tag))
    for key in query.missing:
        rows = rows.filter(_missing(key))
    if query.inherited:
        rows = rows.filter(inherited_at__isnull=query.inherited == "no")
    if query.changed_since:
        rows = rows.filter(changed_at__gte=_moment(query.changed_since))
    if query.number:
        rows = rows.filter(number__in=query.number)
    for key, value in query.more:
        rows = rows.filter(filter_condition(actor, key, value))
    return rows


def _word(word: str) -> Q:
    found = Q(name__icontains=word) | Q(purpose__icontains=word) | Q(vendor__icontains=word)
    found |= Q(Exists(ExternalId.objects.filter(system=OuterRef("pk"), value__icontains=word)))
    digits = word.upper().removeprefix("S-")
    if digits.isascii() and digits.isdigit() and len(digits) < 10:
        found |= Q(number=int(digits))
    return found


def _in_units(actor: Actor, chosen: Iterable[str]) -> Q:
    found = Q(unit=None) if "none" in chosen else Q(pk=None)
    for path in Unit.objects.of(actor).filter(pk__in=_uuids(chosen)).values_list("path", flat=True):
        found |= Q(unit__path__startswith=path)
    return found


def _owned_by(actor: Actor, chosen: Iterable[str]) -> Q:
    found = Q(owner_id__in=_uuids(chosen))
    if "none" in chosen:
        found |= Q(owner=None)
    if "me" in chosen:
        found |= Q(owner_id__in=actor.stands_for) | Q(deputy_id__in=actor.stands_for)
    return found


def _tagged(chosen: Iterable[str]) -> Q:
    # Tags hold no quotation mark, so one in quotation marks is a whole tag. SQLite keeps the text as it was dumped
    # (é as \u00e9), PostgreSQL as characters: look for both.
    found = Q(pk=None)
    for tag in chosen:
        found |= Q(tag_text__contains=json.dumps(tag)) | Q(tag_text__contains=f'"{tag}"')
    return found


def _missing(key: str) -> Q:
    if key in ("owner", "unit"):
        return Q(**{key: None})
    if key in ("stage", "tier", "impact", "personal_data", "sourcing"):
        return Q(**{key: "unknown"})
    if key == "intake":
        return Q(intake={})
    if key == "vendor":
        return Q(vendor="", sourcing__in=[Sourcing.BUY, Sourcing.API, Sourcing.MIXED])
    return Q(**{key: ""})


def _moment(text: str) -> datetime:
    if text.endswith("d"):
        return clock.now() - timedelta(days=int(text[:-1]))
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        raise Invalid(f"“{text}” is no date.", fields={"changed_since": "Write it as 2026-03-31."}) from None


def _uuids(values: Iterable[str]) -> list[str]:
    return [value for value in values if value not in ("none", "me")]


def _ranked(field: str, values: Iterable[Any]) -> Any:
    whens = [When(**{field: value}, then=Value(at)) for at, value in enumerate(values)]
    return Case(*whens, default=Value(99), output_field=IntegerField())


_ORDERS: dict[str, Callable[[], Any]] = {
    "number": lambda: F("number"),
    "name": lambda: Lower("name"),
    "stage": lambda: _ranked("stage", Stage.values),
    "tier": lambda: _ranked("tier", Tier.values),
    "impact": lambda: _ranked("impact", Impact.values),
    "unit": lambda: Lower("unit__name"),
    "owner": lambda: Lower("owner__name"),
    "vendor": lambda: Lower("vendor"),
    "changed": lambda: F("changed_at"),
    "created": lambda: F("created_at"),
}
_PLAIN = {
    "q": "“{}”",
    "vendor": "Vendor: {}",
    "tag": "Tag: {}",
    "inherited": "Inherited: {}",
    "changed_since": "Changed since {}",
}
