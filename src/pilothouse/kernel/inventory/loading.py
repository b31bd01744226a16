"""What a check of any domain may read of a system's make-up, in one query however many systems."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pilothouse.kernel.domain import Facts, Loader, Ref
from pilothouse.kernel.inventory.models import Relation


@dataclass(frozen=True, slots=True)
class Used:
    """A component that a system uses, as the inventory names it."""

    id: UUID
    kind: str
    name: str
    version: str

    @property
    def ref(self) -> Ref:
        return Ref("inventory.component", str(self.id), f"{self.name} {self.version}".strip())


@functools.cache
def components_used(*kinds: str) -> Loader:
    """A loader for checks: the components of these kinds (none named: of all) that each system uses, as a tuple in the
    order of their names. The same kinds give the same loader, so the engine calls it once a run."""

    def load(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
        rows = Relation.objects.filter(organisation_id=organisation_id, kind="uses", component__isnull=False)
        if kinds:
            rows = rows.filter(component__kind__in=kinds)
        if system_ids is not None:
            rows = rows.filter(system_id__in=system_ids)
        found: dict[UUID, list[Used]] = {}
        fields = ("system_id", "component_id", "component__kind", "component__name", "component__version")
        for system, *component in rows.order_by("component__name", "component__version").values_list(*fields):
            found.setdefault(system, []).append(Used(*component))
        return {system: tuple(used) for system, used in found.items()}

    return load
