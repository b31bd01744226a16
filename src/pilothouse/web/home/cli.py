"""`pilothouse answers`: the live answers on the command line."""

from __future__ import annotations

from dataclasses import asdict

from pilothouse.kernel import clock
from pilothouse.kernel.answers.selectors import answers as answer
from pilothouse.web.cli import Json, Org, emit, operator


def answers(org: Org, json: Json = False) -> None:
    """Answer from the register: how many systems, where they stand, what running ones lack, what nobody knows."""
    said = answer(operator(org), clock.now()).all
    if json:
        emit([asdict(one) for one in said], json)
        return
    emit(
        [{"question": one.question, "answer": _words(one.value, one.unit), "of": one.denominator} for one in said], json
    )


def _words(value: float | None, unit: str) -> str:
    if value is None:
        return "nothing asked"
    return f"{value:g} %" if unit == "%" else f"{value:,.0f}"


COMMANDS = {"answers": answers}
