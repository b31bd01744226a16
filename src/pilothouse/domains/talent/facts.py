"""What the checks of talent read besides documents: where units stand."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.domain import Facts
from pilothouse.kernel.records.selectors import Everywhere

Lines = dict[UUID, tuple[str, ...]]
"""Unit id → its name and those of the units above it, nearest first."""


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
