"""`pilothouse answers`: the live answers on the command line."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from pilothouse.kernel import clock
from pilothouse.kernel.answers.domains import domain_answers
from pilothouse.kernel.answers.selectors import answers as register_answers
from pilothouse.kernel.domain import Figure
from pilothouse.web.cli import Json, Org, emit, operator
from pilothouse.web.home.told import answer_out

Register = Annotated[
    bool, typer.Option("--register", help="Answer what the register knows instead: how many, where, what is missing.")
]


def answers(org: Org, json: Json = False, register: Register = False) -> None:
    """Answer each domain's question, with what nobody knows; `--register` answers from the register of systems."""
    actor, now = operator(org), clock.now()
    found = register_answers(actor, now, over_time=True).all if register else domain_answers(actor, now)
    if json:
        emit([_plain(answer_out(one, "id" if register else "domain", org)) for one in found], json)
        return
    lines = [
        {
            **({} if register else {"domain": one.id}),
            "question": one.question,
            "answer": _words(one.figure),
            "of": f"{one.figure.denominator:g}",
            "unknown": one.figure.unknown,
        }
        for one in found
    ]
    emit(lines, json)


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    return answer | {"trend": [asdict(point) for point in answer["trend"]]}


def _words(figure: Figure) -> str:
    if figure.value is None:
        return "unknown" if figure.denominator or figure.unknown else "nothing yet"
    return f"{figure.value:g} %" if figure.unit == "%" else f"{figure.value:,g} {figure.unit}"


COMMANDS = {"answers": answers}
