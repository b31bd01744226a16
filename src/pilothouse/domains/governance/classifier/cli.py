"""`pilothouse classify`: facts in, reasons out."""

from __future__ import annotations

import json as json_
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.classifier import public
from pilothouse.domains.governance.classifier.examples import examples
from pilothouse.domains.governance.classifier.selectors import rerun
from pilothouse.domains.governance.classifier.told import as_text
from pilothouse.web.cli import Json, emit, finish, operator

LARGEST = 2_000_000  # bytes


def classify(
    facts: Annotated[str, typer.Argument(help="A file of facts in JSON; “-” reads standard input.")] = "",
    on: Annotated[str, typer.Option("--on", help="Say what is in force on this day. It changes no class.")] = "",
    questions: Annotated[bool, typer.Option("--questions", help="Print the questionnaire as JSON Schema.")] = False,
    worked: Annotated[bool, typer.Option("--examples", help="List the worked examples.")] = False,
    again: Annotated[bool, typer.Option("--rerun", help="Reckon sealed classifications again; needs --org.")] = False,
    org: Annotated[str, typer.Option("--org", help="The organisation's short name, for --rerun.")] = "",
    json: Json = False,
) -> None:
    """Classify a system from facts under the EU AI Act, OMB M-25-21 and the GDPR: class, reasons, duties by date."""
    if questions:
        emit(public.questions_schema(), json=True)
    elif worked:
        _list_examples(json)
    elif again:
        _rerun(org, json)
    elif not facts:
        raise Invalid("Name a file of facts, or ask for --questions or --examples.")
    else:
        found = public.classify(_read(facts), on=_day(on))
        if json:
            typer.echo(found.json().decode())
        else:
            typer.echo(as_text(found))


def _rerun(org: str, json: bool) -> None:
    """Who is affected by the rules of now, and what changed. Exit code 1 while somebody is."""
    if not org:
        raise Invalid("Say whose classifications, with --org.")
    found = rerun(operator(org))
    rows = [
        {
            "system": one.system.ref,
            "name": one.system.name,
            "version": one.record.version,
            "rules_changed": ", ".join(one.changed),
            "affected": one.affected,
            "was": one.was,
            "now": one.fault or one.now,
            "differs": [{"was": was, "now": now} for was, now in one.differs],
        }
        for one in found
    ]
    emit(rows if json else [{key: row[key] for key in row if key != "differs"} for row in rows], json)
    if any(one.affected for one in found):
        finish(1)


def _list_examples(json: bool) -> None:
    rows = [
        {"id": one.id, "title": one.title, "expect": one.expect, "because": one.because, "facts": one.facts}
        for one in examples()
    ]
    emit(rows if json else [{key: row[key] for key in ("id", "title", "because")} for row in rows], json)


def _read(name: str) -> Any:
    """Facts from a file or standard input. Raises Invalid."""
    try:
        text = sys.stdin.read(LARGEST + 1) if name == "-" else _text(Path(name))
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{name} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}.") from error
    if len(text) > LARGEST:
        raise Invalid(f"{name} is longer than {LARGEST:,} characters.")
    try:
        return json_.loads(text)
    except ValueError as error:
        raise Invalid(f"{name} is no JSON: {error}.") from error


def _text(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read(LARGEST + 1)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(f"“{text}” is no day. Write it like 2026-12-02.") from error


COMMANDS = {"classify": classify}
