"""Writing imports: look at a file, apply it whole, discard it; keep mappings and words for stages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Items
from dataclasses import replace
from typing import Any

from django.core.files.base import ContentFile

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.base import new_id
from pilothouse.kernel.imports.draft import Draft, Reading, Refusal
from pilothouse.kernel.imports.models import ImportBatch, ImportRow, Mapping, Outcome, StageWord, outcome_counts
from pilothouse.kernel.imports.plan import Plan, Step, make_plan
from pilothouse.kernel.imports.reading import Table, read_table
from pilothouse.kernel.imports.selectors import read_with
from pilothouse.kernel.imports.stages import stage_key
from pilothouse.kernel.imports.write import CHUNK, carry_out
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.inventory.models import Stage
from pilothouse.kernel.ledger.log import Event, lock_log, record, record_many


@action("system.import")
def import_preview(
    *, actor: Actor, adapter: str, filename: str, data: bytes, mapping: Mapping | None = None
) -> ImportBatch:
    """Read a file and keep, row by row, what applying it would do. Nothing in the register changes yet.

    Raises Invalid when the file cannot be read or is of another kind.
    """
    table = read_table(data, filename)
    reading = read_with(actor, adapter, table, mapping)
    plan = make_plan(actor, reading.source, reading.drafts)
    batch = _batch(actor, table, reading, plan, filename, data)
    batch.mapping = mapping
    batch.file.save(filename, ContentFile(data), save=False)
    try:
        batch.save(force_insert=True)
        ImportRow.objects.bulk_create((_row(actor, batch, step) for step in plan.steps), batch_size=CHUNK)
        record(actor, "import.previewed", batch, after={"file": filename, "sha256": batch.sha256} | batch.counts)
    except BaseException:
        batch.file.delete(save=False)
        raise
    return batch


@action("system.import")
def import_apply(*, actor: Actor, batch: ImportBatch, expect: str | None = None) -> ImportBatch:
    """Do what the preview said: all of it or nothing. Applying an applied import again changes nothing.

    `expect` is the `plan_hash` that the caller saw. Raises Conflict when the register has changed since the preview, so
    that something else would happen; the preview is then made anew, for another look.
    """
    lock_log(actor.organisation_id)
    current = ImportBatch.objects.select_for_update().get_of(actor, pk=batch.pk)
    if current.status == "applied":
        return current
    if current.status == "discarded":
        raise Conflict("This import was discarded. Upload the file again to import it.")
    rows = {row.line: row for row in current.rows.all()}
    plan = make_plan(actor, current.source, [_draft(row) for row in rows.values()], ids=_chosen(rows))
    if plan.hash != (expect or current.plan_hash):
        raise Conflict(
            "The register has changed since this preview, so it would do something else now. Look at it again.",
            code="preview_outdated",
        )
    now = clock.now()
    written = carry_out(actor, current, plan, {line: row.pk for line, row in rows.items()}, now)
    current.status, current.applied_at, current.counts = "applied", now, plan.counts
    current.save(update_fields=("status", "applied_at", "counts"))
    summary = outcome_counts(plan.counts) | {"file": current.filename, "sha256": current.sha256}
    record_many(actor, [*written.events, Event("import.applied", current, after=summary)])
    tell_changed(actor, written.ids)
    return current


@action("system.import")
def import_refresh(*, actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Make the preview anew against the register as it is now."""
    current = _waiting(actor, batch)
    rows = {row.line: row for row in current.rows.all()}
    plan = make_plan(actor, current.source, [_draft(row) for row in rows.values()], ids=_chosen(rows))
    fresh = [_row(actor, current, step) for step in plan.steps]
    for row in fresh:
        row.pk = rows[row.line].pk
    ImportRow.objects.bulk_update(
        fresh, ("outcome", "differences", "kept", "system_id", "flags", "values"), batch_size=100
    )
    current.counts, current.plan_hash = plan.counts, plan.hash
    current.gone = [str(record.system_id) for record in plan.gone]
    current.save(update_fields=("counts", "plan_hash", "gone"))
    record(actor, "import.previewed", current, after=dict(current.counts))
    return current


@action("system.import")
def import_discard(*, actor: Actor, batch: ImportBatch) -> ImportBatch:
    """Put a preview aside. The file and its rows stay to be looked at."""
    current = _waiting(actor, batch)
    current.status = "discarded"
    current.save(update_fields=("status",))
    record(actor, "import.discarded", current, before={"status": "previewed"}, after={"status": "discarded"})
    return current


