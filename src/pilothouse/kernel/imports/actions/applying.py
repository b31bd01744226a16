"""Doing what a preview said."""

from __future__ import annotations

from pilothouse.contracts.errors import Conflict
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.imports.models import ImportBatch, outcome_counts
from pilothouse.kernel.imports.plan import make_plan
from pilothouse.kernel.imports.rows import chosen_ids, draft_of
from pilothouse.kernel.imports.write import carry_out
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.ledger.log import Event, lock_log, record_many


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
    if current.status != "previewed":
        said = {"discarded": "was discarded; upload the file again", "uploaded": "has not been read yet"}
        raise Conflict(f"This import {said[current.status]}.")
    rows = {row.line: row for row in current.rows.all()}
    plan = make_plan(actor, current.source, [draft_of(row) for row in rows.values()], ids=chosen_ids(rows))
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
