"""Traffic as CSV, written row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from pilothouse.kernel.traffic.selectors import Findings, Usage
from pilothouse.web.inventory.export import neutral

CHUNK = 500
CALLS = (
    "at", "call", "system_name", "unit_name", "key_name", "person_name", "agent", "source", "endpoint", "model",
    "upstream", "target", "model_reported", "purpose", "data_classes", "input", "output", "cache_read", "cache_write",
    "reasoning", "cost", "currency", "latency_ms", "ttft_ms", "status", "finish", "estimated", "attempts", "revision",
)  # fmt: skip
REFUSALS = (
    "at", "call", "system_name", "unit_name", "key_name", "person_name", "source", "endpoint", "model", "code",
    "reason", "status", "revision",
)  # fmt: skip


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """CSV text, piece by piece; the byte order mark makes spreadsheets read it as UTF-8."""
    out = StringIO()
    writer = csv.writer(out)
    yield "\ufeff"
    writer.writerow(heads)
    for number, row in enumerate(rows, start=1):
        writer.writerow([cell(value) for value in row])
        if number % CHUNK == 0:
            yield _drain(out)
    yield _drain(out)


def _drain(out: StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text


def cell(value: Any) -> str:
    """A value as a cell: amounts in whole units, times in ISO 8601, nothing that a spreadsheet takes for a formula."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "" if value is None else str(getattr(value, "text", value))
    return text if isinstance(value, int | Decimal) else neutral(text)


def whole(micro: int) -> Decimal:
    """Micro-units as an amount of currency, exactly."""
    return Decimal(micro) / 1_000_000


def calls(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = CALLS) -> Iterator[str]:
    """Single calls, or refusals with `columns` REFUSALS."""
    heads = [name.removesuffix("_name") for name in columns]
    return as_csv(heads, ([whole(row["cost"]) if name == "cost" else row[name] for name in columns] for row in rows))


def usage(said: Usage) -> Iterator[str]:
    """A line for each value that usage is grouped by."""
    heads = [said.dimension, "calls", "cost", "input", "output", "cached", "reasoning", "failed", "estimated"]
    return as_csv(
        heads,
        ([line.name.text, line.row["calls"], whole(line.row["cost"]), *(line.row[name] for name in heads[3:])]
         for line in said.lines),
    )  # fmt: skip


def findings(said: Findings) -> Iterator[str]:
    """A line for each kind and value."""
    return as_csv(
        ["kind", said.dimension, "found", "calls", "refused"],
        ([kind, line.name.text, line.row["found"], line.row["calls"], line.row["stopped"]]
         for kind, line in said.lines),
    )  # fmt: skip
