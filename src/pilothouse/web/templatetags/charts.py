"""Small drawings of numbers, made on the server as SVG: each with a title and a text alternative.

Widths are SVG attributes, colours are classes, so the strict content security policy holds. Whatever is unknown is
hatched, never coloured as good or bad.
"""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from pilothouse.kernel.domain import Figure, TrendPoint

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
def share(figure: Figure) -> SafeString | str:
    """A share as a bar: what it counts, the rest, and hatched what nobody has answered; all of it where nothing else is
    known. Empty for figures that are no share."""
    if figure.value is None and figure.unknown:
        counted, unknown = 0.0, 100.0
    elif figure.value is None or not figure.unit.startswith("%") or not 0 <= figure.value <= 100:
        return ""
    else:
        counted = figure.value
        # Of another unit, such as people, what is unknown is counted in systems and is no part of the whole.
        unknown = 100 * figure.unknown / figure.denominator if figure.unit == "%" and figure.denominator else 0.0
    return format_html(
        '<svg class="split" role="img" aria-label="{}"><rect class="bar-all" width="100%" height="8"/>'
        '<rect class="split-there" width="{}%" height="8"/><rect {} x="{}%" width="{}%" height="8"/></svg>',
        f"{figure.numerator:g} of {figure.denominator:g}, {figure.unknown} unknown",
        f"{counted:.2f}",
        _UNKNOWN,
        f"{100 - unknown:.2f}",
        f"{unknown:.2f}",
    )


@register.simple_tag
def trend(points: Sequence[TrendPoint], title: str = "Met of what is asked", unit: str = "%") -> SafeString | str:
    """The figure over time as an area from below; of shares also, hatched from above, what nobody has answered."""
    shown = [point for point in points if point.denominator or point.value is not None]
    known = [point for point in shown if point.value is not None]
    if len(shown) < 2:
        return ""
    step, (low, high) = WIDTH / (len(shown) - 1), _span(known, unit)
    runs = _runs([None if p.value is None else (p.value - low) / (high - low) for p in shown], step)
    line = "".join(_path(run) for run in runs)
    area = "".join(f"{_path(run)}L{run[-1][0]:.1f} {HEIGHT}L{run[0][0]:.1f} {HEIGHT}Z" for run in runs)
    unknown = [(at * step, HEIGHT * p.unknown / p.denominator if p.denominator else 0) for at, p in enumerate(shown)]
    grid = "".join(f'<path class="trend-grid" d="M0 {HEIGHT * n / 4:.1f}H{WIDTH}"/>' for n in range(5))
    last = runs[-1][-1] if runs else (WIDTH, HEIGHT)
    words = f"{_said(known[0], unit)} on {known[0].day:%-d %B %Y}, {_said(known[-1], unit)} now" if known else "unknown"
    return format_html(
        '<svg class="trend" viewBox="0 -4 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}{}'
        '<path class="trend-unknown" fill="url(#hatch-trend)" d="{}L{} 0L0 0Z"/>'
        '<path class="trend-area" d="{}"/><path class="trend-line" d="{}"/><path class="trend-now" d="{}"/></svg>',
        WIDTH,
        HEIGHT + 8,
        f"{title}: {words}.",
        mark_safe(_HATCH.replace("{}", "hatch-trend")),  # noqa: S308 - our own constant
        mark_safe(grid),  # noqa: S308 - numbers of our own
        _path(unknown) if unit == "%" else "M0 0",
        WIDTH,
        area,
        line,
        f"M{last[0]:.1f} {last[1]:.1f}h.01" if runs else "",
    )


@register.simple_tag
def trend_top(points: Sequence[TrendPoint], unit: str = "%") -> str:
    """What the top of the drawing stands for, such as 100 %."""
    return f"{_span([point for point in points if point.value is not None], unit)[1]:,g} {unit}"


@register.simple_tag
def spark(points: Sequence[TrendPoint], title: str = "Trend", unit: str = "%") -> SafeString | str:
    """A line the height of a word. Where nobody could say it has a gap."""
    known = [point for point in points if point.value is not None]
    if len(known) < 2:
        return ""
    low, high = _span(known, unit)
    heights = [None if point.value is None else (point.value - low) / (high - low) for point in points]
    step = 80 / (len(points) - 1)
    runs = _runs(heights, step, 20, 2)
    words = f"{title}: from {_said(known[0], unit)} to {_said(known[-1], unit)}"
    return format_html(
        '<svg class="spark" viewBox="-1 0 82 24" role="img" aria-label="{}"><path d="{}"/></svg>',
        words,
        "".join(_path(run) for run in runs),
    )


def _span(known: Sequence[TrendPoint], unit: str) -> tuple[float, float]:
    """From what to what a drawing reaches: shares from 0 to 100, anything else so that all of it is seen."""
    values = [point.value for point in known if point.value is not None]
    low, high = min([0.0, *values]), max([0.0, *values])
    return low, 100.0 if unit.startswith("%") and high <= 100 else high if high > low else low + 1


def _runs(
    heights: Sequence[float | None], step: float, height: float = HEIGHT, top: float = 0
) -> list[list[tuple[float, float]]]:
    """Unbroken stretches of points, from shares of the height; None breaks."""
    runs: list[list[tuple[float, float]]] = [[]]
    for at, share in enumerate(heights):
        if share is None:
            runs.append([])
        else:
            runs[-1].append((at * step, top + height * (1 - share)))
    return [run for run in runs if run]


def _said(point: TrendPoint, unit: str) -> str:
    return f"{point.value:g} {unit}"


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
