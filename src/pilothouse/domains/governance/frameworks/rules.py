"""Freshness and coverage. Pure: dates, items and relations in, states and counts out; no database, no clock.

A control is, on a day, one of five: *current*, *due* (it holds and is to be shown anew soon), *stale* (what showed it
has expired, or something speaks against it), *missing*, or *not applicable because*. A requirement's state follows from
the controls that serve it. Nothing that has expired is ever current (tests/test_rules.py tries dates to break that).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pilothouse.domains.governance.frameworks.documents import Relation

SOON = 30
"""Days before its end from which something counts as due; a quarter of its cadence where that is less."""


class State(StrEnum):
    """How a control or a requirement stands on a day."""

    CURRENT = "current"
    DUE = "due"
    STALE = "stale"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"

    @property
    def met(self) -> bool:
        """Due is met: it holds until its last day."""
        return self in (State.CURRENT, State.DUE)

    @property
    def gap(self) -> bool:
        return self in (State.STALE, State.MISSING)


BEST_FIRST = (State.CURRENT, State.DUE, State.STALE, State.MISSING)
LETTERS = {"c": State.CURRENT, "d": State.DUE, "s": State.STALE, "m": State.MISSING, "n": State.NOT_APPLICABLE}
LETTER_OF = {state: letter for letter, state in LETTERS.items()}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that shows a control, or speaks against it.

    `until` is the last day on which it says of itself that it counts. `live` is judged anew all the time (a check), so
    no cadence ends it. One that speaks `against` says why in `reason`. `source` is check, record, control or evidence;
    `id` is the row's id (of a check: its name); `hash` what it is sealed by, if it is.
    """

    source: str
    id: str
    title: str
    since: date
    until: date | None = None
    live: bool = False
    against: bool = False
    reason: str = ""
    hash: str = ""

    def ends(self, every: int) -> date:
        """The last day on which it counts, by itself and by the control's cadence of `every` days."""
        if self.live:
            return self.until or date.max
        by_cadence = self.since + timedelta(days=every) if self.since < date.max - timedelta(days=every) else date.max
        return min(by_cadence, self.until) if self.until else by_cadence


@dataclass(frozen=True, slots=True)
class Standing:
    """A control's state on a day, why, its last good day, and the next day on which it may change by itself."""

    state: State
    reason: str
    until: date | None = None
    changes: date | None = None
    items: tuple[Item, ...] = ()


