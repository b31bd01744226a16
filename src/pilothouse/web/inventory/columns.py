"""The columns that a list of systems can show, and those that an export always holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.inventory.intake import ANSWERS
from pilothouse.kernel.inventory.models import CustomField, DatedFact, Practice, System
from pilothouse.kernel.inventory.practices import PRACTICES, practice_title


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `value(system)` is plain; `kind` says how a page draws it; `sort` is the list's key for it."""

    key: str
    title: str
    value: Callable[[System], Any]
    kind: str = "text"
    sort: str = ""
    prefetch: str = ""


def _named(system: System, key: str) -> str:
    thing = getattr(system, key)
    return str(thing) if thing else ""


BASE: tuple[Column, ...] = (
    Column("number", "Number", lambda s: s.ref, "ref", "number"),
    Column("name", "Name", lambda s: s.name, "name", "name"),
    Column("stage", "Stage", lambda s: s.get_stage_display(), "stage", "stage"),
    Column("tier", "Tier", lambda s: s.get_tier_display(), "tier", "tier"),
    Column("impact", "Rights and safety", lambda s: s.get_impact_display(), "impact", "impact"),
    Column("unit", "Unit", lambda s: _named(s, "unit"), "clip", "unit"),
    Column("owner", "Owner", lambda s: _named(s, "owner"), "owner", "owner"),
    Column("deputy", "Deputy", lambda s: _named(s, "deputy")),
    Column("control_point", "Control point", lambda s: s.get_control_point_display()),
    Column("sourcing", "Build, buy or API", lambda s: s.get_sourcing_display()),
    Column("vendor", "Vendor", lambda s: s.vendor, "clip", "vendor"),
    Column("technique", "Technique", lambda s: s.technique, "clip"),
    Column("topic", "Field of use", lambda s: s.topic, "clip"),
    Column("personal_data", "Personal data", lambda s: s.get_personal_data_display()),
    Column("purpose", "Purpose", lambda s: s.purpose, "clip"),
    Column("outputs", "Outputs", lambda s: s.outputs, "clip"),
    Column("affects", "Whom it affects", lambda s: s.affects, "clip"),
    Column("outcome", "Outcome", lambda s: s.outcome, "clip"),
    Column("outcome_metric", "Outcome metric", lambda s: s.outcome_metric, "clip"),
    Column("contact", "Contact", lambda s: s.contact, "clip"),
    Column("tags", "Tags", lambda s: ", ".join(s.tags), "tags"),
    Column("inherited", "Inherited since", lambda s: s.inherited_at, "date"),
    Column("stage_since", "In this stage since", lambda s: s.stage_since, "date"),
    Column("created", "Added", lambda s: s.created_at, "date", "created"),
    Column("changed", "Changed", lambda s: s.changed_at, "ago", "changed"),
    Column(
        "external_ids",
        "External ids",
        lambda s: "; ".join(f"{e.source}: {e.value}" for e in s.external_ids.all()),
        "clip",
        prefetch="external_ids",
    ),
)
DEFAULT: tuple[str, ...] = ("name", "stage", "tier", "impact", "unit", "owner", "changed")
ALWAYS = "name"


def all_columns(actor: Actor) -> dict[str, Column]:
    """Every column a list can show in the actor's organisation, by key; custom fields as `custom:<key>`."""
    columns = {column.key: column for column in BASE}
    for field in CustomField.objects.of(actor):
        columns[f"custom:{field.key}"] = Column(f"custom:{field.key}", field.title, _custom(field.key), "clip")
    return columns


def chosen_columns(known: dict[str, Column], keys: tuple[str, ...]) -> list[Column]:
    """The columns of a query, the name always among them. Raises Invalid for one that does not exist."""
    keys = keys or DEFAULT
    for key in keys:
        if key not in known:
            raise Invalid(f"There is no column “{key}”. There are: {', '.join(known)}.", fields={"columns": "Unknown."})
    return [known[key] for key in (keys if ALWAYS in keys else (ALWAYS, *keys))]


def export_columns(actor: Actor) -> list[Column]:
    """All there is to say of a system in one row, for an export."""
    columns = list(all_columns(actor).values())
    columns += [Column(f"intake:{q.key}", q.text, _intake(q.key)) for q in active_body(actor.organisation_id).questions]
    columns += [Column(f"date:{k}", title, _date(k), prefetch="dates") for k, title in DatedFact.KINDS]
    said = Practice.objects.of(actor).order_by().values_list("key", flat=True).distinct()
    for key in dict.fromkeys([*PRACTICES, *sorted(said)]):
        columns.append(Column(f"practice:{key}", practice_title(key), _practice(key), prefetch="practices"))
    columns.append(Column("components", "Made of", _components, prefetch="relations__component"))
    columns.append(Column("relations", "Related systems", _relations, prefetch="relations__other"))
    columns.append(Column("performance", "Performance", _performance, prefetch="performance"))
    columns.append(Column("notes", "Notes", lambda s: s.notes))
    return columns


def _custom(key: str) -> Callable[[System], Any]:
    return lambda system: system.custom.get(key, "")


def _intake(key: str) -> Callable[[System], str]:
    return lambda system: ANSWERS.get(system.intake.get(key, ""), "")


def _date(kind: str) -> Callable[[System], str]:
    def told(system: System) -> str:
        # The words as told: a year told as a year must not come out as the first of January.
        fact = _by_key(system, "dates", "kind").get(kind)
        return (fact.raw or str(fact.value or "")) if fact else ""

    return told


def _practice(key: str) -> Callable[[System], str]:
    def said(system: System) -> str:
        practice = _by_key(system, "practices", "key").get(key)
        return practice.get_status_display() if practice else ""

    return said


def _by_key(system: System, rows: str, key: str) -> dict[str, Any]:
    """The system's rows by key, made once for all the columns that look into them."""
    name = f"_{rows}_by_{key}"
    if name not in system.__dict__:
        system.__dict__[name] = {getattr(row, key): row for row in getattr(system, rows).all()}
    found: dict[str, Any] = system.__dict__[name]
    return found


def _components(system: System) -> str:
    parts = [r.component for r in system.relations.all() if r.component]
    return "; ".join(f"{part.get_kind_display()}: {part}" for part in parts)


def _relations(system: System) -> str:
    return "; ".join(f"{r.get_kind_display()} {r.other.ref}" for r in system.relations.all() if r.other)


def _performance(system: System) -> str:
    return "; ".join(f"{p.metric} {p.value.normalize():f}{p.unit} ({p.population})" for p in system.performance.all())
