"""Reading cases from a CSV file. What cannot be read is refused with its line: a wrong figure is worse than none."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import isfinite
from statistics import median

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.assessments.fairness.counts import Case

MOST_ROWS = 1_000_000
YES = frozenset({"1", "1.0", "yes", "y", "true", "t", "selected", "hired", "approved", "accepted", "favourable"})
NO = frozenset({"0", "0.0", "no", "n", "false", "f", "rejected", "refused", "denied", "declined", "unfavourable"})
MISSING = frozenset({"", "na", "n/a", "null", "none", "unknown", "?", "-"})


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what. Several `groups` are crossed: sex × race. `favourable` is the value that counts as the
    favourable outcome where it is not one of the usual words; everything else that is said is then unfavourable.
    Without an outcome a score stands for it: favourable is what lies above the median of all (6 RCNY 5-301(c))."""

    groups: tuple[str, ...]
    outcome: str = ""
    truth: str = ""
    score: str = ""
    flipped: str = ""
    favourable: str = ""


def read(lines: Iterable[str], columns: Columns, most: int = MOST_ROWS) -> list[Case]:
    """The cases of a CSV file with a heading; commas or semicolons. Raises Invalid, naming the line and the column."""
    text = _plain(lines)
    rows = csv.reader(text, delimiter=",")
    head = next(rows, None)
    if head is not None and len(head) == 1 and ";" in head[0]:
        rows = csv.reader(text, delimiter=";")
        head = head[0].split(";")
    if not head:
        raise Invalid("The file is empty.", fields={"file": "It needs a heading and a row for each decision."})
    names = [name.strip() for name in head]
    places = {name: _place(names, name) for name in _wanted(columns)}
    cases: list[Case] = []
    for number, row in enumerate(rows, 2):
        if not any(cell.strip() for cell in row):
            continue
        if len(cases) == most:
            raise Invalid(
                f"The file has more than {most:,} rows.", fields={"file": "Aggregate it, or use the command."}
            )
        if len(row) != len(names):
            told = f"Line {number} has {len(row)} cells, the heading {len(names)}."
            raise Invalid(told, fields={"file": told})
        cases.append(_case(columns, {name: row[at].strip() for name, at in places.items()}, number))
    if not cases:
        raise Invalid("The file has a heading and no rows.", fields={"file": "It needs a row for each decision."})
    return cases if columns.outcome else _above_median(cases)


def _above_median(cases: list[Case]) -> list[Case]:
    """Favourable is a score above the median of the whole sample; what has no score is left out."""
    scored = [(case, case.score) for case in cases if case.score is not None]
    if not scored:
        raise Invalid("No row has a score.", fields={"score": "This column is empty."})
    middle = median(score for _, score in scored)
    return [replace(case, favourable=score > middle) for case, score in scored]


def _plain(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if "\x00" in line:
            raise Invalid("This is no text file.", fields={"file": "Send a CSV file."})
        yield line.removeprefix("\ufeff")


def _wanted(columns: Columns) -> list[str]:
    if not columns.groups:
        raise Invalid("Say which column holds the group.", fields={"group": "At least one."})
    if not columns.outcome and not columns.score:
        raise Invalid("Say which column holds the outcome.", fields={"outcome": "Or which holds a score."})
    return [name for name in (columns.outcome, *columns.groups, columns.truth, columns.score, columns.flipped) if name]


def _place(names: list[str], name: str) -> int:
    if names.count(name) == 1:
        return names.index(name)
    told = "is there twice" if name in names else "is not there"
    raise Invalid(
        f"The column “{name}” {told}. There are: {', '.join(names[:20])}.", fields={"file": f"“{name}” {told}."}
    )


def _case(columns: Columns, row: dict[str, str], number: int) -> Case:
    groups = [row[name] for name in columns.groups]
    group = None if any(one.lower() in MISSING for one in groups) else " × ".join(groups)
    favourable = _said(columns, row, columns.outcome, number)
    if favourable is None and columns.outcome:
        raise Invalid(f"Line {number} has no outcome.", fields={"file": f"“{columns.outcome}”, line {number}: empty."})
    return Case(
        group,
        bool(favourable),
        _said(columns, row, columns.truth, number),
        _number(row, columns.score, number),
        _said(columns, row, columns.flipped, number),
    )


def _said(columns: Columns, row: dict[str, str], name: str, number: int) -> bool | None:
    text, wanted = row[name].lower() if name else "", columns.favourable.lower()
    if text in MISSING and (text != wanted or not wanted):
        return None
    # What turned out is often told in plain words where the outcome has words of its own.
    if wanted and not (name == columns.truth and text in YES | NO):
        return text == wanted
    if text in YES or text in NO:
        return text in YES
    raise Invalid(
        f"Line {number}: “{row[name][:60]}” is neither a yes nor a no.",
        fields={"favourable": f"Say which value of “{name}” is the favourable one."},
    )


def _number(row: dict[str, str], name: str, number: int) -> float | None:
    if not name or row[name].lower() in MISSING:
        return None
    try:
        value = float(row[name])
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise Invalid(f"Line {number}: “{row[name][:60]}” is no number.", fields={"file": f"“{name}”, line {number}."})
    return value
