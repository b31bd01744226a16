"""Gaps: what a framework asks of a system that is stale or missing, with who closes it, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pilothouse.domains.governance.frameworks.coverage import Field, Met, places
from pilothouse.domains.governance.frameworks.documents import Framework, Requirement
from pilothouse.domains.governance.frameworks.judging import Judged, Settings, judge_systems, settings_of
from pilothouse.domains.governance.frameworks.rules import Standing, State, served
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Person
from pilothouse.kernel.inventory.models import System

GAPS = (State.MISSING, State.STALE)


@dataclass(frozen=True, slots=True)
class Gap:
    """One requirement that one system does not meet. `control` is the one to begin with; `owner` answers for it:
    whoever was named for the control, else the system's owner."""

    system: System
    requirement: Requirement
    state: State
    reason: str
    control: str
    owner: Person | None
    later: bool


class GapList:
    """The gaps of one framework over the systems of a field, in the framework's order; a page of it can be cut out
    without making the others. `states` and `requirement` narrow it; `ahead` counts what does not apply yet."""

    def __init__(
        self,
        actor: Actor,
        field: Field,
        framework: Framework,
        *,
        states: Sequence[State] = GAPS,
        requirement: str = "",
        ahead: bool = False,
    ) -> None:
        self._actor, self._field = actor, field
        self._lines = []
        for one in framework.walk():
            if one.of == "organisation" or (requirement and one.id != requirement):
                continue
            if field.later(one) and not ahead:
                continue
            masks, mask = field.masks(one), 0
            for state in states:
                mask |= masks.of(state, field.everybody)
            if mask:
                self._lines.append((one, mask))

    def __len__(self) -> int:
        return sum(mask.bit_count() for _, mask in self._lines)

    def count(self) -> int:
        """What Django's Paginator asks."""
        return len(self)

    def __getitem__(self, part: slice) -> list[Gap]:
        start, stop = part.start or 0, len(self) if part.stop is None else part.stop
        return self._as_gaps(list(self._pairs(start, stop)))

    def _pairs(self, start: int, stop: int) -> Iterator[tuple[Requirement, UUID]]:
        at = 0
        for requirement, mask in self._lines:
            count = mask.bit_count()
            if at >= stop:
                return
            if at + count > start:
                for number, place in enumerate(places(mask)):
                    if start <= at + number < stop:
                        yield requirement, self._field.ids[place]
            at += count

    def _as_gaps(self, pairs: list[tuple[Requirement, UUID]]) -> list[Gap]:
        organisation_id = self._actor.organisation_id
        ids = list(dict.fromkeys(system_id for _, system_id in pairs))
        judged = judge_systems(organisation_id, self._field.library, self._field.today, ids)
        systems = {one.pk: one for one in System.objects.filter(pk__in=ids).select_related("owner", "unit")}
        settled = settings_of(organisation_id)
        named = {one.owner_id for one in settled.values() if one.owner_id}
        people = {one.pk: one for one in Person.objects.filter(pk__in=named)} if named else {}
        return [
            self._gap(requirement, systems[pk], judged[pk], settled, people)
            for requirement, pk in pairs
            if pk in judged and pk in systems
        ]

    def _gap(
        self,
        requirement: Requirement,
        system: System,
        judged: Judged,
        settled: Settings,
        people: Mapping[UUID, Person],
    ) -> Gap:
        by = self._standings(requirement, judged)
        state = served((requirement.by[name], one.state) for name, one in by)
        name, found = next(((name, one) for name, one in by if one.state is state), ("", None))
        places_ = (settled.get((system.pk, name)), settled.get((None, name)))
        owner_id = next((one.owner_id for one in places_ if one and one.owner_id), None)
        owner = people.get(owner_id, system.owner) if owner_id else system.owner
        reason = found.reason if found else "No control serves it."
        return Gap(system, requirement, state, reason, name, owner, self._field.later(requirement))

    def _standings(self, requirement: Requirement, judged: Judged) -> list[tuple[str, Standing]]:
        found = ((name, judged.standings.get(name) or self._field.organisation.get(name)) for name in requirement.by)
        return [(name, one) for name, one in found if one is not None]


def organisation_gaps(field: Field, framework: Framework, *, ahead: bool = False) -> list[Met]:
    """What a framework asks of the organisation itself and is not met."""
    found = []
    for one in framework.walk():
        if one.of == "organisation" and (ahead or not field.later(one)):
            state = field.state(one)
            if state.gap:
                found.append(Met(one, state, _why(field, one), field.later(one)))
    return found


def _why(field: Field, requirement: Requirement) -> str:
    for name in requirement.by:
        if name in field.organisation and field.organisation[name].state.gap:
            return field.organisation[name].reason
        masks = field.controls.get(name)
        if masks is not None and name not in field.organisation and (counts := masks.counts(field.everybody)).gaps:
            return f"{counts.gaps} of {counts.asked} systems have a gap in {name}."
    return "No control serves it."
