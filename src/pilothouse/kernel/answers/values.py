"""What an answer is: a question, a number, what it is counted from, and the query that opens exactly its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

from pilothouse.kernel.domain import Figure

RUNNING = ("pilot", "production")


@dataclass(frozen=True, slots=True)
class Answer:
    """A live question and its figure. `id` is a domain's, or says which figure of the register it is."""

    id: str
    question: str
    figure: Figure


def of_systems(answer_id: str, question: str, count: int, total: int, query: str = "", unknown: int = 0) -> Answer:
    """An answer that counts systems: `count` of `total`, of which nobody has answered `unknown`. With `query` the list
    of systems shows exactly those that are counted."""
    return Answer(answer_id, question, Figure(count, "systems", count, total, unknown, f"systems/?{query}"))


@dataclass(frozen=True, slots=True)
class Slice:
    """One value of a breakdown with its count and the query that opens its rows."""

    value: str
    label: str
    count: int
    rows_query: str


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Systems by the values of one field. The slices add up to `total`."""

    id: str
    title: str
    slices: tuple[Slice, ...]
    total: int


@dataclass(frozen=True, slots=True)
class UnitGaps:
    """What is missing in one unit and everything below it; `id` is None for systems without a unit."""

    id: str | None
    name: str
    systems: int
    running: int
    met: int
    open: int
    unknown: int
    overdue: int
    rows_query: str

    @property
    def asked(self) -> int:
        return self.met + self.open

    @property
    def percent(self) -> int | None:
        return round(100 * self.met / self.asked) if self.asked else None


NeedKind = Literal["decision", "deadline", "worse", "gap"]


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that needs somebody today: what, why, by when, and where to do it.

    `rank` orders them, most urgent first; `more` counts the others of its kind. To open is a decision, or the rows of
    `rows_query`, or a system's number with a `path` on its page.
    """

    kind: NeedKind
    title: str
    because: str
    rank: float
    act: str
    due: datetime | None = None
    more: int = 0
    decision_id: str = ""
    rows_query: str = ""
    system_number: int | None = None
    path: str = ""


def rows(*pairs: tuple[str, str | Iterable[str]]) -> str:
    """A query string of the list of systems. A value may be several: they are alternatives."""
    flat = [(key, item) for key, value in pairs for item in ([value] if isinstance(value, str) else value)]
    return urlencode(flat, safe=":,.")
