"""A range over time, drawn as a fan: what is known as a line, what is expected as a band with its middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pilothouse.web.templatetags.charts import HEIGHT, WIDTH

register = template.Library()


@dataclass(frozen=True, slots=True)
class FanPoint:
    """A day's value as a range. What is `known` has none: low, middle and high are the same."""

    day: date
    low: float
    middle: float
    high: float
    known: bool


@register.simple_tag
def fan(points: Sequence[FanPoint], title: str, unit: str = "") -> SafeString | str:
    """The line of what is known, then the band from low to high with its middle dashed. Empty below two points."""
    top = max((point.high for point in points), default=0)
    if len(points) < 2 or top <= 0:
        return ""
    first, span = points[0].day, (points[-1].day - points[0].day).days or 1

    def at(day: date, value: float) -> str:
        return f"{WIDTH * (day - first).days / span:.1f} {HEIGHT * (1 - max(value, 0) / top):.1f}"

    known = [point for point in points if point.known]
    ahead = [*known[-1:], *(point for point in points if not point.known)]
    edge = [at(point.day, point.high) for point in ahead] + [at(point.day, point.low) for point in reversed(ahead)]
    last, now = points[-1], known[-1] if known else points[0]
    said = f"{now.middle:,.0f} {unit} on {now.day:%-d %B %Y}"
    if not last.known:
        said += f"; {last.low:,.0f} to {last.high:,.0f} {unit}, most likely {last.middle:,.0f}, by {last.day:%-d %B %Y}"
    return format_html(
        '<svg class="trend" viewBox="0 -4 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path class="trend-grid" d="M0 0H{w}M0 {half}H{w}M0 {h}H{w}"/><path class="trend-area" d="{}"/>'
        '<path class="trend-line" stroke-dasharray="5 4" d="{}"/><path class="trend-line" d="{}"/></svg>',
        WIDTH,
        HEIGHT + 8,
        f"{title}: {said}.",
        f"M{'L'.join(edge)}Z" if len(ahead) > 1 else "M0 0",
        f"M{'L'.join(at(point.day, point.middle) for point in ahead)}" if len(ahead) > 1 else "M0 0",
        f"M{'L'.join(at(point.day, point.middle) for point in known)}" if known else "M0 0",
        w=WIDTH,
        h=HEIGHT,
        half=HEIGHT / 2,
    )


@register.simple_tag
def fan_top(points: Sequence[FanPoint], unit: str = "") -> str:
    """What the top of the drawing stands for."""
    return f"{max((point.high for point in points), default=0):,.0f} {unit}".strip()
