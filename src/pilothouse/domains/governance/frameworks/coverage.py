"""Coverage of requirements, computed from controls through the mapping: of one system, of many, of the organisation.

Over many systems a state is a bit mask (rules.Masks), so ten thousand systems and two hundred requirements take some
tenths of a second, and no more queries than ten systems.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from django.db.models import QuerySet

from pilothouse.domains.governance.frameworks.conditions import CONDITIONS, against
from pilothouse.domains.governance.frameworks.documents import Framework, Requirement
from pilothouse.domains.governance.frameworks.judging import (
    OUT,
    Judged,
    judge_organisation,
    judge_systems,
)
from pilothouse.domains.governance.frameworks.keeping import Sheets, sheets
from pilothouse.domains.governance.frameworks.library_of import Adopted, Library, adopted, library
from pilothouse.domains.governance.frameworks.rules import (
    BEST_FIRST,
    Counts,
    Masks,
    Standing,
    State,
    all_in,
    counted,
    served,
    served_by_many,
)
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems


@dataclass(frozen=True, slots=True)
class Met:
    """One requirement of one system (or of the organisation): its state, and why where that needs saying.

    `later` says that it does not apply yet: its state is how ready one is, and it counts as not applicable today.
    """

    requirement: Requirement
    state: State
    reason: str
    later: bool


@dataclass(frozen=True, slots=True)
class Covered:
    """One framework of one system (or of the organisation). `now` counts what is asked today, `ahead` all."""

    framework: Adopted
    lines: tuple[Met, ...]

    @property
    def now(self) -> Counts:
        return counted(State.NOT_APPLICABLE if line.later else line.state for line in self.lines)

    @property
    def ahead(self) -> Counts:
        return counted(line.state for line in self.lines)


@dataclass(frozen=True, slots=True)
class SystemCoverage:
    """Everything about one system's controls on a day."""

    system_id: UUID
    today: date
    library: Library
    standings: dict[str, Standing]
    organisation: dict[str, Standing]
    covered: tuple[Covered, ...]

    def standing(self, control_id: str) -> Standing | None:
        """How a control stands, the system's or the organisation's; None for one that is not there."""
        return self.standings.get(control_id) or self.organisation.get(control_id)


def system_coverage(actor: Actor, system: System, today: date) -> SystemCoverage:
    """The controls and frameworks of one system that the actor may see. Eleven queries."""
    actor.require("system.view", system)
    basis = library(actor.organisation_id)
    judged = judge_systems(actor.organisation_id, basis, today, [system.pk]).get(system.pk)
    organisation = judge_organisation(actor.organisation_id, basis, today)
    having = adopted(actor.organisation_id)
    if judged is None:  # it is retired: nothing is asked of it any more
        return SystemCoverage(system.pk, today, basis, {}, organisation, ())
    covered = tuple(Covered(one, tuple(_lines(one.document, judged, organisation, today))) for one in having)
    return SystemCoverage(system.pk, today, basis, judged.standings, organisation, covered)


def _lines(framework: Framework, judged: Judged, organisation: dict[str, Standing], today: date) -> Iterator[Met]:
    for requirement in framework.walk():
        if requirement.of == "organisation":
            continue
        later = requirement.from_ is not None and requirement.from_ > today
        reason = against(requirement.when, judged.found)
        if reason:
            yield Met(requirement, State.NOT_APPLICABLE, f"{reason[0].upper()}{reason[1:]}.", later)
            continue
        by = [
            (relation, found)
            for control, relation in requirement.by.items()
            if (found := judged.standings.get(control) or organisation.get(control))
        ]
        state = served((relation, found.state) for relation, found in by)
        yield Met(requirement, state, _because(state, [found for _, found in by]), later)


def _because(state: State, found: Sequence[Standing]) -> str:
    if not found:
        return "No control serves it."
    return next((one.reason for one in found if one.state is state), "")


@dataclass(frozen=True)
class Field:
    """Many systems at once: their ids in order, and for each control and condition the mask of systems."""

    today: date
    library: Library
    lines: Sheets
    organisation: dict[str, Standing]

    @property
    def ids(self) -> tuple[UUID, ...]:
        return self.lines.ids

    @cached_property
    def everybody(self) -> int:
        return (1 << len(self.lines.ids)) - 1

    @cached_property
    def controls(self) -> dict[str, Masks]:
        """Control → the systems in each state; a control of the organisation stands alike for all."""
        names = [control.id for control in self.library.of_systems]
        found = {
            name: _masks(column) for name, column in zip(names, _columns(self.lines.states, len(names)), strict=True)
        }
        return found | {name: all_in(one.state, self.everybody) for name, one in self.organisation.items()}

    @cached_property
    def whens(self) -> dict[str, int]:
        """Condition → the systems of which it holds."""
        columns = _columns(self.lines.whens, len(CONDITIONS))
        return {name: _mask(column, "1") for name, column in zip(CONDITIONS, columns, strict=True)}

    def applies(self, requirement: Requirement) -> int:
        """The systems that a requirement speaks of."""
        found = self.everybody
        for name in requirement.when:
            found &= self.whens[name]
        return found

    def masks(self, requirement: Requirement) -> Masks:
        """A requirement of systems: the systems in each state, whether or not it applies yet."""
        by = [(relation, self.controls[name]) for name, relation in requirement.by.items() if name in self.controls]
        return served_by_many(by, self.everybody).among(self.applies(requirement))

    def state(self, requirement: Requirement) -> State:
        """A requirement of the organisation. A control of systems that serves it is as good as at its worst system."""
        if requirement.when and not self.applies(requirement):
            return State.NOT_APPLICABLE
        by = []
        for name, relation in requirement.by.items():
            if name in self.organisation:
                by.append((relation, self.organisation[name].state))
            elif name in self.controls:
                by.append((relation, self.controls[name].counts(self.everybody).worst))
        return served(by)

    def later(self, requirement: Requirement) -> bool:
        return requirement.from_ is not None and requirement.from_ > self.today


