"""What the checks of talent read besides documents: where units stand, and who of them has done which course."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pilothouse.domains.talent.rules import Body, newest
from pilothouse.kernel import clock
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.domain import Facts
from pilothouse.kernel.records.judging import today
from pilothouse.kernel.records.selectors import Everywhere, sealed_of_organisation

COMPLETION = "talent.completion"

Lines = dict[UUID, tuple[str, ...]]
"""Unit id → its name and those of the units above it, nearest first."""
Completed = dict[tuple[str, str | None], Body]
"""Course and unit (None: the whole organisation) → the latest figures of who has done it."""


def completed(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
    """A loader for checks: the latest figures of each course in each unit, the same for every system. One query."""
    rows = sealed_of_organisation(organisation_id, COMPLETION)
    return Everywhere(newest((one.body for one in rows), today(clock.now())))


def unit_lines(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
    """A loader for checks: the organisation's units with those above them. One query."""
    names = {pk: (name, path) for pk, name, path in _units(organisation_id)}
    found: Lines = {}
    for pk, (_, path) in names.items():
        above = [UUID(part) for part in reversed(path.strip("/").split("/"))]
        found[pk] = tuple(names[one][0] for one in above if one in names)
    return Everywhere(found)


def _units(organisation_id: UUID) -> list[tuple[UUID, str, str]]:
    return list(Unit.objects.filter(organisation_id=organisation_id).values_list("pk", "name", "path"))
