"""Small drawings of numbers, made on the server as SVG: each with a title and a text alternative.

Widths are SVG attributes, colours are classes, so the strict content security policy holds. Whatever is unknown is
hatched, never coloured as good or bad.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from pilothouse.kernel.checks.selectors import Point

register = template.Library()

WIDTH, HEIGHT = 560, 150
# The page's own pattern (shell/base.html), for bars that are not stretched.
_UNKNOWN = mark_safe('fill="url(#hatch)"')
# The trend is stretched to its box, so it brings a wider one of its own.
_HATCH = (
    '<defs><pattern id="{}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" class="hatch-ground"/><path d="M0 0V6" class="hatch-line"/></pattern></defs>'
)


@register.simple_tag
def bar(count: int, total: int, unknown: bool = False) -> SafeString:
    """One bar of a list of bars; the number stands beside it in words, so the drawing is silent."""
    share = 0.0 if not total else 100 * count / total
    return format_html(
        '<svg class="bar" aria-hidden="true"><rect class="bar-all" width="100%" height="8"/>'
        '<rect {} width="{}%" height="8"/></svg>',
        _UNKNOWN if unknown else mark_safe('class="bar-part"'),
        f"{max(share, 0.8 if count else 0):.2f}",
    )


@register.simple_tag
def split(total: int, gaps: int, unknown: int = 0, label: str = "") -> SafeString:
    """A whole in three parts: there, missing, and (hatched) what nobody has answered. `unknown` is part of `gaps`."""
    known_gaps = max(0, gaps - unknown)
    there = max(0, total - gaps)
    parts = (
        (mark_safe('class="split-there"'), there, "there"),
        (mark_safe('class="split-gap"'), known_gaps, "missing"),
        (_UNKNOWN, unknown, "unknown"),
    )
    at, drawn = 0.0, []
    for look, count, _ in parts:
        width = 100 * count / total if total else 0.0
        drawn.append((look, f"{at:.2f}", f"{width:.2f}"))
        at += width
    words = ", ".join(f"{count} {word}" for _, count, word in parts)
    return format_html(
        '<svg class="split" role="img" aria-label="{}"><rect class="bar-all" width="100%" height="8"/>{}</svg>',
        f"{label + ': ' if label else ''}{words}",
        format_html_join("", '<rect {} x="{}%" width="{}%" height="8"/>', drawn),
    )


@register.simple_tag
def trend(points: Sequence[Point], title: str = "Met of what is asked") -> SafeString | str:
    """The figure over time as an area from below, and from above, hatched, what nobody has answered."""
    points = [point for point in points if point.total]
    if len(points) < 2:
        return ""
    step = WIDTH / (len(points) - 1)
    met = [(at * step, HEIGHT * (1 - point.met / point.total)) for at, point in enumerate(points)]
    unknown = [(at * step, HEIGHT * point.unknown / point.total) for at, point in enumerate(points)]
    line = _path(met)
    last_x, last_y = met[-1]
    grid = "".join(f'<path class="trend-grid" d="M0 {HEIGHT * n / 4:.1f}H{WIDTH}"/>' for n in range(5))
    return format_html(
        '<svg class="trend" viewBox="0 -4 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}{}'
        '<path class="trend-unknown" fill="url(#hatch-trend)" d="{}L{} 0L0 0Z"/>'
        '<path class="trend-area" d="{}L{} {}L0 {}Z"/><path class="trend-line" d="{}"/>'
        '<path class="trend-now" d="M{} {}h.01"/></svg>',
        WIDTH,
        HEIGHT + 8,
        f"{title}: {points[0].percent:g} % on {points[0].day:%-d %B %Y}, {points[-1].percent:g} % now.",
        mark_safe(_HATCH.replace("{}", "hatch-trend")),  # noqa: S308 - our own constant
        mark_safe(grid),  # noqa: S308 - numbers of our own
        _path(unknown),
        WIDTH,
        line,
        WIDTH,
        HEIGHT,
        HEIGHT,
        line,
        f"{last_x:.1f}",
        f"{last_y:.1f}",
    )


@register.simple_tag
def spark(points: Sequence[Any], title: str = "Trend") -> SafeString | str:
    """A line the height of a word. `points` have `percent`."""
    shares = [point.percent for point in points if point.percent is not None]
    if len(shares) < 2:
        return ""
    step = 80 / (len(shares) - 1)
    path = _path([(at * step, 22 - 20 * share / 100) for at, share in enumerate(shares)])
    words = f"{title}: from {shares[0]:g} % to {shares[-1]:g} %"
    return format_html(
        '<svg class="spark" viewBox="-1 0 82 24" role="img" aria-label="{}"><path d="{}"/></svg>',
        words,
        path,
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
