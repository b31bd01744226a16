"""Evidence behind a claim: what somebody only said becomes documented when a current document supports it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from pilothouse.kernel.checks.rulebook import RulebookBody, strict_tier
from pilothouse.kernel.checks.rules.findings import Judged
from pilothouse.kernel.domain import Finding, Grade, Ref, Status


@dataclass(frozen=True, slots=True)
class Support:
    """A piece of evidence that supports a check of a system: from when it speaks, until when, and how good it is."""

    check: str
    ref: Ref
    effective_on: date
    expires_on: date | None = None
    grade: Grade = Grade.DOCUMENTED


Supports = Mapping[UUID, Sequence[Support]]
SupportLoader = Callable[[UUID, Sequence[UUID] | None], Supports]

_loaders: list[SupportLoader] = []


def register_support(loader: SupportLoader) -> None:
    """Say how evidence is found: `loader(organisation_id, system_ids or None)`, in a constant number of queries."""
    _loaders[:] = [loader]


def supports(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Supports:
    """The evidence that supports checks of these systems."""
    return _loaders[0](organisation_id, system_ids) if _loaders else {}


def lifted(sheet: dict[str, Judged], support: Sequence[Support], body: RulebookBody, tier: str, now: datetime) -> None:
    """Raise the grade of what is met and supported by evidence that is in force and fresh enough for the tier."""
    today = now.date()
    oldest = today - timedelta(days=body.fresh_days.of(strict_tier(tier)))
    for piece in support:
        judged = sheet.get(piece.check)
        if judged is None or judged.finding.status is not Status.MET:
            continue
        in_force = piece.effective_on <= today and (piece.expires_on is None or today <= piece.expires_on)
        if not in_force or piece.effective_on < oldest:
            continue
        said = judged.finding
        grade = max(said.grade, piece.grade, key=lambda grade: grade.rank)
        sheet[piece.check] = Judged(Finding(said.status, said.reason, grade, (*said.refs, piece.ref)), judged.raised)
