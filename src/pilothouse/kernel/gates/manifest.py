"""Building the manifest of systems as they are now, from the inventory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from pilothouse.kernel.checks.facts import narrow
from pilothouse.kernel.gates.rules.manifests import Body, manifest_body
from pilothouse.kernel.inventory.models import Relation, System


def body_of(system: System) -> Body:
    """What a sign-off of this system would approve now."""
    return bodies_of([system])[system.pk]


def bodies_of(rows: Sequence[System]) -> dict[UUID, Body]:
    """The same for many systems of one organisation, in one query. Components are those that the system uses; a custom
    field whose key begins with `prompt` holds a prompt."""
    if not rows:
        return {}
    relations = Relation.objects.filter(organisation_id=rows[0].organisation_id, kind="uses", component__isnull=False)
    asked = narrow([row.pk for row in rows])
    if asked is not None:
        relations = relations.filter(system__in=asked)
    components: defaultdict[UUID, list[tuple[str, str, str]]] = defaultdict(list)
    for system_id, *component in relations.values_list(
        "system_id", "component__kind", "component__name", "component__version"
    ):
        components[system_id].append((component[0], component[1], component[2]))
    return {row.pk: _body(row, components[row.pk]) for row in rows}


def _body(system: System, components: Sequence[tuple[str, str, str]]) -> Body:
    prompts = {key: str(text) for key, text in system.custom.items() if key.startswith("prompt") and text}
    exposure = {
        "affects": system.affects,
        "personal_data": system.personal_data,
        "impact": system.impact,
        "sourcing": system.sourcing,
        "unit": str(system.unit_id or ""),
        "acts_alone": system.intake.get("acts_alone", ""),
        "outside_people": system.intake.get("outside_people", ""),
    }
    return manifest_body(components, system.vendor, prompts, exposure)
