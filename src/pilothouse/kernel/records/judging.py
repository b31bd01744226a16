"""What the checks of every domain say alike: of a document that is not there, one in its short form, one overdue."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

from pilothouse.kernel.domain import Finding, Grade, Status, SystemFacts
from pilothouse.kernel.records.selectors import Sealed

Judging = Callable[[SystemFacts, Any, datetime], Finding]


def absent(system: SystemFacts, words: str) -> Finding:
    """Nothing is recorded. Of a system found already running that is unknown, until its owner has answered the intake:
    from then on somebody was asked, and it is a gap."""
    unasked = system.inherited and not system.intake
    return Finding(Status.UNKNOWN if unasked else Status.NOT_MET, words)


def needs(words: str, *, at: int | None = None) -> Callable[[Judging], Judging]:
    """Decorates a judgement over a sealed document, or over a tuple of entries: `words` are said where there is none,
    and what was sealed in the short form does not serve a system whose tier has risen since.

    Of a check with several loaders, `at` is the place of the one that must have found something.
    """

    def wrap(judge: Judging) -> Judging:
        def judged(system: SystemFacts, loaded: Any, now: datetime) -> Finding:
            found = loaded if at is None else loaded[at]
            if not found:
                return absent(system, words)
            short = _short(found) if system.tier != "low" else ()
            if short:
                return sealed(Status.IN_PROGRESS, _in_short(short), *short)
            return held(judge(system, loaded, now), found)

        return judged

    return wrap


def held(finding: Finding, read: Any) -> Finding:
    """The finding, unless it is *met* by a document that is to be looked at again: then somebody has to do so first."""
    if finding.status is not Status.MET:
        return finding
    every = read if isinstance(read, tuple) else (read,)
    again = [one for one in every if isinstance(one, Sealed) and one.look_again]
    if not again:
        return finding
    named = f"“{again[0].key}” is" if again[0].key else "It is"
    return sealed(Status.IN_PROGRESS, f"{named} to be looked at again: {again[0].look_again}", *again)


def _short(loaded: Any) -> tuple[Sealed, ...]:
    """What of it was sealed in the short form: of a document, or of entries."""
    read = loaded if isinstance(loaded, tuple) else (loaded,)
    return tuple(one for one in read if isinstance(one, Sealed) and one.short)


def _in_short(short: tuple[Sealed, ...]) -> str:
    if not short[0].key:
        return "It was sealed in the short form; the system's tier asks for it in full."
    names = ", ".join(f"“{one.key}”" for one in short[:3]) + (f" and {len(short) - 3} more" if len(short) > 3 else "")
    return f"Sealed in the short form, while the system's tier asks for it in full: {names}."


def sealed(status: Status, reason: str, *read: Sealed) -> Finding:
    """A finding that rests on sealed documents."""
    return Finding(status, reason, Grade.SEALED, tuple(one.ref for one in read))


def today(now: datetime) -> date:
    """The day on which a judgement is made, the same all over the world."""
    return now.astimezone(UTC).date()


def day(text: str | None) -> date | None:
    """A date of a document's body."""
    return date.fromisoformat(text) if text else None


def spoken(when: date) -> str:
    """A date as a sentence has it."""
    return f"{when:%-d %B %Y}"


def overdue(papers: Iterable[Sealed], now: datetime, field: str = "review_by") -> tuple[Sealed, date] | None:
    """The one whose `field` was the first day to pass, with that day; None while all are still ahead."""
    dated = ((paper, day(paper.body.get(field))) for paper in papers)
    late = [(paper, due) for paper, due in dated if due and due < today(now)]
    return min(late, key=lambda one: one[1]) if late else None