def standing(items: Sequence[Item], *, every: int, today: date, not_applicable: str = "") -> Standing:
    """How a control stands by what there is. `not_applicable` is the reason why it does not apply, if there is one."""
    if not_applicable:
        return Standing(State.NOT_APPLICABLE, not_applicable, items=tuple(items))
    begun = [item for item in items if item.since <= today]
    ahead = min((item.since for item in items if item.since > today), default=None)
    ends = max((item.ends(every) for item in begun if not item.against), default=None)
    against = next((item for item in begun if item.against), None)
    kept = tuple(items)
    if against is not None:
        state = State.MISSING if ends is None else State.STALE
        return Standing(state, against.reason or f"“{against.title}” speaks against it.", ends, ahead, kept)
    if ends is None:
        return Standing(State.MISSING, "Nothing shows it.", None, ahead, kept)
    if ends < today:
        return Standing(State.STALE, f"What showed it ended on {ends:%-d %B %Y}.", ends, ahead, kept)
    warn = timedelta(days=min(SOON, every // 4))
    last = None if ends == date.max else ends
    if last is None or today < ends - warn:
        turns = ends - warn if last else None
        words = f"It is shown until {ends:%-d %B %Y}." if last else "A check finds it met."
        return Standing(State.CURRENT, words, last, _sooner(turns, ahead), kept)
    return Standing(
        State.DUE, f"It is shown until {ends:%-d %B %Y}; show it anew.", last, _sooner(ends + _DAY, ahead), kept
    )


_DAY = timedelta(days=1)


def _sooner(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def served(by: Iterable[tuple[Relation, State]]) -> State:
    """A requirement's state from the controls that serve it.

    Of those that do all of it, the best counts; where none of them applies, the worst of those that do a part.
    Without any control it is missing.
    """
    found = list(by)
    if not found:
        return State.MISSING
    whole = [state for relation, state in found if relation.whole and state is not State.NOT_APPLICABLE]
    if whole:
        return min(whole, key=BEST_FIRST.index)
    part = [state for relation, state in found if not relation.whole and state is not State.NOT_APPLICABLE]
    return max(part, key=BEST_FIRST.index) if part else State.NOT_APPLICABLE


@dataclass(frozen=True, slots=True)
class Masks:
    """Many systems at once: a bit for each, set in the mask of its state. The same rules, a machine word at a time."""

    current: int = 0
    due: int = 0
    stale: int = 0
    missing: int = 0

    @property
    def applies(self) -> int:
        return self.current | self.due | self.stale | self.missing

    def among(self, mask: int) -> Masks:
        """Only the systems of `mask`; the others count as not applicable."""
        return Masks(self.current & mask, self.due & mask, self.stale & mask, self.missing & mask)

    def of(self, state: State, everybody: int) -> int:
        """The systems in that state."""
        return everybody & ~self.applies if state is State.NOT_APPLICABLE else int(getattr(self, state.value))

    def counts(self, everybody: int) -> Counts:
        return Counts(
            self.current.bit_count(),
            self.due.bit_count(),
            self.stale.bit_count(),
            self.missing.bit_count(),
            (everybody & ~self.applies).bit_count(),
        )


def all_in(state: State, everybody: int) -> Masks:
    """Everybody in one state, such as that of a control of the organisation."""
    return Masks() if state is State.NOT_APPLICABLE else Masks(**{state.value: everybody})


def served_by_many(by: Sequence[tuple[Relation, Masks]], everybody: int) -> Masks:
    """`served`, for every system at once."""
    if not by:
        return Masks(missing=everybody)
    whole = [masks for relation, masks in by if relation.whole]
    part = [masks for relation, masks in by if not relation.whole]
    best = _best(whole)
    return _either(best, _worst(part).among(everybody & ~best.applies))


def _best(found: Sequence[Masks]) -> Masks:
    left = taken = 0
    states = []
    for name in ("current", "due", "stale", "missing"):
        left = 0
        for masks in found:
            left |= getattr(masks, name)
        states.append(left & ~taken)
        taken |= left
    return Masks(*states)


def _worst(found: Sequence[Masks]) -> Masks:
    taken = 0
    states = []
    for name in ("missing", "stale", "due", "current"):
        here = 0
        for masks in found:
            here |= getattr(masks, name)
        states.append(here & ~taken)
        taken |= here
    return Masks(*reversed(states))


def _either(one: Masks, other: Masks) -> Masks:
    return Masks(one.current | other.current, one.due | other.due, one.stale | other.stale, one.missing | other.missing)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many requirements (or systems) are in which state. The figure is met ÷ (all − not applicable)."""

    current: int = 0
    due: int = 0
    stale: int = 0
    missing: int = 0
    not_applicable: int = 0

    @property
    def met(self) -> int:
        return self.current + self.due

    @property
    def gaps(self) -> int:
        return self.stale + self.missing

    @property
    def asked(self) -> int:
        return self.met + self.gaps

    @property
    def figure(self) -> float | None:
        """Between 0 and 1; None where nothing is asked: that is neither good nor bad."""
        return self.met / self.asked if self.asked else None

    @property
    def percent(self) -> int | None:
        """Whole per cent, rounded down, so that 100 means all."""
        return None if self.figure is None else int(100 * self.figure)

    @property
    def worst(self) -> State:
        """What the whole looks like: its worst part."""
        for state in (State.MISSING, State.STALE, State.DUE, State.CURRENT):
            if getattr(self, state.value):
                return state
        return State.NOT_APPLICABLE

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.current + other.current,
            self.due + other.due,
            self.stale + other.stale,
            self.missing + other.missing,
            self.not_applicable + other.not_applicable,
        )


def counted(states: Iterable[State]) -> Counts:
    """Counts of states."""
    found: dict[str, int] = {}
    for state in states:
        found[state.value] = found.get(state.value, 0) + 1
    return Counts(**found)


def share(parts: Mapping[str, Counts]) -> Counts:
    """All parts together."""
    return sum(parts.values(), Counts())