def _columns(lines: Sequence[str], width: int) -> Sequence[str]:
    """Letter by letter: what all systems have at the first place, at the second, and so on."""
    return ["".join(column) for column in zip(*lines, strict=True)] if lines else [""] * width


_TABLES = {letter: str.maketrans({other: "1" if other == letter else "0" for other in "cdsmn01"}) for letter in "cdsm1"}


def _mask(column: str, letter: str) -> int:
    # The first system is the lowest bit.
    return int(column[::-1].translate(_TABLES[letter]), 2) if column else 0


def _masks(column: str) -> Masks:
    return Masks(*(_mask(column, letter) for letter in "cdsm"))


def places(mask: int) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    for place, bit in enumerate(reversed(f"{mask:b}")):
        if bit == "1":
            yield place


def field_of(actor: Actor, today: date, among: QuerySet[System] | None = None) -> Field:
    """The systems that the actor may see (of those in `among`), as masks. Seven queries while all sheets hold."""
    basis = library(actor.organisation_id)
    seen = systems(actor) if among is None else among
    lines = sheets(actor.organisation_id, seen, today, basis)
    return Field(today, basis, lines, judge_organisation(actor.organisation_id, basis, today))


def whole(actor: Actor) -> bool:
    """Does the actor see all systems? Only then is there something to say of the organisation as a whole."""
    return actor.scope("system.view").everywhere


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement over all systems (`counts`), or of the organisation (`state`)."""

    requirement: Requirement
    counts: Counts
    state: State | None
    later: bool

    @property
    def worst(self) -> State:
        return self.state or self.counts.worst

    @property
    def any_gap(self) -> bool:
        return self.state.gap if self.state else self.counts.gaps > 0


@dataclass(frozen=True, slots=True)
class Overview:
    """A framework over all systems that the actor sees: its rows, and figures for today and with what comes.

    `systems` counts requirement × system, `organisation` the organisation's own requirements.
    """

    framework: Adopted
    rows: tuple[Row, ...]
    how_many: int

    def figure(self, *, ahead: bool = False) -> Counts:
        """Systems and organisation together, as met ÷ (all − not applicable)."""
        return self.systems(ahead=ahead) + self.organisation(ahead=ahead)

    def systems(self, *, ahead: bool = False) -> Counts:
        found = Counts()
        for row in self.rows:
            if row.state is None:
                found += Counts(not_applicable=self.how_many) if row.later and not ahead else row.counts
        return found

    def organisation(self, *, ahead: bool = False) -> Counts:
        return counted(
            State.NOT_APPLICABLE if row.later and not ahead else row.state for row in self.rows if row.state is not None
        )


def overview(actor: Actor, field: Field, framework: Adopted) -> Overview:
    """One framework over the systems of `field`. Pure but for the actor's scope: no query."""
    rows = []
    for requirement in framework.document.walk():
        if requirement.of == "organisation":
            if whole(actor):
                rows.append(Row(requirement, Counts(), field.state(requirement), field.later(requirement)))
            continue
        counts = field.masks(requirement).counts(field.everybody)
        rows.append(Row(requirement, counts, None, field.later(requirement)))
    return Overview(framework, tuple(rows), len(field.ids))


def overviews(actor: Actor, today: date) -> list[Overview]:
    """Every adopted framework over the systems that the actor may see."""
    field = field_of(actor, today)
    return [overview(actor, field, one) for one in adopted(actor.organisation_id)]


def system_counts(field: Field, framework: Framework, *, ahead: bool = False) -> list[Counts]:
    """One framework, counted for each system of the field, in its order."""
    lines = [requirement for requirement in framework.walk() if requirement.of == "system"]
    asked = [field.masks(one) for one in lines if ahead or not field.later(one)]
    size = len(field.ids)
    tallies = {state: [0] * size for state in BEST_FIRST}
    for masks in asked:
        for state in BEST_FIRST:
            tally = tallies[state]
            for place in places(masks.of(state, field.everybody)):
                tally[place] += 1
    found = []
    for place in range(size):
        told = {state.value: tallies[state][place] for state in BEST_FIRST}
        found.append(Counts(**told, not_applicable=len(lines) - sum(told.values())))
    return found


def matrix_systems(actor: Actor) -> QuerySet[System]:
    """The systems that a matrix shows: those that the actor sees, without retired ones."""
    return systems(actor).exclude(stage__in=OUT).select_related("owner", "unit").order_by("number")
