"""What the checks of every domain say alike: a document that is not there, one in its short form, one that is overdue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from pilothouse.kernel.domain import Finding, Grade, Status, SystemFacts
from pilothouse.kernel.records.selectors import Sealed

Judging = Callable[[SystemFacts, Any, datetime], Finding]


def absent(system: SystemFacts, words: str) -> Finding:
    """Nothing is recorded. Of a system found already running nobody has been asked yet, so it is unknown."""
    return Finding(Status.UNKNOWN if system.inherited else Status.NOT_MET, words)


def needs(words: str) -> Callable[[Judging], Judging]:
    """Decorates a judgement over a sealed document, or over a tuple of entries: `words` are said where there is none, and
    a document sealed in the short form does not serve a system whose tier has risen since."""

    def wrap(judge: Judging) -> Judging:
        def judged(system: SystemFacts, loaded: Any, now: datetime) -> Finding:
            if not loaded:
                return absent(system, words)
            if isinstance(loaded, Sealed) and system.tier != "low" and loaded.short:
                reason = "It was sealed in the short form; the system's tier asks for it in full."
                return Finding(Status.IN_PROGRESS, reason, Grade.SEALED, (loaded.ref,))
            return judge(system, loaded, now)

        return judged

    return wrap


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
