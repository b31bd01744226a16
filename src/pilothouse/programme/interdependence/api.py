"""The graph over REST."""

from __future__ import annotations

from typing import Any

from ninja import Router, Schema

from pilothouse.programme.interdependence.selectors import interdependence
from pilothouse.programme.interdependence.told import edge_out, node_out

PREFIX = "interdependence"
router = Router(tags=["interdependence"])


class NodeOut(Schema):
    """A domain's findings over all systems; `strength` is met ÷ asked, null while nothing is known."""

    domain: str
    title: str
    strength: float | None
    met: int
    asked: int
    unknown: int
    weak: bool


class EdgeOut(Schema):
    """A dependency. Of `with_gap` systems that have a gap in the source, `both` have one in the target too; of
    `without` that are sound there, `target_only` have. Each share has its 95 % interval. `unknown`: left out."""

    source: str
    target: str
    symptom: str
    question: str
    verdict: str
    both: int
    with_gap: int
    share_with: float | None
    share_with_interval: list[float] | None
    target_only: int
    without: int
    share_without: float | None
    share_without_interval: list[float] | None
    ratio: float | None
    z: float
    unknown: int
    rows_url: str


class GraphOut(Schema):
    nodes: list[NodeOut]
    edges: list[EdgeOut]


@router.get("", response=GraphOut, summary="How strong each domain is, and which weak one pulls which other down")
def get_interdependence(request: Any) -> dict[str, Any]:
    """Counts only systems that the token may see."""
    request.actor.require("system.view")
    found = interdependence(request.actor)
    return {
        "nodes": [node_out(node) for node in found.nodes],
        "edges": [edge_out(link, request.organisation.slug) for link in found.links],
    }
