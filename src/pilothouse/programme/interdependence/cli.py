"""`pilothouse interdependence`: the graph on the command line."""

from __future__ import annotations

from pilothouse.programme.interdependence.selectors import interdependence as graph_of
from pilothouse.programme.interdependence.told import edge_out, node_out
from pilothouse.web.cli import Json, Org, emit, operator


def interdependence(org: Org, json: Json = False) -> None:
    """How strong each domain is, and where by the data a weak one pulls another down."""
    found = graph_of(operator(org))
    nodes = [node_out(node) for node in found.nodes]
    edges = [edge_out(link, org) for link in found.links]
    if json:
        emit({"nodes": nodes, "edges": edges}, json)
        return
    emit([{key: node[key] for key in ("domain", "strength", "met", "asked", "unknown")} for node in nodes], json)
    shown = ("source", "target", "verdict", "share_with", "share_without", "ratio", "unknown")
    emit([{key: edge[key] for key in shown} for edge in edges], json)


COMMANDS = {"interdependence": interdependence}
