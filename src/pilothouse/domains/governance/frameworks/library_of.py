"""Which controls and frameworks an organisation has: the library, with what it added or put in other words."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from uuid import UUID

from pilothouse.contracts.canonical import content_hash
from pilothouse.domains.governance.frameworks import shipped
from pilothouse.domains.governance.frameworks.conditions import CONDITIONS
from pilothouse.domains.governance.frameworks.documents import Control, Framework, control_of, framework_of
from pilothouse.domains.governance.frameworks.models import ControlVersion, FrameworkVersion


@dataclass(frozen=True, slots=True)
class Library:
    """The controls of an organisation by id. `basis` names the ones that systems are judged by, in their order."""

    controls: dict[str, Control]
    own: frozenset[str]
    basis: str

    @property
    def of_systems(self) -> tuple[Control, ...]:
        return tuple(one for one in self.controls.values() if one.of == "system")

    @property
    def of_organisation(self) -> tuple[Control, ...]:
        return tuple(one for one in self.controls.values() if one.of == "organisation")


@dataclass(frozen=True, slots=True)
class Adopted:
    """An active framework of an organisation: its row and its document."""

    row: FrameworkVersion
    document: Framework

    @property
    def key(self) -> str:
        return self.row.key


def library(organisation_id: UUID) -> Library:
    """The library with the organisation's own controls in it. One query."""
    own = dict(
        ControlVersion.objects.filter(organisation_id=organisation_id, state="active")
        .order_by("key")
        .values_list("key", "body")
    )
    controls = dict(shipped.controls()) | {key: _control(json.dumps(body, sort_keys=True)) for key, body in own.items()}
    return Library(controls, frozenset(own), _basis(tuple(json.dumps(own[key], sort_keys=True) for key in own)))


@functools.lru_cache(maxsize=2048)
def _control(text: str) -> Control:
    return control_of(json.loads(text))


@functools.lru_cache(maxsize=256)
def _basis(own: tuple[str, ...]) -> str:
    theirs = [control.model_dump(mode="json") for control in shipped.controls().values()]
    return content_hash({"own": list(own), "shipped": theirs, "conditions": list(CONDITIONS)})


def adopted(organisation_id: UUID) -> list[Adopted]:
    """The frameworks that are active, in the order of the library, own ones last. One query."""
    rows = FrameworkVersion.objects.filter(organisation_id=organisation_id, state="active").select_related("written_by")
    place = {key: at for at, key in enumerate(shipped.ORDER)}
    ordered = sorted(rows, key=lambda row: (place.get(row.key, len(place)), row.title))
    return [Adopted(row, document(row)) for row in ordered]


def document(row: FrameworkVersion) -> Framework:
    """A version's document. The same hash is read once."""
    found = _FRAMEWORKS.get(row.hash)
    if found is None:
        if len(_FRAMEWORKS) > 128:
            _FRAMEWORKS.clear()
        found = _FRAMEWORKS[row.hash] = framework_of(row.body)
    return found


_FRAMEWORKS: dict[str, Framework] = {}
