"""The graph as SVG: a ring of domains, each with its strength, and the edges between them.

Colours are classes and sizes are attributes, so the strict content security policy holds. A state is told by shape and
colour: a weak domain is square, one of which nothing is known is hatched and dashed, a lit edge is thick with a large
head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin, sqrt

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from pilothouse.programme.interdependence.rules import Strength
from pilothouse.programme.interdependence.selectors import Graph, Link, Node

WIDTH, HEIGHT = 540, 600
RADIUS_X, RADIUS_Y, NODE = 200, 222, 29
MIDDLE = (WIDTH / 2, HEIGHT / 2 - 12)
# Short names, so that ten of them are readable on a telephone; every other domain is called by its id.
SHORT = {"mlops": "MLOps"}


@dataclass(frozen=True, slots=True)
class Spot:
    """A node's place on the ring."""

    node: Node
    x: float
    y: float


def short_name(domain: str) -> str:
    """A domain in a word or two."""
    return SHORT.get(domain) or domain.replace("_", " ").capitalize()


def draw(graph: Graph, page: str, domains: str, chosen: Link | None) -> SafeString:
    """The drawing. `page?edge=<id>` opens an edge, `domains<id>/` a domain. Lit edges lie above the others."""
    spots = {spot.node.domain.id: spot for spot in _ring(graph.nodes)}
    order = sorted(graph.links, key=lambda link: (link == chosen, link.lit))
    lit = len(graph.lit)
    said = (
        f"{len(graph.nodes)} domains and {len(graph.links)} dependencies, {lit} of them lit. The table below says all."
    )
    return format_html(
        '<svg class="graph" viewBox="0 0 {} {}" role="group" aria-label="{}"><defs>{}</defs>{}{}</svg>',
        WIDTH,
        HEIGHT,
        said,
        mark_safe(_HEADS),  # noqa: S308 - our own constant
        format_html_join("", "{}", ((_edge(link, spots, page, link == chosen),) for link in order)),
        format_html_join("", "{}", ((_node(spot, domains),) for spot in spots.values())),
    )


_HEADS = "".join(
    f'<marker id="head-{name}" viewBox="0 0 10 10" refX="8.5" refY="5" markerWidth="{size}" markerHeight="{size}"'
    f' markerUnits="userSpaceOnUse" orient="auto"><path class="head-{name}" d="M0 .8 10 5 0 9.2z"/></marker>'
    for name, size in (("calm", 8), ("lit", 17))
)


def _ring(nodes: Sequence[Node]) -> list[Spot]:
    """The first node on top, the others clockwise."""
    step = 2 * pi / max(1, len(nodes))
    return [
        Spot(node, MIDDLE[0] + RADIUS_X * sin(at * step), MIDDLE[1] - RADIUS_Y * cos(at * step))
        for at, node in enumerate(nodes)
    ]


def _edge(link: Link, spots: dict[str, Spot], page: str, chosen: bool) -> SafeString:
    look = "lit" if link.lit else "calm"
    path = _curve(spots[link.edge.source], spots[link.edge.target])
    words = f"{short_name(link.edge.source)} to {short_name(link.edge.target)}{', lit' if link.lit else ''}"
    return format_html(
        '<a class="edge edge-{}{}" href="{}?edge={}#edge" aria-label="{}"{}><title>{}</title>'
        '<path class="edge-reach" d="{}"/><path class="edge-line" d="{}" marker-end="url(#head-{})"/></a>',
        look,
        " edge-chosen" if chosen else "",
        page,
        link.edge.id,
        words,
        # Every edge is in the table too: only those that matter stop the keyboard here.
        "" if link.lit else mark_safe(' tabindex="-1"'),
        words,
        path,
        path,
        look,
    )


def _curve(source: Spot, target: Spot) -> str:
    """A line that leans to one side, so that a pair of edges does not lie in one, from rim to rim."""
    dx, dy = target.x - source.x, target.y - source.y
    length = sqrt(dx * dx + dy * dy) or 1.0
    ux, uy = dx / length, dy / length
    bend = 0.12 * length
    cx, cy = (source.x + target.x) / 2 - uy * bend, (source.y + target.y) / 2 + ux * bend
    x0, y0 = _rim(source, cx, cy, NODE + 2)
    x1, y1 = _rim(target, cx, cy, NODE + 5)
    return f"M{x0:.1f} {y0:.1f}Q{cx:.1f} {cy:.1f} {x1:.1f} {y1:.1f}"


def _rim(spot: Spot, x: float, y: float, away: float) -> tuple[float, float]:
    dx, dy = x - spot.x, y - spot.y
    length = sqrt(dx * dx + dy * dy) or 1.0
    return spot.x + dx / length * away, spot.y + dy / length * away


def _node(spot: Spot, domains: str) -> SafeString:
    node = spot.node
    return format_html(
        '<a class="node node-{}" href="{}{}/" aria-label="{}: {}"><title>{}</title>{}'
        '<text class="node-value" x="{}" y="{}">{}</text><text class="node-name" x="{}" y="{}">{}</text></a>',
        state(node.strength),
        domains,
        node.domain.id,
        node.domain.title,
        strength_words(node.strength),
        f"{node.domain.title}: {strength_words(node.strength)}",
        _shape(spot),
        f"{spot.x:.1f}",
        f"{spot.y + 5.5:.1f}",
        _value(node.strength),
        f"{spot.x:.1f}",
        f"{spot.y + NODE + 19:.1f}",
        short_name(node.domain.id),
    )


def state(strength: Strength) -> str:
    """weak, sound, or unknown."""
    return "unknown" if strength.value is None else "weak" if strength.weak else "sound"


def strength_words(strength: Strength) -> str:
    """The strength as a sentence's end."""
    if not strength.asked:
        return "nothing is asked yet"
    if strength.value is None:
        return f"unknown, nobody has answered any of {strength.asked:,}"
    tail = f", {strength.unknown:,} unknown" if strength.unknown else ""
    return f"{strength.met:,} of {strength.asked:,} met{tail}"


def _value(strength: Strength) -> str:
    # Rounded down, so that 59.6 % is not called 60 where less than 60 is weak.
    return "?" if strength.value is None else f"{int(100 * strength.value)}%"


def _shape(spot: Spot) -> SafeString:
    """A ring filled by what is met, hatched by what is unknown; a weak domain's is square."""
    strength = spot.node.strength
    met, unknown = ((100 * part / strength.asked) if strength.asked else 0 for part in (strength.met, strength.unknown))
    outline = _square(spot) if state(strength) == "weak" else _circle(spot)
    return format_html(
        '<path class="node-all" d="{}"/><path class="node-unknown" stroke="url(#hatch)" d="{}" pathLength="100"'
        ' stroke-dasharray="0 {} {} 100"/><path class="node-met" d="{}" pathLength="100" stroke-dasharray="{} 100"/>',
        outline,
        outline,
        f"{100 - unknown:.2f}",
        f"{unknown:.2f}",
        outline,
        f"{met:.2f}",
    )


def _circle(spot: Spot) -> str:
    top, bottom = spot.y - NODE, spot.y + NODE
    arc = f"A{NODE} {NODE} 0 0 1 {spot.x:.1f}"
    return f"M{spot.x:.1f} {top:.1f}{arc} {bottom:.1f}{arc} {top:.1f}Z"


def _square(spot: Spot) -> str:
    x, y, half = spot.x, spot.y, NODE - 3
    return f"M{x:.1f} {y - half:.1f}h{half}v{2 * half}h{-2 * half}v{-2 * half}Z"
