"""From one set of facts, every clock: what is due to whom, the strict target, the outer limit, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pilothouse.domains.governance.duties.lawbook import Condition, Confidence, Law, Row, Step, limit_of, named_in
from pilothouse.domains.governance.duties.rules.facts import MOMENTS, Facts, holds
from pilothouse.domains.governance.duties.rules.periods import closed_in, span

State = Literal["waiting", "running", "past_target", "late", "sent", "sent_late"]
STATES: Mapping[State, str] = {
    "waiting": "Has not begun",
    "running": "Running",
    "past_target": "Past the target",
    "late": "Past the outer limit",
    "sent": "Sent",
    "sent_late": "Sent late",
}
OPEN: frozenset[State] = frozenset({"waiting", "running", "past_target", "late"})
_COUNTRY = {"eu": "BE", "us": "US"}


@dataclass(frozen=True, slots=True)
class Clock:
    """One notice that is, or may be, due. `open_questions` are those on whose answers it depends; of one that surely
    is, the exceptions that nobody has denied.

    `governs` marks, of those due to the same addressee in one place under one regime, the one that is due first.
    """

    key: str
    row: Row
    step: Step
    place: str
    to: str
    sure: bool
    open_questions: tuple[str, ...]
    start: datetime | None
    target: datetime | None
    outer: datetime | None
    at_once: bool
    because: tuple[str, ...]
    confidence: Confidence
    governs: bool = True
    sent_at: datetime | None = None
    state: State = "waiting"

    @property
    def due(self) -> datetime | None:
        """When it is late: the outer limit, or the target where the law names no number."""
        return self.outer or self.target

    @property
    def title(self) -> str:
        one = len(self.row.steps) == 1
        return self.row.title if one else f"{self.row.title}: {self.step.title.lower()}"


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A row that does not apply, and why."""

    row: Row
    because: str


def clocks(
    law: Law, facts: Facts, *, zone: ZoneInfo, now: datetime, sent: Mapping[str, datetime] | None = None
) -> list[Clock]:
    """Every clock that runs or may run, the one due first first. `sent` is when each clock's notice was sent, by key:
    nothing else stops a clock."""
    told = sent or {}
    found = [clock for row in law.rows for clock in _of_row(row, facts, zone, told)]
    found = [replace(one, sent_at=told.get(one.key), state=_state(one, told.get(one.key), now)) for one in found]
    return sorted(_governing(found), key=_order)


def not_asked(law: Law, facts: Facts, zone: ZoneInfo) -> list[NotAsked]:
    """The rows that do not apply to these facts, each with its reason."""
    found = []
    for row in law.rows:
        day = facts.aware_at.astimezone(zone).date()
        if holds(row.when, facts) == "no":
            found.append(NotAsked(row, _denied(law, row, facts)))
        elif (out := _out_of_force(row, day)) is not None:
            found.append(NotAsked(row, out))
    return found


def _denied(law: Law, row: Row, facts: Facts) -> str:
    """The answers that keep a row from applying: what was denied, else the exception that was claimed."""
    titles = {question.id: question.title for question in law.questions}
    asked = list(dict.fromkeys(named_in(row.when)))
    for answer in ("no", "yes"):
        said = [titles[name] for name in asked if facts.answer(name) == answer]
        if said:
            return f"Answered {answer}: {'; '.join(said)}."
    return "Nothing that is known makes it apply."


def earliest(found: Iterable[Clock]) -> datetime | None:
    """The first strict target of those that run or may run and were not sent."""
    return min((one.target for one in found if one.target and one.state in OPEN), default=None)


def _of_row(row: Row, facts: Facts, zone: ZoneInfo, sent: Mapping[str, datetime]) -> Iterator[Clock]:
    answer = holds(row.when, facts)
    if answer == "no" or _out_of_force(row, facts.aware_at.astimezone(zone).date()) is not None:
        return
    asked = tuple(dict.fromkeys(name for name in named_in(row.when) if facts.answer(name) == "unknown"))
    places = facts.member_states or ("",) if row.place == "member_state" else ("",)
    for place in places:
        for step in row.steps:
            clock = _clock(row, step, place, facts, zone, sent)
            yield replace(
                clock,
                sure=answer == "yes",
                open_questions=asked if answer == "unknown" else _exceptions(row.when, asked),
            )


def _exceptions(condition: Condition, asked: tuple[str, ...]) -> tuple[str, ...]:
    """Exceptions that nobody has answered: the row applies unless one of them holds."""
    if isinstance(condition, str):
        return ()
    key, inner = next(iter(condition.items()))
    if key == "unless":
        return tuple(name for name in named_in(inner) if name in asked)
    parts = inner if isinstance(inner, list) else [inner]
    return tuple(dict.fromkeys(name for part in parts for name in _exceptions(part, asked)))


