"""Looking at a file: keep it, read it, show what applying it would do. Nothing here changes the register."""

from __future__ import annotations

import hashlib

from django.core.files.base import ContentFile

from pilothouse.contracts.errors import Conflict
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.base import new_id
from pilothouse.kernel.imports.draft import Reading
from pilothouse.kernel.imports.models import ImportBatch, ImportRow, Mapping
from pilothouse.kernel.imports.plan import Plan, make_plan
from pilothouse.kernel.imports.reading import Table, read_table
from pilothouse.kernel.imports.rows import chosen_ids, draft_of, row_of
from pilothouse.kernel.imports.selectors import read_with
from pilothouse.kernel.imports.write import CHUNK, rewrite
from pilothouse.kernel.ledger.log import lock_log, record


@action("system.import")
def import_upload(*, actor: Actor, filename: str, data: bytes) -> ImportBatch:
    """Keep a file that can be read as a table, to be read as an inventory next. Raises Invalid when it cannot."""
    table = read_table(data, filename)
    batch = _keep(actor, filename, data, table)
    record(actor, "import.uploaded", batch, after={"file": batch.filename, "sha256": batch.sha256})
    return batch


@action("system.import")
def import_read(*, actor: Actor, batch: ImportBatch, adapter: str, mapping: Mapping | None = None) -> ImportBatch:
    """Read an uploaded file through an adapter (and a mapping) and keep, row by row, what applying it would do.

    May be done again, another way, until it is applied. Raises Invalid when the file is of another kind.
    """
    current = _waiting(actor, batch)
    with current.file.open("rb") as file:
        table = read_table(file.read(), current.filename)
    return _read(actor, current, read_with(actor, adapter, table, mapping), mapping)


@action("system.import")
def import_preview(
    *, actor: Actor, adapter: str, filename: str, data: bytes, mapping: Mapping | None = None
) -> ImportBatch:
    """Upload a file and read it, in one. Raises Invalid when it cannot be read or is of another kind."""
    table = read_table(data, filename)
    reading = read_with(actor, adapter, table, mapping)
    batch = _keep(actor, filename, data, table)
    try:
        return _read(actor, batch, reading, mapping)
    except BaseException:
        batch.file.delete(save=False)
        raise


@action("system.import")
def import_refresh(*, actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Make the preview anew against the register as it is now."""
    current = _waiting(actor, batch, "previewed")
    rows = {row.line: row for row in current.rows.all()}
    plan = make_plan(actor, current.source, [draft_of(row) for row in rows.values()], ids=chosen_ids(rows))
    fresh = [row_of(current, step) for step in plan.steps]
    for row in fresh:
        row.pk = rows[row.line].pk
    rewrite(fresh, ("outcome", "differences", "kept", "system_id", "flags", "values"))
    current.counts, current.plan_hash = plan.counts, plan.hash
    current.gone = [str(record.system_id) for record in plan.gone]
    current.save(update_fields=("counts", "plan_hash", "gone"))
    record(actor, "import.previewed", current, after=dict(current.counts))
    return current


@action("system.import")
def import_discard(*, actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Put a preview aside. The file and its rows stay to be looked at."""
    current = _waiting(actor, batch)
    before = current.status
    current.status = "discarded"
    current.save(update_fields=("status",))
    record(actor, "import.discarded", current, before={"status": before}, after={"status": "discarded"})
    return current


def _waiting(actor: Actor, batch: ImportBatch, *statuses: str) -> ImportBatch:
    lock_log(actor.organisation_id)
    current: ImportBatch = ImportBatch.objects.select_for_update().get_of(actor, pk=batch.pk)
    if current.status not in (statuses or ("uploaded", "previewed")):
        raise Conflict(f"This import is {current.get_status_display().lower()}; that can no longer be done.")
    return current


def _keep(actor: Actor, filename: str, data: bytes, table: Table) -> ImportBatch:
    batch = ImportBatch(
        id=new_id(),
        organisation_id=actor.organisation_id,
        filename=filename[-255:],
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        format=table.format,
        encoding=table.encoding,
        columns=[[column.key, column.title] for column in table.columns],
        remarks=list(table.remarks),
        made_by_id=actor.person_id,
        made_by_name=actor.name[:200],
        created_at=clock.now(),
    )
    batch.file.save(filename, ContentFile(data), save=False)
    try:
        batch.save(force_insert=True)
    except BaseException:
        batch.file.delete(save=False)
        raise
    return batch


def _read(actor: Actor, batch: ImportBatch, reading: Reading, mapping: Mapping | None) -> ImportBatch:
    plan = make_plan(actor, reading.source, reading.drafts)
    _describe(batch, reading, plan)
    batch.mapping, batch.status = mapping, "previewed"
    batch.save()
    batch.rows.all().delete()
    ImportRow.objects.bulk_create((row_of(batch, step) for step in plan.steps), batch_size=CHUNK)
    said = {"file": batch.filename, "sha256": batch.sha256, "read_as": batch.mapping_version} | batch.counts
    record(actor, "import.previewed", batch, after=said)
    return batch


def _describe(batch: ImportBatch, reading: Reading, plan: Plan) -> None:
    batch.adapter, batch.source, batch.mapping_version = reading.adapter, reading.source, reading.mapping_version
    batch.columns = [[column.key, column.title] for column in reading.columns]
    batch.remarks = list(reading.remarks)
    batch.counts, batch.plan_hash = plan.counts, plan.hash
    batch.gone = [str(record.system_id) for record in plan.gone]
    batch.facts = {
        "stages": reading.counts_of("stage"),
        "impact": reading.counts_of("impact"),
        "units": reading.agencies(),
    }