@action("system.import")
def stage_word_set(*, actor: Actor, word: str, stage: str) -> StageWord:
    """Say what a source's word for a stage means here; the next preview reads it so. Raises Invalid."""
    key = stage_key(word)
    if not key or len(key) > 200:
        raise Invalid("A word for a stage has 1 to 200 characters.", fields={"word": "Write it as the file does."})
    if stage not in Stage.values:
        raise Invalid(f"There is no stage “{stage}”.", fields={"stage": f"One of {', '.join(Stage.values)}."})
    before = StageWord.objects.of(actor).filter(word=key).first()
    told, _ = StageWord.objects.update_or_create(
        organisation_id=actor.organisation_id, word=key, defaults={"stage": stage}
    )
    record(
        actor,
        "import.stage_word",
        told,
        before={"stage": before.stage} if before else None,
        after={"word": key, "stage": stage},
    )
    return told


@action("system.import")
def mapping_save(
    *,
    actor: Actor,
    name: str,
    source: str,
    fingerprint: str,
    fields: Items[str, str],
    options: Items[str, Any] | None = None,
) -> Mapping:
    """Keep a mapping for files of this layout, as a new version when it differs from the last. Raises Invalid."""
    name = name.strip()
    if not name or "name" not in fields:
        problem = {"name": "Name the mapping."} if not name else {"fields": "Say which column holds the system's name."}
        raise Invalid("A mapping needs a name, and a column for the name of the system.", fields=problem)
    last = Mapping.objects.of(actor).filter(source=source).order_by("-version").first()
    new = Mapping(
        id=new_id(),
        organisation_id=actor.organisation_id,
        name=name[:120],
        source=source,
        fingerprint=fingerprint,
        version=(last.version if last else 0) + 1,
        fields=dict(fields),
        options=dict(options or {}),
        made_by_id=actor.person_id,
        made_at=clock.now(),
    )
    if last and all(getattr(last, k) == getattr(new, k) for k in ("name", "fingerprint", "fields", "options")):
        return last
    new.save(force_insert=True)
    record(
        actor,
        "mapping.saved",
        new,
        before={"fields": last.fields, "options": last.options} if last else None,
        after={"name": new.name, "version": new.version, "fields": new.fields, "options": new.options},
    )
    return new


def _waiting(actor: Actor, batch: ImportBatch) -> ImportBatch:
    lock_log(actor.organisation_id)
    current: ImportBatch = ImportBatch.objects.select_for_update().get_of(actor, pk=batch.pk)
    if current.status != "previewed":
        raise Conflict(f"This import is {current.get_status_display().lower()} already.")
    return current


def _batch(actor: Actor, table: Table, reading: Reading, plan: Plan, filename: str, data: bytes) -> ImportBatch:
    return ImportBatch(
        id=new_id(),
        organisation_id=actor.organisation_id,
        adapter=reading.adapter,
        source=reading.source,
        mapping_version=reading.mapping_version,
        filename=filename[:255],
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        format=table.format,
        encoding=table.encoding,
        columns=[[column.key, column.title] for column in reading.columns],
        remarks=list(reading.remarks),
        counts=plan.counts,
        facts={
            "stages": reading.counts_of("stage"),
            "impact": reading.counts_of("impact"),
            "units": reading.agencies(),
        },
        gone=[str(record.system_id) for record in plan.gone],
        plan_hash=plan.hash,
        made_by_id=actor.person_id,
        made_by_name=actor.name[:200],
        created_at=clock.now(),
    )


def _row(actor: Actor, batch: ImportBatch, step: Step) -> ImportRow:
    draft = step.draft
    refusal = draft.refusal or Refusal("", "")
    return ImportRow(
        organisation_id=actor.organisation_id,
        batch=batch,
        line=draft.line,
        raw=draft.raw,
        name=draft.values.get("name", ""),
        values=draft.values,
        missing=draft.missing,
        flags=draft.flags,
        agency=draft.agency,
        code=draft.code,
        identity=draft.identity,
        fingerprint=draft.fingerprint,
        outcome=step.outcome,
        column=refusal.column[:300],
        reason=refusal.reason[:500],
        differences=[difference.as_json() for difference in step.differences],
        kept=step.kept,
        system_id=step.system_id,
    )


def _draft(row: ImportRow) -> Draft:
    """A kept row as the adapter understood it, to be compared with the register once more."""
    draft = Draft(
        line=row.line,
        raw=row.raw,
        values=row.values,
        missing=row.missing,
        flags=list(row.flags),
        agency=row.agency,
        code=row.code,
        identity=row.identity,
        fingerprint=row.fingerprint,
    )
    return draft if row.outcome != Outcome.REFUSE else replace(draft, refusal=Refusal(row.column, row.reason))


def _chosen(rows: dict[int, ImportRow]) -> dict[int, Any]:
    return {line: row.system_id for line, row in rows.items() if row.outcome == Outcome.CREATE}
