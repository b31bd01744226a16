"""Writing all documents that a system still needs in one go: what is typed is kept, what is whole is sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.inventory.hooks import told_together
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions.one import record_draft, record_seal
from pilothouse.kernel.records.models import Record


@dataclass(frozen=True, slots=True)
class Writing:
    """One document of the sheet: what was typed (None: nothing new, so only a draft that is there may be sealed), and
    the draft that the writer read. `key` is None for a new entry of a register."""

    kind: str
    body: Mapping[str, Any] | None
    key: str | None = ""
    revision: int | None = None
    draft: Record | None = None


@dataclass(slots=True)
class Outcome:
    """What became of one document: its row, whether that is sealed now, and what stood in the way."""

    record: Record | None
    sealed: bool = False
    error: PilothouseError | None = None


@action("organisation.view")
def sheet_save(*, actor: Actor, system: System, papers: Sequence[Writing], seal: bool = False) -> list[Outcome]:
    """Save each document as a draft and, with `seal`, seal those that are whole. One that cannot be saved or sealed
    says why in its outcome and keeps no other from it. The system is judged anew once, at the end."""
    with told_together(actor):
        done = [_draft(actor, system, paper) for paper in papers]
        if seal:
            _seal(actor, done)
    return done


def _draft(actor: Actor, system: System, paper: Writing) -> Outcome:
    if paper.body is None:
        return Outcome(paper.draft)
    try:
        saved = record_draft(
            actor=actor,
            system=system,
            kind=paper.kind,
            body=paper.body,
            revision=paper.revision,
            key=paper.key or None,
            fresh=paper.key is None,
        )
    except PilothouseError as error:
        return Outcome(paper.draft, error=error)
    return Outcome(saved)


def _seal(actor: Actor, done: Sequence[Outcome]) -> None:
    """One may refer to another of the same sheet, in whatever order they stand: so again while one more was sealed."""
    waiting = [one for one in done if one.record is not None and one.record.state == "draft" and one.error is None]
    again = True
    while again:
        again = False
        for one in waiting:
            assert one.record is not None
            if one.sealed:
                continue
            try:
                one.record = record_seal(actor=actor, record=one.record, revision=one.record.revision)
            except PilothouseError as error:
                one.error = error
            else:
                one.sealed, one.error, again = True, None, True