def _clock(row: Row, step: Step, place: str, facts: Facts, zone: ZoneInfo, sent: Mapping[str, datetime]) -> Clock:
    to, because = _addressee(row, facts)
    blank = Clock(
        key=key_of(row, step, place), row=row, step=step, place=place, to=to, sure=True, open_questions=(), start=None,
        target=None, outer=None, at_once=False, because=tuple(because), confidence=row.confidence,
    )  # fmt: skip
    start = facts.moment(step.from_)
    closed = closed_in(place or _COUNTRY.get(row.place, ""))
    limit = limit_of(step.limit)
    if row.place == "member_state" and not place and limit.unit in ("days", "months"):
        because.append("The Member State is not known, so only weekends count as days off.")
    found = None
    if start is not None:
        found = span(start, limit, period=row.period, closed=closed, zone=zone)
        because.insert(0, _counted(step, limit.words))
    cap = step.no_later_than
    capped_from = facts.moment(cap.from_) if cap else None
    if cap and capped_from:
        capped = span(capped_from, limit_of(cap.limit), period=row.period, closed=closed, zone=zone)
        because.append(f"No later than {limit_of(cap.limit).words} from when {_told(cap.from_)}.")
        if found is None or capped.target < found.target:
            found, start = capped, capped_from
    if found is None or start is None:
        waits = f"It begins when {_told(step.from_)}; that is not known yet."
        return replace(blank, because=(waits, *because))
    target, outer = found.target, found.outer
    before = sent.get(key_of(row, row.steps[_at(row, step.after)], place)) if step.after else None
    if before is not None and outer is not None:
        outer = max(target, span(before, limit, period=row.period, closed=closed, zone=zone).outer or outer)
        because.append("The outer limit counts from when the notice before it was sent.")
    spark = min((at for name in step.at_once_from if (at := facts.moment(name)) is not None), default=None)
    if spark is not None and spark < target:
        target = spark
        because.append(f"Due at once since {_told(_which(step, facts, spark))}.")
    at_once = limit.unit == "at_once" or spark is not None
    return replace(blank, start=start, target=target, outer=outer, at_once=at_once, because=tuple(because))


def key_of(row: Row, step: Step, place: str) -> str:
    """What a clock is known by, for as long as the facts that make it hold."""
    return f"{row.id}:{step.id}:{place or '-'}"


def _addressee(row: Row, facts: Facts) -> tuple[str, list[str]]:
    other = row.to_instead
    answer = facts.answer(other.when) if other else "no"
    if other is None or answer == "no":
        return row.to, []
    why = f"{other.cite} ({other.confidence})"
    if answer == "yes":
        return other.to, [f"Goes to: {other.to}. {why}."]
    return f"{row.to}, or {other.to}", [f"Perhaps it goes to another: {other.to}. {why}."]


def _counted(step: Step, words: str) -> str:
    return f"{words[0].upper()}{words[1:]} from when {_told(step.from_)}."


def _told(moment: str) -> str:
    words = MOMENTS[moment]
    return words[0].lower() + words[1:]


def _which(step: Step, facts: Facts, spark: datetime) -> str:
    return next(name for name in step.at_once_from if facts.moment(name) == spark)


def _at(row: Row, step_id: str) -> int:
    return next(at for at, step in enumerate(row.steps) if step.id == step_id)


def _out_of_force(row: Row, day: date) -> str | None:
    if row.applies_from and day < row.applies_from:
        return f"It applies from {row.applies_from:%-d %B %Y}."
    if row.applies_until and day > row.applies_until:
        return f"It applied until {row.applies_until:%-d %B %Y}."
    return None


def _governing(found: Sequence[Clock]) -> list[Clock]:
    """Of those due to one addressee in one place under one regime, in the same step, the first governs; one that only
    may apply never takes the place of one that does."""
    first: dict[tuple[str, str, str, str, bool], Clock] = {}
    for one in sorted(found, key=_order):
        first.setdefault((one.row.regime, one.to, one.place, one.step.id, one.sure), one)
    heads = {one.key for one in first.values()}
    return [replace(one, governs=one.key in heads) for one in found]


def _state(clock: Clock, sent_at: datetime | None, now: datetime) -> State:
    if sent_at is not None:
        # What is due at once has no limit that a machine could hold it to.
        return "sent_late" if clock.outer and sent_at > clock.outer else "sent"
    if clock.target is None:
        return "waiting"
    if clock.outer and now > clock.outer:
        return "late"
    return "past_target" if now > clock.target else "running"


_NEVER = datetime.max.replace(tzinfo=UTC)


def _order(clock: Clock) -> tuple[bool, datetime, datetime, str]:
    target = clock.target or _NEVER
    return (clock.state not in OPEN, target, clock.due or target, clock.key)
