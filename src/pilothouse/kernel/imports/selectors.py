"""Reading imports."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.imports.adapters.registry import adapter_of
from pilothouse.kernel.imports.draft import Reading
from pilothouse.kernel.imports.models import (
    ImportBatch,
    ImportRow,
    IssueLink,
    Mapping,
    Source,
    SourceRecord,
    StageWord,
)
from pilothouse.kernel.imports.plan import Plan, make_plan
from pilothouse.kernel.imports.reading import Table, read_table
from pilothouse.kernel.imports.stages import StageWords, stage_words
from pilothouse.kernel.inventory.models import CustomField, System
from pilothouse.kernel.inventory.rules import BadValueError, clean_custom


def imports(actor: Actor) -> QuerySet[ImportBatch]:
    """The organisation's imports, newest first. Only who may import sees them: rows hold whole inventories."""
    actor.require("system.import")
    return ImportBatch.objects.of(actor)


def import_by_id(actor: Actor, batch_id: UUID | str) -> ImportBatch:
    """One import, or NotFound."""
    found: ImportBatch = imports(actor).get_of(actor, pk=batch_id)  # type: ignore[attr-defined]
    return found


def mappings(actor: Actor) -> list[Mapping]:
    """The last version of each mapping."""
    last: dict[str, Mapping] = {}
    for mapping in Mapping.objects.of(actor).order_by("source", "-version"):
        last.setdefault(mapping.source, mapping)
    return list(last.values())


def mapping_for(actor: Actor, fingerprint: str) -> Mapping | None:
    """The mapping last used for files with these headers."""
    return Mapping.objects.of(actor).filter(fingerprint=fingerprint).order_by("-made_at", "-version").first()


def words_of(actor: Actor) -> StageWords:
    """The words for stages in force in the organisation."""
    return stage_words(dict(StageWord.objects.of(actor).values_list("word", "stage")))


def unknown_stages(actor: Actor, limit: int = 30) -> list[tuple[str, int]]:
    """Words for stages that the last imports used and nobody explained, with how many rows hold them."""
    words = words_of(actor)
    found: Counter[str] = Counter()
    recent = imports(actor).filter(status__in=("previewed", "applied"))[:10]
    rows = ImportRow.objects.filter(batch__in=[batch.pk for batch in recent], values__stage="unknown")
    for flags in rows.exclude(flags=[]).values_list("flags", flat=True):
        for flag in flags:
            match = re.match(r"Stage “(.+)” is not a known word", flag)
            if match and words.read(match[1]).stage == "unknown":
                found[match[1]] += 1
    return found.most_common(limit)


def read_with(actor: Actor, adapter: str, table: Table, mapping: Mapping | None) -> Reading:
    """Read a table through an adapter, with the organisation's words and the mapping, if the adapter takes one."""
    chosen = adapter_of(adapter)
    options: dict[str, Any] = {}
    if mapping is not None:
        options = {
            "source": mapping.source,
            "fields": mapping.fields,
            "options": mapping.options,
            "version": f"{mapping.source}/{mapping.version}",
        }
    elif adapter == "table":
        raise Invalid("A table needs a mapping.", fields={"mapping": "Say which column tells what."})
    reading = chosen.read(table, words_of(actor), options)
    if mapping is not None and any(target.startswith("custom.") for target in mapping.fields):
        _check_custom(actor, reading)
    return reading


def _check_custom(actor: Actor, reading: Reading) -> None:
    """Hold custom fields to what the organisation says they are; a value that is not stays in the row, flagged."""
    specs = list(CustomField.objects.of(actor).filter(active=True))
    for draft in reading.drafts:
        for key, value in draft.values.items():
            if key.startswith("custom.") and value is not None:
                name = key.removeprefix("custom.")
                try:
                    draft.values[key] = clean_custom(specs, {name: value})[name]
                except BadValueError as reason:
                    draft.values[key] = None
                    draft.flags.append(str(reason))


def plan_of(
    actor: Actor, *, adapter: str, filename: str, data: bytes, mapping: Mapping | None = None
) -> tuple[Reading, Plan]:
    """What importing a file would do, without keeping anything."""
    actor.require("system.import")
    reading = read_with(actor, adapter, read_table(data, filename), mapping)
    return reading, make_plan(actor, reading.source, reading.drafts)


def rows_of(batch: ImportBatch, *, show: str = "", search: str = "") -> QuerySet[ImportRow]:
    """The rows of an import. `show`: an outcome, `kept` (corrections by hand), `flagged`, or all."""
    rows = batch.rows.all()
    if show in ("create", "change", "leave", "refuse"):
        rows = rows.filter(outcome=show)
    elif show == "kept":
        rows = rows.filter(kept__gt=0)
    elif show == "flagged":
        rows = rows.exclude(flags=[])
    return rows.filter(name__icontains=search) if search else rows


def sources(actor: Actor) -> QuerySet[Source]:
    """The scheduled sources."""
    actor.require("source.manage")
    return Source.objects.of(actor).select_related("mapping")


def issues_of(actor: Actor, system: System) -> list[IssueLink]:
    """The issues that stand for a system's gaps."""
    actor.require("system.view", system)
    return list(IssueLink.objects.of(actor).filter(gap__system=system).select_related("gap", "source"))


def sources_of(actor: Actor, system: System) -> list[SourceRecord]:
    """Where a system came from: one record for each register, with the row last taken and its file."""
    actor.require("system.view", system)
    return list(
        SourceRecord.objects.of(actor).filter(system=system).select_related("row__batch").order_by("-changed_at")
    )
