"""What an import would do with each row, compared with the register as it is now. Reads; writes nothing."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.base import new_id
from pilothouse.kernel.imports.draft import Draft
from pilothouse.kernel.imports.merge import Difference, changed_cells, merge
from pilothouse.kernel.imports.models import Outcome, SourceRecord
from pilothouse.kernel.imports.register import Register, load_register


@dataclass(slots=True)
class Step:
    """What becomes of one row. `system_id` is the system's id, or the id that a new one will get."""

    draft: Draft
    outcome: Outcome
    system_id: UUID | None = None
    record: SourceRecord | None = None
    differences: list[Difference] = field(default_factory=list)

    @property
    def kept(self) -> int:
        return sum(difference.kind == "kept" for difference in self.differences)


@dataclass(slots=True)
class Plan:
    """The steps of a whole file, and the systems of its source that it does not name."""

    source: str
    steps: list[Step]
    gone: list[SourceRecord]
    register: Register

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(step.outcome for step in self.steps)
        return {outcome.value: found[outcome] for outcome in Outcome}

    @property
    def hash(self) -> str:
        """Changes whenever the register has changed so that the import would do something else."""
        said = [
            [step.draft.line, step.outcome, sorted((d.as_json() for d in step.differences), key=_kind_and_key)]
            for step in self.steps
            if step.outcome != Outcome.LEAVE or step.differences
        ]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def make_plan(actor: Actor, source: str, drafts: Sequence[Draft], *, ids: dict[int, UUID] | None = None) -> Plan:
    """Compare drafts with the register, in a constant number of queries.

    `ids` are the ids that an earlier preview chose for new systems, by line.
    """
    register = load_register(actor, source, emails=[draft.values.get("owner") or "" for draft in drafts])
    matches = match_records(register.records, drafts)
    steps = [_step(register, draft, matches.get(draft.identity), (ids or {}).get(draft.line)) for draft in drafts]
    named = {step.record.pk for step in steps if step.record}
    return Plan(source, steps, [record for record in register.records if record.pk not in named], register)


def match_records(records: Sequence[SourceRecord], drafts: Sequence[Draft]) -> dict[str, SourceRecord]:
    """Which record each draft (by identity) continues: by identity, else by what the row says of itself.

    The second way covers a source that gives a row its id only later, or repeats an id that used to be unique.
    """
    by_identity = {record.identity: record for record in records}
    live = [draft for draft in drafts if draft.refusal is None]
    matches = {draft.identity: by_identity[draft.identity] for draft in live if draft.identity in by_identity}
    taken = {record.pk for record in matches.values()}
    by_fingerprint = {record.fingerprint: record for record in records if record.pk not in taken}
    for draft in live:
        if draft.identity not in matches and draft.fingerprint in by_fingerprint:
            record = by_fingerprint[draft.fingerprint]
            # Two different ids of one year are two systems, whatever their names.
            if not (record.identity.startswith("id:") and draft.identity.startswith("id:")):
                matches[draft.identity] = record
    return matches


def _step(register: Register, draft: Draft, record: SourceRecord | None, new: UUID | None) -> Step:
    if draft.refusal is not None:
        return Step(draft, Outcome.REFUSE)
    owner = draft.values.get("owner")
    if owner and owner not in register.people:
        draft.flags.append(f"Nobody here has the address {owner}, so the row names no owner.")
        draft.values["owner"] = None
    if record is None:
        return Step(draft, Outcome.CREATE, new or new_id())
    differences = merge(record.values, draft.values, lambda key: register.present(record.system, key, record))
    cells = changed_cells(record.row.raw, draft.raw)
    differs = bool(cells) or any(difference.kind == "set" for difference in differences) or _moved(record, draft)
    return Step(
        draft,
        Outcome.CHANGE if differs else Outcome.LEAVE,
        record.system_id,
        record,
        differences + [cell for cell in cells if differs],
    )


def _kind_and_key(difference: dict[str, Any]) -> tuple[str, str]:
    # PostgreSQL keeps JSON's keys in an order of its own, so a hash must not depend on theirs.
    return difference["kind"], difference["key"]


def _moved(record: SourceRecord, draft: Draft) -> bool:
    return record.identity != draft.identity


def as_values(step: Step) -> dict[str, Any]:
    """A step as the preview and the API show it."""
    return {
        "line": step.draft.line,
        "outcome": step.outcome.value,
        "name": step.draft.values.get("name", ""),
        "differences": [difference.as_json() for difference in step.differences],
        "flags": step.draft.flags,
        "refusal": step.draft.refusal and {"column": step.draft.refusal.column, "reason": step.draft.refusal.reason},
    }
