"""States of controls and coverage as shape, colour and word: `{% load frameworks %}`."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from pilothouse.domains.governance.frameworks.rules import BEST_FIRST, Counts, State
from pilothouse.web.shell.icons import mark_svg

register = template.Library()

WORDS = {
    State.CURRENT: "Current",
    State.DUE: "Due",
    State.STALE: "Stale",
    State.MISSING: "Missing",
    State.NOT_APPLICABLE: "Not applicable",
}
# The shapes and colours that the house uses for findings, so that nobody learns them twice.
_SHAPES = {
    State.CURRENT: ("met", "met"),
    State.DUE: ("in_progress", "in_progress"),
    State.STALE: ("waived", "stale"),
    State.MISSING: ("not_met", "not_met"),
    State.NOT_APPLICABLE: ("not_applicable", "not_applicable"),
}


@register.simple_tag
def state(value: str, label: str = "") -> SafeString:
    """A state by shape, colour and word."""
    shape, tone = _SHAPES[State(value)]
    words = label or WORDS[State(value)]
    return format_html('<span class="status status-{}">{}<span>{}</span></span>', tone, mark_svg(shape), words)


@register.simple_tag
def state_mark(value: str) -> SafeString:
    """The same by shape alone, for dense tables; its word is there for screen readers and as a tooltip."""
    shape, tone = _SHAPES[State(value)]
    words = WORDS[State(value)]
    return format_html(
        '<span class="status status-{}" title="{}">{}<span class="sr-only">{}</span></span>',
        tone,
        words,
        mark_svg(shape),
        words,
    )


@register.simple_tag
def coverage(counts: Counts, label: str = "") -> SafeString:
    """Counts as one bar: current, due, stale, missing; what does not apply is left out, as the figure leaves it out."""
    at, drawn = 0.0, []
    for one in BEST_FIRST:
        width = 100 * getattr(counts, one.value) / counts.asked if counts.asked else 0.0
        if width:
            drawn.append((one.value, f"{at:.2f}", f"{width:.2f}"))
        at += width
    words = ", ".join(f"{getattr(counts, one.value)} {WORDS[one].lower()}" for one in BEST_FIRST)
    return format_html(
        '<svg class="split" role="img" aria-label="{}"><rect class="bar-all" width="100%" height="8"/>{}</svg>',
        f"{label + ': ' if label else ''}{words if counts.asked else 'nothing is asked'}",
        format_html_join("", '<rect class="cover-{}" x="{}%" width="{}%" height="8"/>', drawn),
    )


@register.simple_tag
def percent(counts: Counts) -> SafeString | str:
    """The figure in words; where nothing is asked, a dash that says so."""
    if counts.percent is None:
        return mark_safe('<span class="muted" title="Nothing is asked">–</span>')
    return f"{counts.percent} %"
