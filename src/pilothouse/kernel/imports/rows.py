"""A row of a file between its three lives: as an adapter's draft, as a planned step, as it is kept."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from pilothouse.kernel.imports.draft import Draft, Refusal
from pilothouse.kernel.imports.models import ImportBatch, ImportRow, Outcome
from pilothouse.kernel.imports.plan import Step


def row_of(batch: ImportBatch, step: Step) -> ImportRow:
    """The step as it is kept."""
    draft = step.draft
    refusal = draft.refusal or Refusal("", "")
    return ImportRow(
        organisation_id=batch.organisation_id,
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


def draft_of(row: ImportRow) -> Draft:
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


def chosen_ids(rows: dict[int, ImportRow]) -> dict[int, UUID]:
    """The ids that a preview chose for new systems, by line."""
    return {line: row.system_id for line, row in rows.items() if row.outcome == Outcome.CREATE and row.system_id}
