"""Usage logs of other tools: CSV with a heading line, or JSON (a list, or one object a line).

LiteLLM's spend logs are read as they are; any other log needs columns that say the same under one of these names.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from dateutil import parser as dates

from pilothouse.contracts.errors import Invalid
from pilothouse.contracts.policy.budgets import Tokens
from pilothouse.kernel.traffic.observed.seen import Seen

MOST_BYTES = 64 * 1024 * 1024
# What is read -> the names it may stand under, in small letters without blanks and underscores; the first found counts.
NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("requestid", "id", "callid", "litellmcallid", "responseid"),
    "at": ("starttime", "time", "timestamp", "at", "date", "createdat", "start"),
    "end": ("endtime", "end", "finishedat"),
    "model": ("model", "modelgroup", "requestmodel", "modelname"),
    "provider": ("customllmprovider", "provider", "upstream", "vendor"),
    "operation": ("calltype", "operation", "endpoint"),
    "input": ("prompttokens", "inputtokens", "input", "tokensin"),
    "output": ("completiontokens", "outputtokens", "output", "tokensout"),
    "cached": ("cachereadinputtokens", "cachedtokens", "cacheread"),
    "cost": ("spend", "cost", "responsecost", "costusd", "price"),
    "latency": ("latencyms", "durationms", "latency", "requestdurationms"),
    "person": ("enduser", "user", "person", "userid", "email"),
    "agent": ("agent", "agentname"),
    "system": ("system", "systemid", "application", "app"),
    "status": ("status", "statuscode", "responsestatus"),
}


def read(data: bytes) -> list[Seen]:
    """The calls in a log, times without a zone taken as UTC. Raises Invalid when it cannot be read at all."""
    if len(data) > MOST_BYTES:
        raise Invalid("The file is larger than 64 MB; split it by month.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    try:
        rows = list(_rows(text))
    except (csv.Error, RecursionError) as error:
        raise Invalid(f"The table cannot be read: {error}.") from error
    if not rows:
        raise Invalid("There is no call in that file.")
    known = {_plain(name) for name in rows[0][1]}
    if not known & set(NAMES["at"]) or not known & {*NAMES["model"], *NAMES["input"]}:
        heard = ", ".join(sorted(rows[0][1])[:12]) or "none"
        raise Invalid(f"Columns for the time and the model or tokens are needed; these were found: {heard}.")
    return [_seen(line, {_plain(key): value for key, value in row.items()}) for line, row in rows]


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    start = text.lstrip()[:1]
    if start in ("[", "{"):
        try:
            whole = json.loads(text)
            listed = whole if isinstance(whole, list) else whole.get("data", [whole])
        except ValueError:
            listed = [_json(line, number) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
        yield from ((number, row) for number, row in enumerate(listed, start=1) if isinstance(row, Mapping))
        return
    try:
        dialect = csv.Sniffer().sniff(text[:4096], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    for number, row in enumerate(csv.DictReader(io.StringIO(text, newline=None), dialect=dialect), start=2):
        yield number, {key: value for key, value in row.items() if isinstance(key, str)}


def _json(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise Invalid(f"Line {number} is neither JSON nor part of a table.") from None


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _seen(line: int, row: Mapping[str, Any]) -> Seen:
    def of(what: str) -> str:
        value = next((row[name] for name in NAMES[what] if row.get(name) not in (None, "")), "")
        return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict | list) else str(value)

    at, end = _time(of("at")), _time(of("end"))
    cached = _number(of("cached"))
    spent = of("cost")
    latency = _number(of("latency")) or (int((end - at).total_seconds() * 1000) if at and end and end >= at else 0)
    own = of("id")
    # A log without ids: the row itself says which call it was, so reading it again changes nothing.
    name = f"log:{own}" if own else "row:" + hashlib.sha256(repr(sorted(row.items())).encode()).hexdigest()
    return Seen(
        line=line,
        id=name,
        at=at,
        model=of("model"),
        model_reported=of("model"),
        provider=of("provider"),
        operation=of("operation"),
        system=of("system"),
        person=of("person"),
        agent=of("agent"),
        tokens=Tokens(max(0, _number(of("input")) - cached), _number(of("output")), cached),
        cost=_micro(spent) if spent else None,
        latency_ms=latency,
        status=_status(of("status")),
    )


def _time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        if text.replace(".", "", 1).isdigit():
            number = float(text)
            return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
        found = dates.parse(text)
    except (ValueError, OverflowError, OSError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _number(text: str) -> int:
    try:
        return int(Decimal(text)) if text else 0
    except (InvalidOperation, ValueError, OverflowError):
        return 0


def _micro(text: str) -> int:
    """An amount as micro-units; what cannot be read is -1, which is refused with its line."""
    try:
        amount = Decimal(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
        return int((amount * 1_000_000).to_integral_value(rounding="ROUND_CEILING"))
    except (InvalidOperation, ValueError, OverflowError):
        return -1


def _status(text: str) -> int:
    if text.isdigit():
        return int(text) if 100 <= int(text) <= 599 else 200
    return 500 if text.lower() in ("failure", "error", "failed") else 200
