"""An answer as programs read it: the same over REST and on the command line."""

from __future__ import annotations

from typing import Any

from pilothouse.kernel.answers.values import Answer


def answer_out(answer: Answer, key: str, slug: str) -> dict[str, Any]:
    """`key` is what the answer's id is called; `rows_url` opens the rows that the numerator counts."""
    figure = answer.figure
    return {
        key: answer.id,
        "question": answer.question,
        "value": figure.value,
        "unit": figure.unit,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "unknown": figure.unknown,
        "trend": list(figure.trend),
        "rows_url": f"/o/{slug}/{figure.rows}" if figure.rows else "",
    }
