"""The graph: the ten domains, which pulls which down, and one edge with its figures."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from pilothouse.contracts.intervals import wilson
from pilothouse.programme.interdependence.drawing import draw, short_name
from pilothouse.programme.interdependence.rules import LEAST, WEAK, Verdict
from pilothouse.programme.interdependence.selectors import Graph, Link, interdependence
from pilothouse.web.page import Request, page


@require_GET
@page("system.view")
def graph(request: Request) -> HttpResponse:
    """The whole graph; `?edge=<source>.<target>` opens an edge. Without one, the plainest that is lit is open."""
    found = interdependence(request.actor)
    chosen = _chosen(found, request.GET.get("edge", ""))
    slug = request.organisation.slug
    here = reverse("interdependence:graph", kwargs={"slug": slug})
    context: dict[str, Any] = {
        "graph": found,
        "drawn": draw(found, here, reverse("domains:list", kwargs={"slug": slug}), chosen),
        "chosen": chosen,
        "names": (short_name(chosen.edge.source), short_name(chosen.edge.target)) if chosen else (),
        "bars": _bars(chosen) if chosen else [],
        "rows": [(link, short_name(link.edge.source), short_name(link.edge.target)) for link in found.links],
        "list_url": reverse("inventory:list", kwargs={"slug": slug}),
        "weak": round(100 * WEAK),
        "least": LEAST,
        "known": any(link.verdict is not Verdict.FEW for link in found.links),
    }
    return render(request, "interdependence/graph.html", context)


def _chosen(found: Graph, edge: str) -> Link | None:
    asked = next((link for link in found.links if link.edge.id == edge), None)
    return asked or next(iter(found.lit), None)


def _bars(link: Link) -> list[dict[str, Any]]:
    """Both shares with their intervals, as the drawing wants them: of 100."""
    table = link.table
    sides = (
        ("With a gap", table.both, table.with_gap, link.with_gap_rows, link.both_rows),
        ("Without", table.target_only, table.without, link.without_rows, link.target_only_rows),
    )
    return [
        {"title": title, "part": part, "whole": whole, "rows": rows, "part_rows": part_rows, **_share(part, whole)}
        for title, part, whole, rows, part_rows in sides
    ]


def _share(part: int, whole: int) -> dict[str, float | None]:
    if not whole:
        return {"share": None}
    low, high = wilson(part, whole)
    return {
        "share": round(100 * part / whole, 1),
        "low": round(100 * low, 1),
        "high": round(100 * high, 1),
        "wide": round(100 * (high - low), 2),
    }
