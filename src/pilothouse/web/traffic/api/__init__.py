"""Traffic over REST: usage, calls, refusals, findings, budgets, upstreams; and taking in telemetry and logs.

OTLP/HTTP traces come in at `…/api/v1/traffic/v1/traces`: an exporter's endpoint is `…/api/v1/traffic`.
"""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Query, Router

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.traffic import selectors
from pilothouse.kernel.traffic.actions import keep_days, person_forget, retention_set, usage_observe
from pilothouse.kernel.traffic.burning import Burn, burns
from pilothouse.kernel.traffic.changes import model_changes
from pilothouse.kernel.traffic.live import live
from pilothouse.kernel.traffic.observed import logs, otlp
from pilothouse.kernel.traffic.periods import Period
from pilothouse.web.api import ApiRequest, paged
from pilothouse.web.traffic.api.schemas import (
    BurnOut,
    CallDetailOut,
    CallsOut,
    Dimension,
    FindingLineOut,
    ForgetIn,
    ForgottenOut,
    LiveOut,
    ModelChangeOut,
    Narrowed,
    Page,
    RefusalsOut,
    RetentionIn,
    RetentionOut,
    Size,
    ToldOut,
    UpstreamHealthOut,
    UsageOut,
)
from pilothouse.web.traffic.sheets import whole

router = Router(tags=["traffic"])
MOST_BYTES = 16 * 1024 * 1024  # of telemetry, unpacked


def _asked(request: ApiRequest, given: Narrowed) -> tuple[Period, dict[str, str]]:
    values = given.dict(exclude={"period", "since", "until"}, exclude_none=True)
    first, last = (str(day) if day else "" for day in (given.since, given.until))
    return selectors.asked_period(request.actor, clock.now(), given.period, first, last), values


def _sums(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"cost": whole(row["cost"])}


@router.get("/live", response=LiveOut, summary="The last 15 minutes, calls under way included")
def show_live(request: ApiRequest) -> dict[str, Any]:
    said = live(request.actor, clock.now())
    counts = {name: getattr(said, name) for name in ("calls", "refused", "failed", "tokens", "under_way")}
    return counts | {"cost": whole(said.cost)}


@router.get("/usage", response=UsageOut, summary="Usage and cost of a period by one dimension")
def show_usage(request: ApiRequest, given: Query[Narrowed], by: Dimension = "system") -> dict[str, Any]:
    """Up to 500 lines, the dearest first."""
    period, values = _asked(request, given)
    said = selectors.usage(request.actor, period, by, values)
    return {
        "since": period.first,
        "until": period.last,
        "currency": request.organisation.currency,
        "by": by,
        "totals": _sums(said.totals),
        "lines": [_sums(line.row) | {"name": line.name.text} for line in said.lines],
        "days": [{"day": day, "calls": row["calls"], "cost": whole(row["cost"])} for day, row in said.days],
    }


@router.get("/calls", response=CallsOut, summary="Single calls, the newest first")
def list_calls(request: ApiRequest, given: Query[Narrowed], page: Page = 1, size: Size = 50) -> dict[str, Any]:
    period, values = _asked(request, given)
    rows, more = selectors.calls(request.actor, period, values, page, size)
    return {"items": [_sums(row) for row in rows], "more": more}


@router.get("/calls/{call_id}", response=CallDetailOut, summary="Everything that is kept of one call")
def show_call(request: ApiRequest, call_id: str) -> dict[str, Any]:
    found = selectors.call(request.actor, call_id, clock.now())
    kinds: dict[str, int] = {}
    for row in found["findings"]:
        kinds[row["kind"]] = kinds.get(row["kind"], 0) + row["count"]
    return found | {"usage": [_sums(row) for row in found["usage"]], "findings": kinds}


@router.get("/refusals", response=RefusalsOut, summary="Refused calls with their reasons, the newest first")
def list_refusals(
    request: ApiRequest, given: Query[Narrowed], code: str = "", page: Page = 1, size: Size = 50
) -> dict[str, Any]:
    period, values = _asked(request, given)
    said = selectors.refusals(request.actor, period, values, code, page, size)
    codes = {line.value: line.row["calls"] for line in said.codes}
    return {"total": said.total, "codes": codes, "items": list(said.rows), "more": said.more}


@router.get("/findings", response=list[FindingLineOut], summary="What inspection found, by kind and one dimension")
def list_findings(
    request: ApiRequest,
    given: Query[Narrowed],
    by: Literal["system", "unit", "person", "key", "model", "source"] = "system",
) -> list[dict[str, Any]]:
    """Counts alone: no text is kept anywhere."""
    period, values = _asked(request, given)
    said = selectors.findings(request.actor, period, by, values)
    return [
        {"kind": kind, "value": line.value, "name": line.name.text, "refused": line.row["stopped"]}
        | {name: line.row[name] for name in ("found", "calls")}
        for kind, line in said.lines
    ]


