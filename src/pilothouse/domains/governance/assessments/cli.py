"""`pilothouse bias`: measuring bias on the command line, without an installation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import IO, Annotated

import typer

from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.domains.governance.assessments.bias import report_out, table
from pilothouse.domains.governance.assessments.disclosures import claims
from pilothouse.domains.governance.assessments.fairness.judging import State, Thresholds
from pilothouse.domains.governance.assessments.fairness.metrics import METRICS
from pilothouse.domains.governance.assessments.fairness.reading import Columns, read
from pilothouse.domains.governance.assessments.fairness.report import LEAST_SHOWN, measure
from pilothouse.kernel.clock import now
from pilothouse.kernel.records.judging import today
from pilothouse.web.cli import Json, Org, emit, finish, operator

bias_app = typer.Typer(help="Measure whether groups are treated alike.", no_args_is_help=True)


@bias_app.command("report")
def bias_report(
    file: Annotated[str, typer.Argument(help="A CSV file with a row for each decision, or - for input.")],
    group: Annotated[list[str], typer.Option("--group", help="The column of the group; several are crossed.")],
    outcome: Annotated[str, typer.Option("--outcome", help="The column of what was decided.")] = "",
    favourable: Annotated[str, typer.Option("--favourable", help="The value that counts as favourable.")] = "",
    truth: Annotated[str, typer.Option("--truth", help="The column of what was right.")] = "",
    score: Annotated[str, typer.Option("--score", help="The column of the score.")] = "",
    flipped: Annotated[str, typer.Option("--flipped", help="The column of the try with the attribute changed.")] = "",
    metric: Annotated[list[str] | None, typer.Option("--metric", help="A metric; see `bias metrics`.")] = None,
    ratio: Annotated[str, typer.Option("--ratio", help="The least ratio, such as 4/5 or 0.8.")] = "4/5",
    difference: Annotated[str, typer.Option("--difference", help="The largest difference, such as 0.1.")] = "0.1",
    least: Annotated[int, typer.Option("--least", min=1, help="Smaller groups are too small to say.")] = 30,
    reference: Annotated[str, typer.Option("--reference", help="The group that others are set beside.")] = "",
    exclude: Annotated[bool, typer.Option("--exclude-small", help="Leave groups below 2 % out.")] = False,
    withhold: Annotated[int, typer.Option("--withhold", min=0, help="Do not tell smaller groups apart.")] = LEAST_SHOWN,
    json: Json = False,
) -> None:
    """Rates, ratios and differences of each group with intervals, and the state. Exits with 1 at a breach."""
    columns = Columns(tuple(group), outcome, truth, score, flipped, favourable)
    asked = _thresholds(ratio, difference, least)
    with _opened(file) as lines:
        cases = read(lines, columns)
    chosen = metric or ["four_fifths", "statistical_parity"]
    report = measure(
        cases, metrics=chosen, asked=asked, reference=reference, attribute=" × ".join(group), exclude=exclude
    )
    emit(report_out(report, withhold), json, None if json else table(report, withhold))
    finish(1 if report.state is State.BREACH else 0)


@bias_app.command("metrics")
def bias_metrics(json: Json = False) -> None:
    """Every metric with its formula, what it needs and where it comes from."""
    rows = [
        {"metric": one.id, "needs": one.needs, "formula": one.formula, "source": one.source} for one in METRICS.values()
    ]
    emit(rows, json)


def _thresholds(ratio: str, difference: str, least: int) -> Thresholds:
    try:
        return Thresholds(Fraction(ratio), Fraction(difference), least=least)
    except (ValueError, ZeroDivisionError):
        told = "Write them such as 4/5 and 0.1; a ratio lies above 0 and at most at 1, a difference below 1."
        raise Invalid("These thresholds cannot be.", fields={"ratio": told}) from None


@contextmanager
def _opened(file: str) -> Iterator[IO[str]]:
    if file == "-":
        yield sys.stdin
        return
    path = Path(file)
    if not path.is_file():
        raise NotFound(f"There is no file {file}.")
    with path.open(encoding="utf-8-sig", newline="") as lines:
        try:
            yield lines
        except UnicodeDecodeError:
            raise Invalid("This is no text in UTF-8.", fields={"file": "Save it as CSV in UTF-8."}) from None


def disclosures(org: Org, json: Json = False) -> None:
    """Public claims about AI with how each stands. Exits with 1 while one is no longer supported."""
    rows = claims(operator(org), today(now()))
    told = [
        {
            "claim": one.paper.key,
            "state": one.verdict.state,
            "because": " ".join(one.verdict.reasons),
            "owner": one.owner,
        }
        for one in rows
    ]
    emit(told, json)
    finish(1 if any(one.verdict.state == "unsupported" for one in rows) else 0)


COMMANDS = {"bias": bias_app, "disclosures": disclosures}
