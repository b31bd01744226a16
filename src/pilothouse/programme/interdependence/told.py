"""The graph as programs read it: the same over REST and on the command line."""

from __future__ import annotations

from typing import Any

from pilothouse.contracts.intervals import wilson
from pilothouse.programme.interdependence.selectors import Link, Node


def node_out(node: Node) -> dict[str, Any]:
    strength = node.strength
    return {
        "domain": node.domain.id,
        "title": node.domain.title,
        "strength": _round(strength.value),
        "met": strength.met,
        "asked": strength.asked,
        "unknown": strength.unknown,
        "weak": strength.weak,
    }


def edge_out(link: Link, slug: str) -> dict[str, Any]:
    """`rows_url` opens the systems with a gap in both."""
    table = link.table
    return {
        "source": link.edge.source,
        "target": link.edge.target,
        "symptom": link.edge.symptom,
        "question": link.edge.question,
        "verdict": link.verdict.value,
        "both": table.both,
        "with_gap": table.with_gap,
        "share_with": _round(table.share_with),
        "share_with_interval": _interval(table.both, table.with_gap),
        "target_only": table.target_only,
        "without": table.without,
        "share_without": _round(table.share_without),
        "share_without_interval": _interval(table.target_only, table.without),
        "ratio": _round(table.ratio),
        "z": round(link.z, 2),
        "unknown": link.unknown,
        "rows_url": f"/o/{slug}/systems/?{link.both_rows}",
    }


def _interval(part: int, whole: int) -> list[float] | None:
    return [round(bound, 4) for bound in wilson(part, whole)] if whole else None


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
