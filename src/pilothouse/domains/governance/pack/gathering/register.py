"""The organisation, and the system as the register had it at the moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pilothouse.domains.governance.pack.material import House, Measure, Part, Practice, Subject
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.inventory.models import (
    EDITABLE,
    Component,
    DatedFact,
    ExternalId,
    Performance,
    Relation,
    System,
)
from pilothouse.kernel.inventory.models import Practice as PracticeRow
from pilothouse.kernel.ledger.models import Entry

UNRELATED = "system.unrelated"
_KINDS = {str(title): kind for kind, title in Relation.KINDS}
_REFERENCES = ("unit", "owner", "deputy")


def house(system: System) -> House:
    """The organisation whose system it is."""
    row = Organisation.objects.get(pk=system.organisation_id)
    return House(str(row.pk), row.slug, row.name, row.time_zone, row.currency)


def subject(system: System, as_of: datetime) -> Subject:
    """The system with its statements and components, as of the moment."""
    row = System.objects.select_related("unit", "owner", "deputy").get(pk=system.pk)
    now = {name: str(getattr(row, name) or "") for name in _REFERENCES}
    now |= {name: getattr(row, name) for name in EDITABLE if not name.endswith("_id")}
    now |= {name: getattr(row, name) for name in ("stage", "tier", "control_point", "stage_since", "inherited_at")}
    was = rolled_back(now, _later(system, as_of))
    return Subject(
        id=str(row.pk),
        number=row.number,
        name=was["name"],
        stage=was["stage"],
        stage_since=_not_after(was["stage_since"], as_of),
        inherited_at=_not_after(was["inherited_at"], as_of),
        created_at=row.created_at,
        tier=was["tier"],
        control_point=was["control_point"],
        unit=was["unit"],
        owner=was["owner"],
        deputy=was["deputy"],
        facts={name: was[name] for name in sorted(EDITABLE) if not name.endswith("_id") and name != "name"},
        external_ids=tuple(
            ExternalId.objects.filter(system=row).order_by("source", "value").values_list("source", "value")
        ),
        dates=tuple(
            (kind, value.isoformat() if value else "", raw)
            for kind, value, raw in DatedFact.objects.filter(system=row)
            .order_by("kind")
            .values_list("kind", "value", "raw")
        ),
        practices=_practices(row, as_of),
        performance=_performance(row, as_of),
        parts=_parts(row, as_of),
    )


def rolled_back(now: Mapping[str, Any], later: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields as they were: `later` holds what each later change found, the newest first. Pure."""
    was = dict(now)
    for before in later:
        for name, value in before.items():
            if name in was:
                was[name] = _name(value) if name in _REFERENCES else value
    return was


def _later(system: System, as_of: datetime) -> list[Mapping[str, Any]]:
    """What each entry after the moment says of the fields before it. Erased contents tell nothing."""
    rows = Entry.objects.filter(
        organisation=system.organisation_id, system_id=system.pk, subject_id=system.pk, at__gt=as_of
    )
    bodies = rows.order_by("-seq").values_list("content__body", flat=True)
    return [json.loads(body)["before"] or {} for body in bodies if body]


def _name(value: Any) -> str:
    return str(value.get("name", "")) if isinstance(value, Mapping) else str(value or "")


def _not_after(moment: datetime | None, as_of: datetime) -> datetime | None:
    return moment if moment is not None and moment <= as_of else None


def _practices(row: System, as_of: datetime) -> tuple[Practice, ...]:
    found = PracticeRow.objects.filter(system=row, said_at__lte=as_of).order_by("key")
    return tuple(Practice(one.key, one.status, one.words, one.source, one.said_at) for one in found)


def _performance(row: System, as_of: datetime) -> tuple[Measure, ...]:
    found = Performance.objects.filter(system=row).order_by("metric", "measured_on", "pk")
    return tuple(
        Measure(one.basis, one.metric, one.value, one.unit, one.population, one.measured_on, one.source)
        for one in found
        if one.measured_on is None or one.measured_on <= as_of.date()
    )


def _parts(row: System, as_of: datetime) -> tuple[Part, ...]:
    """Components and related systems at the moment: those of now, without what came later, with what went later."""
    found = {}
    for one in Relation.objects.filter(system=row).select_related("component", "other"):
        part = _component(one.kind, one.component) if one.component else _other(one.kind, one.other or row)
        found[part.relation, _called(part)] = part
    later = Entry.objects.filter(
        organisation=row.organisation_id, system_id=row.pk, at__gt=as_of, action__in=("system.related", UNRELATED)
    ).order_by("-seq")
    gone: set[tuple[str, str]] = set()
    for action, body in later.values_list("action", "content__body"):
        said = (json.loads(body).get("before" if action == UNRELATED else "after") or {}) if body else {}
        key = _KINDS.get(said.get("relation", ""), ""), said.get("to", "")
        found.pop(key, None)
        gone.discard(key)
        if action == UNRELATED:
            gone.add(key)
    return tuple(sorted([*found.values(), *_gone(row, gone)], key=lambda one: (one.relation, one.kind, _called(one))))


def _gone(row: System, keys: set[tuple[str, str]]) -> list[Part]:
    """The things whose relation was taken away after the moment: the ledger kept their names alone."""
    if not keys:
        return []
    names = {" ".join(to.split(" ")[:count]) for _, to in keys for count in range(1, to.count(" ") + 2)}
    things = [_component("", one) for one in Component.objects.filter(organisation=row.organisation_id, name__in=names)]
    things += [_other("", one) for one in System.objects.filter(organisation=row.organisation_id, name__in=names)]
    called = {_called(one): one for one in things}
    return [replace(called.get(to, Part("", "", "", to)), relation=relation) for relation, to in sorted(keys)]


def _component(relation: str, row: Component) -> Part:
    return Part(relation, row.kind, str(row.pk), row.name, row.version, row.supplier, row.notes)


def _other(relation: str, row: System) -> Part:
    return Part(relation, "system", str(row.pk), row.name, row.ref)


def _called(part: Part) -> str:
    """What the ledger calls the thing: a component by name and version, a system by its name."""
    return part.name if part.kind == "system" else f"{part.name} {part.version}".strip()
