"""Telling a bias report: as a table for people, as data for programs, as evidence. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from pilothouse.domains.governance.assessments.fairness.judging import Compared, State, Thresholds
from pilothouse.domains.governance.assessments.fairness.report import LEAST_SHOWN, Line, Report, Result, hidden

STATES = {
    State.BREACH: "Breach",
    State.WATCH: "Watch",
    State.INSUFFICIENT: "Too few to say",
    State.OK: "Within the bar",
}
WITHHELD = "Withheld: too few people."


def withheld(report: Report, least: int = LEAST_SHOWN) -> frozenset[str]:
    """The groups that are not told apart in what leaves the house."""
    groups = {line.group: line.n for result in report.results for line in result.lines}
    return hidden(list(groups.items()), least)


def line_out(line: Line, away: frozenset[str]) -> dict[str, Any]:
    """One group for programs; of a withheld one only that it is there. Figures are rounded to six places."""
    if line.group in away:
        return {"group": line.group, "n": None, "state": None, "because": WITHHELD}
    found = line.compared
    told: dict[str, Any] = {"group": line.group, "n": line.n}
    if line.share is not None:
        told |= {"part": line.share.part, "whole": line.share.whole, "share": _round(line.share.value)}
    if found is None:
        return told | {"state": None, "because": line.note}
    return told | {
        "value": _round(found.value),
        "low": _round(found.low),
        "high": _round(found.high),
        "p": _round(found.p),
        "p_adjusted": _round(line.adjusted),
        "test": found.test or None,
        "detectable_ratio": _round(line.detectable),
        "state": found.state.value,
        "because": found.because,
    }


def report_out(report: Report, least: int = LEAST_SHOWN) -> dict[str, Any]:
    """A whole report for programs; groups below `least` people are withheld (0: none)."""
    away = withheld(report, least)
    return {
        "attribute": report.attribute,
        "state": report.state.value,
        "people": report.people,
        "group_known": report.known,
        "coverage": _round(report.coverage.value),
        "least": report.asked.least,
        "results": [_result(report, result, away) for result in report.results],
    }


def _result(report: Report, result: Result, away: frozenset[str]) -> dict[str, Any]:
    return {
        "metric": result.metric.id,
        "title": result.metric.title,
        "formula": result.metric.formula,
        "source": result.metric.source,
        "reference": result.reference,
        "threshold": float(report.asked.bar(result.metric)),
        "state": result.state.value,
        "lines": [line_out(line, away) for line in result.lines],
    }


def table(report: Report, least: int = LEAST_SHOWN) -> str:
    """The report as a terminal shows it."""
    away = withheld(report, least)
    known = f"{report.known:,} of {report.people:,} people with a known {report.attribute}"
    parts = [f"{STATES[report.state]}: {known}."]
    for result in report.results:
        beside = f", beside “{result.reference}”" if result.reference else ""
        parts.append(f"\n{result.metric.title}{beside}: {STATES[result.state].lower()}\n  {result.metric.formula}")
        rows = [_cells(line, away) for line in result.lines]
        heads = ("group", "people", "share", "figure", "95 % interval", "p (adjusted)", "state")
        widths = [max(len(row[at]) for row in [heads, *rows]) for at in range(len(heads))]
        for row in [heads, *rows]:
            parts.append(
                ("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
            )
    return "\n".join(parts)


def _cells(line: Line, away: frozenset[str]) -> tuple[str, ...]:
    if line.group in away:
        return line.group, "–", "–", "–", "–", "–", WITHHELD
    share = f"{line.share.value:.3f}" if line.share and line.share.value is not None else "–"
    found = line.compared
    if found is None:
        return line.group, str(line.n), share, "–", "–", "–", line.note
    return (
        line.group,
        str(line.n),
        share,
        number(found.value),
        interval(found),
        number(line.adjusted),
        f"{STATES[found.state]}. {found.because}",
    )


def number(value: float | None) -> str:
    """Three places, or a dash where there is nothing."""
    return "–" if value is None else f"{value:.3f}"


def interval(found: Compared) -> str:
    """From … to …, or a dash."""
    return f"{found.low:.3f} to {found.high:.3f}" if found.low is not None and found.high is not None else "–"


def figure_of(report: Report, *, measured_on: date, source_sha256: str, least: int = LEAST_SHOWN) -> dict[str, Any]:
    """The report as a piece of evidence: what was found, and of which file by its hash; not the rows. Numbers are
    texts, so that the hash does not hang on how a program writes them."""
    out = report_out(report, least)
    return {
        "metric": f"{', '.join(one.metric.title for one in report.results)} by {report.attribute}",
        "value": f"{STATES[report.state].lower()}{_lowest(report, least)}",
        "population": f"{report.known} of {report.people} people",
        "measured_on": measured_on.isoformat(),
        "source_sha256": source_sha256,
        "report": _texts(out),
    }


def _lowest(report: Report, least: int) -> str:
    """The figure that is furthest off, where one is."""
    away = withheld(report, least)
    bad = [
        (result, line)
        for result in report.results
        for line in result.lines
        if line.compared and line.group not in away and line.compared.state in (State.BREACH, State.WATCH)
    ]
    if not bad:
        return ""
    result, line = min(bad, key=lambda one: list(State).index(one[1].compared.state if one[1].compared else State.OK))
    return f": “{line.group}” {number(line.compared.value if line.compared else None)} ({result.metric.title})"


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _texts(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_texts(one) for one in value]
    return f"{value:g}" if isinstance(value, float) else value


def _round(value: float | None) -> float | None:
    if value is None or value != value or value in (float("inf"), float("-inf")):
        return None
    return round(value, 6)


def thresholds(body: Mapping[str, Any] | None) -> Thresholds:
    """What a sealed bias policy asks for; None: the usual bars."""
    if not body:
        return Thresholds()
    bars = tuple((one["metric"], Fraction(str(one["bar"]))) for one in body["measures"])
    return Thresholds(least=body.get("least") or Thresholds().least, bars=bars)
