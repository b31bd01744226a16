"""Reading the register for an export: every system that the actor may see, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pilothouse.domains.governance.duties.inventories.atrs import Transparency, transparency
from pilothouse.domains.governance.duties.inventories.forms import atrs_form, omb_form
from pilothouse.domains.governance.duties.inventories.known import Known
from pilothouse.domains.governance.duties.inventories.omb import Sheet, sheet
from pilothouse.domains.governance.duties.inventories.schemas import ENTRY, TRANSPARENCY
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.imports.models import SourceRecord
from pilothouse.kernel.inventory.models import DatedFact, ExternalId, Practice, Relation, System
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.inventory.selectors import systems_matching
from pilothouse.kernel.records.models import Record

OMB, ATRS = "us-federal-2025", "uk-atrs"
FACTS = (
    "name", "purpose", "outputs", "stage", "impact", "sourcing", "technique", "topic", "vendor", "personal_data",
    "outcome", "contact",
)  # fmt: skip


def omb_sheet(actor: Actor, query: SystemQuery) -> Sheet:
    """The systems of a list as the US inventory."""
    return sheet(omb_form(), _known(actor, query, OMB, ENTRY))


def atrs_records(actor: Actor, query: SystemQuery) -> list[Transparency]:
    """The systems of a list as transparency records."""
    return [transparency(atrs_form(), one) for one in _known(actor, query, ATRS, TRANSPARENCY)]


def _known(actor: Actor, query: SystemQuery, source: str, kind: str) -> list[Known]:
    actor.require("system.export")
    found = list(systems_matching(actor, query))
    wanted = found if len(found) <= 400 else None  # a long list of ids costs more than the organisation's rows
    external: dict[UUID, str] = {}
    for pk, value in _rows(actor, ExternalId, wanted).filter(source=source).values_list("system_id", "value"):
        external.setdefault(pk, value)
    dates: defaultdict[UUID, dict[str, Any]] = defaultdict(dict)
    for fact in _rows(actor, DatedFact, wanted).filter(kind__in=("implemented", "published")):
        day = fact.value.isoformat() if fact.value else None
        dates[fact.system_id][fact.kind] = {"value": day, "precision": fact.precision, "raw": fact.raw}
    practices: defaultdict[UUID, dict[str, dict[str, str]]] = defaultdict(dict)
    said = _rows(actor, Practice, wanted).values_list("system_id", "key", "status", "words")
    for pk, key, status, words in said:
        practices[pk][key] = {"status": status, "words": words}
    models: defaultdict[UUID, list[str]] = defaultdict(list)
    uses = _rows(actor, Relation, wanted).filter(component__kind="model").select_related("component")
    for relation in uses.order_by("component__name"):
        models[relation.system_id].append(str(relation.component))
    papers = _rows(actor, Record, wanted).filter(kind=kind, state="sealed").values_list("system_id", "body")
    entries: dict[UUID, dict[str, Any]] = dict(papers)
    rows = {
        row.system_id: row for row in _rows(actor, SourceRecord, wanted).filter(source=source).select_related("row")
    }
    units = {unit.pk: unit for unit in Unit.objects.of(actor)}
    return [
        Known(
            number=one.number,
            facts={key: getattr(one, key) for key in FACTS},
            units=tuple(unit.name for unit in _path(one, units)),
            code=next((unit.code for unit in _path(one, units)), ""),
            external=external.get(one.pk, ""),
            published=dates[one.pk].get("published"),
            implemented=dates[one.pk].get("implemented"),
            practices=practices[one.pk],
            models=tuple(models[one.pk]),
            entry=entries.get(one.pk, {}),
            raw=rows[one.pk].row.raw if one.pk in rows else {},
            told=_told(rows[one.pk], source) if one.pk in rows else {},
        )
        for one in found
    ]


def _rows(actor: Actor, model: Any, wanted: Sequence[System] | None) -> Any:
    rows = model.objects.of(actor)
    return rows.filter(system__in=[one.pk for one in wanted]) if wanted is not None else rows.exclude(system=None)


def _path(system: System, units: dict[UUID, Unit]) -> list[Unit]:
    """The units from the root to the system's own."""
    parts = system.unit.path.strip("/").split("/") if system.unit else []
    return [units[UUID(part)] for part in parts if UUID(part) in units]


def _told(record: SourceRecord, source: str) -> dict[str, Any]:
    """What was understood of the row, with its id under a name of its own."""
    return {**record.values, "external": record.values.get(f"external.{source}"), "code": record.row.code}