@router.get("/budgets", response=list[BurnOut], summary="How far budgets are used up, and where they are heading")
def list_burns(request: ApiRequest) -> list[dict[str, Any]]:
    return [_burn(burn) for burn in burns(request.actor, clock.now())]


def _burn(burn: Burn) -> dict[str, Any]:
    row = burn.budget
    return {
        "id": str(row.pk),
        "name": row.name,
        "scope": row.scope,
        "scope_id": row.scope_id,
        "window": row.window,
        "begins": burn.window.start,
        "ends": burn.window.end,
        "cap": row.cap,
        "spent": burn.spent,
        "forecast": None if burn.forecast is None else round(burn.forecast, 6),
        "exhausted_at": burn.exhausted_at,
    }


@router.get("/upstreams", response=list[UpstreamHealthOut], summary="How upstreams answered in the last 24 hours")
def list_health(request: ApiRequest) -> list[dict[str, Any]]:
    now = clock.now()
    said = selectors.health(request.actor, now - timedelta(days=1), now)
    return [line.row | {"upstream": line.value} for line in said.lines]


@router.get("/model-changes", response=list[ModelChangeOut], summary="Models that changed without a word")
@paged("-noticed_at", "-id")
def list_model_changes(request: ApiRequest, system: int | None = None) -> Any:
    """What providers answered with another model or version than before; `system`: of models that it may call."""
    request.actor.require("traffic.view")
    whose = system_by_number(request.actor, system) if system is not None else None
    return model_changes(request.actor, system=whose)


@router.post("/observed", response=ToldOut, summary="Bring in a log of calls made elsewhere")
def observe(request: ApiRequest, system: int | None = None) -> dict[str, Any]:
    """The body is the log itself: CSV or JSON. `system` is a system's number, if all calls are its own."""
    request.actor.require("traffic.ingest")
    whose = system_by_number(request.actor, system) if system is not None else None
    told = usage_observe(actor=request.actor, seen=logs.read(request.body), source="import", system=whose)
    return {"new": told.new, "known": told.known, "unassigned": told.unassigned, "refused": list(told.refused[:1000])}


@router.post("/v1/traces", summary="OTLP/HTTP traces with the GenAI conventions", response={200: dict[str, Any]})
def otlp_traces(request: ApiRequest) -> Any:
    """JSON or protobuf, plain or gzipped, answered as OTLP says. Spans that are no model calls are passed over."""
    request.actor.require("traffic.ingest")
    protobuf = request.content_type == "application/x-protobuf"
    told = usage_observe(actor=request.actor, seen=otlp.read(_unpacked(request), protobuf), source="otlp")
    reason = told.refused[0][1] if told.refused else ""
    if protobuf:
        return HttpResponse(_partial(len(told.refused), reason), content_type="application/x-protobuf")
    return {"partialSuccess": {"rejectedSpans": len(told.refused), "errorMessage": reason}} if told.refused else {}


def _unpacked(request: ApiRequest) -> bytes:
    """The body, unpacked within bounds: a small body must not become a huge one. Raises Invalid."""
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding == "identity":
        return request.body
    if encoding != "gzip":
        raise Invalid("Send traces plain or gzipped.")
    try:
        unpacker = zlib.decompressobj(wbits=31)
        body = unpacker.decompress(request.body, MOST_BYTES)
    except zlib.error:
        raise Invalid("The body is not gzip.") from None
    if unpacker.unconsumed_tail:
        raise Invalid(f"Send at most {MOST_BYTES >> 20} MB at once.")
    return body


def _partial(rejected: int, reason: str) -> bytes:
    """ExportTraceServiceResponse with its partial_success, as protobuf; empty when all came in."""
    if not rejected:
        return b""
    words = reason.encode()[:100]
    inner = b"\x08" + _varint(rejected) + b"\x12" + _varint(len(words)) + words
    return b"\x0a" + _varint(len(inner)) + inner


def _varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


@router.get("/retention", response=RetentionOut, summary="How many days calls are kept")
def show_retention(request: ApiRequest) -> dict[str, int]:
    request.actor.require("traffic.view")
    return {"days": keep_days(request.organisation.pk)}


@router.put("/retention", response=RetentionOut, summary="Say how many days calls are kept")
def change_retention(request: ApiRequest, body: RetentionIn) -> dict[str, int]:
    return {"days": retention_set(actor=request.actor, days=body.days).keep_days}


@router.post("/forget", response=ForgottenOut, summary="Make a person's calls nobody's, where the law requires it")
def forget(request: ApiRequest, body: ForgetIn) -> dict[str, int]:
    return {"rows": person_forget(actor=request.actor, told=body.person, reason=body.reason)}
