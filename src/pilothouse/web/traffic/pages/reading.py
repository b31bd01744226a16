"""Live traffic, usage and cost, single calls, refusals, findings, budgets, upstreams."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pilothouse.contracts.policy.snapshot import KINDS
from pilothouse.kernel import clock
from pilothouse.kernel.reviews.selectors import of_call
from pilothouse.kernel.texts.selectors import stored_of
from pilothouse.kernel.traffic import selectors
from pilothouse.kernel.traffic.burning import burns
from pilothouse.kernel.traffic.changes import model_changes
from pilothouse.kernel.traffic.live import MINUTES, live
from pilothouse.web.page import Request, page
from pilothouse.web.streaming import stream
from pilothouse.web.traffic import sheets
from pilothouse.web.traffic.asking import Asked, asked, dimension, frame

PAGE = 50
MOST_PAGES = 2_000  # further back, a shorter period finds it sooner
TOLD_IN = ("usage", "refusals", "checks", "reviews", "feedback", "findings")
FINDINGS_BY = ("system", "unit", "person", "key", "model", "source")


def _number(request: Request) -> int:
    text = request.GET.get("page", "1")
    return min(MOST_PAGES, max(1, int(text))) if text.isdigit() and len(text) < 9 else 1


def _download(request: Request, pieces: Any, what: str, asking: Asked) -> HttpResponseBase:
    span = f"{asking.period.first}-{asking.period.last}"
    name = f"{what}-{request.organisation.slug}-{span}.csv"
    return stream(request, pieces, filename=name, content_type="text/csv; charset=utf-8")


CHANGES_SHOWN, MOST_CHANGES = timedelta(days=90), 50


@require_GET
@page("traffic.view")
def traffic_live(request: Request) -> HttpResponse:
    """The last minutes. htmx asks for the inside again and again."""
    said = live(request.actor, clock.now())
    context = {"live": said, "minutes": MINUTES, "most": max((m.calls + m.refused for m in said.minutes), default=0)}
    if request.htmx:
        return render(request, "traffic/_live.html", context)
    return render(request, "traffic/live.html", context | frame(request.organisation.slug, "live"))


@require_GET
@page("traffic.view")
def usage(request: Request) -> HttpResponse:
    """Usage and cost of a period by one dimension; each line narrows further, down to single calls."""
    asking, by = asked(request.actor, request.GET), dimension(request.GET)
    said = selectors.usage(request.actor, asking.period, by, asking.values)
    most = max((line.row["cost"] for line in said.lines), default=0)
    context = {"said": said, "by": by, "most": most, "lines": _lines(said, asking)}
    context |= {"chips": _chips(said.chosen, asking, by), "may_ingest": request.actor.may("traffic.ingest")}
    return render(request, "traffic/usage.html", context | frame(request.organisation.slug, "usage", asking))


def _lines(said: selectors.Usage, asking: Asked) -> list[tuple[selectors.Line, str]]:
    """Each line with the query that narrows to it; grouped by system the next question is which model."""
    after = "model" if said.dimension == "system" else "system"
    return [(line, asking.query(**{said.dimension: line.value, "by": after})) for line in said.lines]


def _chips(chosen: Any, asking: Asked, by: str = "") -> list[tuple[str, str, str]]:
    return [
        (selectors.TITLES[key], name.text, asking.query(**{key: None, "by": by or None}))
        for key, name in chosen.items()
    ]


@require_GET
@page("traffic.view")
def usage_export(request: Request) -> HttpResponseBase:
    """The lines of the usage page as CSV."""
    asking, by = asked(request.actor, request.GET), dimension(request.GET)
    said = selectors.usage(request.actor, asking.period, by, asking.values)
    return _download(request, sheets.usage(said), f"usage-by-{by}", asking)


@require_GET
@page("traffic.view")
def calls(request: Request) -> HttpResponse:
    """Single calls, the newest first."""
    asking, number = asked(request.actor, request.GET), _number(request)
    rows, more = selectors.calls(request.actor, asking.period, asking.values, number, PAGE)
    context = {
        "rows": rows,
        "number": number,
        "newer": asking.query(page=str(number - 1)) if number > 1 else "",
        "older": asking.query(page=str(number + 1)) if more else "",
        "chips": _chips(selectors.chosen(request.actor, asking.values), asking),
    }
    return render(request, "traffic/calls.html", context | frame(request.organisation.slug, "usage", asking))


@require_GET
@page("traffic.view")
def calls_export(request: Request) -> HttpResponseBase:
    """Every call of the period as CSV."""
    asking = asked(request.actor, request.GET)
    rows = selectors.export(request.actor, asking.period, asking.values)
    return _download(request, sheets.calls(rows), "calls", asking)


@require_GET
@page("traffic.view")
def call(request: Request, call_id: str) -> HttpResponse:
    """One call: what it was, what it cost, why it was refused, what was found, what people said of it."""
    found = selectors.call(request.actor, call_id, clock.now())
    first = next(row for table in TOLD_IN for row in found[table])
    context: dict[str, Any] = {"found": found, "first": first, "call_id": call_id, "kinds": KINDS}
    context |= {"stored": stored_of(request.actor, call_id), "review": of_call(request.actor, call_id)}
    return render(request, "traffic/call.html", context | frame(request.organisation.slug, "usage"))


@require_GET
@page("traffic.view")
def refusals(request: Request) -> HttpResponse:
    """What was refused, by reason and one by one."""
    asking, number, code = asked(request.actor, request.GET), _number(request), request.GET.get("code", "")[:60]
    said = selectors.refusals(request.actor, asking.period, asking.values, code, number, PAGE)
    context = {
        "said": said,
        "code": code,
        "codes": [(line, asking.query(code=line.value)) for line in said.codes],
        "by_system": [(line, asking.query(system=line.value)) for line in said.systems],
        "number": number,
        "newer": asking.query(page=str(number - 1), code=code or None) if number > 1 else "",
        "older": asking.query(page=str(number + 1), code=code or None) if said.more else "",
        "chips": _chips(said.chosen, asking),
        "all_codes": asking.query(),
    }
    return render(request, "traffic/refusals.html", context | frame(request.organisation.slug, "refusals", asking))


@require_GET
@page("traffic.view")
def refusals_export(request: Request) -> HttpResponseBase:
    """The refusals of the period as CSV, at most 100,000 of them."""
    asking, code = asked(request.actor, request.GET), request.GET.get("code", "")[:60]
    said = selectors.refusals(request.actor, asking.period, asking.values, code, 1, 100_000)
    return _download(request, sheets.calls(said.rows, sheets.REFUSALS), "refusals", asking)


@require_GET
@page("traffic.view")
def findings(request: Request) -> HttpResponse:
    """What inspection found, by kind and by system, unit or person. Counts alone."""
    asking, by = asked(request.actor, request.GET), dimension(request.GET, FINDINGS_BY)
    said = selectors.findings(request.actor, asking.period, by, asking.values)
    context = {
        "said": said,
        "by": by,
        "kinds": [(KINDS.get(kind, kind), *sums) for kind, *sums in said.kinds],
        "lines": [(KINDS.get(kind, kind), line) for kind, line in said.lines],
        "most": max((sums[1] for sums in said.kinds), default=0),
        "chips": _chips(said.chosen, asking, by),
        "choices": [(key, selectors.TITLES[key]) for key in FINDINGS_BY],
    }
    return render(request, "traffic/findings.html", context | frame(request.organisation.slug, "findings", asking))


@require_GET
@page("traffic.view")
def findings_export(request: Request) -> HttpResponseBase:
    """Findings as CSV."""
    asking, by = asked(request.actor, request.GET), dimension(request.GET, FINDINGS_BY)
    said = selectors.findings(request.actor, asking.period, by, asking.values)
    return _download(request, sheets.findings(said), f"findings-by-{by}", asking)


@require_GET
@page("traffic.view")
def budgets(request: Request) -> HttpResponse:
    """How far budgets are used up, and where they are heading."""
    now = clock.now()
    found = sorted(burns(request.actor, now), key=lambda burn: -burn.share)
    return render(
        request, "traffic/budgets.html", {"burns": found, "now": now} | frame(request.organisation.slug, "budgets")
    )


@require_GET
@page("traffic.view")
def upstreams(request: Request) -> HttpResponse:
    """How upstreams answered in the last day, and which models answered."""
    now = clock.now()
    said = selectors.health(request.actor, now - timedelta(days=1), now)
    month = selectors.health(request.actor, now - timedelta(days=30), now)
    changes = model_changes(request.actor).filter(noticed_at__gte=now - CHANGES_SHOWN)[:MOST_CHANGES]
    context = {"said": said, "models": month.models, "changes": changes}
    return render(request, "traffic/upstreams.html", context | frame(request.organisation.slug, "upstreams"))
