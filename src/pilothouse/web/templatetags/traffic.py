"""Money, amounts and days of traffic as pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

MILLION = 1_000_000
WIDTH, HEIGHT = 720, 120


@register.filter
def money(micro: int | Decimal | None) -> str:
    """Micro-units, or a Decimal of whole units, as an amount: two decimals, more for what is about a cent or less."""
    if micro is None:
        return "–"
    amount = micro if isinstance(micro, Decimal) else Decimal(micro) / MILLION
    if amount and abs(amount) < Decimal("0.1"):
        return f"{amount:.4f}" if abs(amount) >= Decimal("0.001") else f"{amount:.6f}"
    return f"{amount:,.2f}"


@register.filter
def percent(share: float | None) -> str:
    """A share of one as per cent."""
    return "–" if share is None else f"{share * 100:,.0f} %"


@register.filter
def seconds(milliseconds: float | None) -> str:
    """A duration: milliseconds, or seconds from one on."""
    if milliseconds is None:
        return "–"
    return f"{milliseconds / 1000:,.1f} s" if milliseconds >= 1000 else f"{milliseconds:,.0f} ms"


@register.filter
def duration(whole: int | None) -> str:
    """Seconds in the two largest units that tell."""
    if whole is None:
        return "–"
    if whole < 60:
        return f"{whole} s"
    minutes, hours = whole // 60, whole // 3600
    if minutes < 60:
        return f"{minutes} min {whole % 60} s" if minutes < 10 and whole % 60 else f"{minutes} min"
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{hours // 24} days"


@register.filter
def tokens(row: Mapping[str, Any]) -> int:
    """All tokens of a call, or of sums of calls."""
    cached = row["cached"] if "cached" in row else row["cache_read"] + row["cache_write"]
    return int(row["input"] + row["output"] + cached + row["reasoning"])


@register.filter
def change(now: int, before: int) -> str:
    """How much more or less than before, in words."""
    if not before:
        return "nothing in the period before" if now else ""
    share = (now - before) / before
    if abs(share) < 0.005:
        return "as in the period before"
    return f"{abs(share) * 100:,.0f} % {'more' if share > 0 else 'less'} than in the period before"


@register.simple_tag
def day_bars(days: Sequence[tuple[date, Mapping[str, Any]]], key: str, title: str, currency: str = "") -> SafeString:
    """A bar a day, each with its number as a tooltip; in words: the highest and the whole."""
    values = [int(row[key]) for _, row in days]
    most = max(values, default=0)
    said = [f"{money(value)} {currency}" if currency else f"{value:,}" for value in values]
    step = WIDTH / max(1, len(days))
    drawn = [
        (
            f"{at * step + step * 0.1:.2f}",
            f"{HEIGHT - HEIGHT * value / most:.2f}",
            f"{step * 0.8:.2f}",
            f"{HEIGHT * value / most:.2f}",
            f"{day:%a %-d %b}: {words}",
        )
        for at, ((day, _), value, words) in enumerate(zip(days, values, said, strict=True))
        if value
    ]
    best = max(range(len(values)), key=values.__getitem__) if most else 0
    words = f"{title}: most on {days[best][0]:%-d %B %Y}, {said[best]}." if most else f"{title}: nothing."
    return format_html(
        '<svg class="trend" viewBox="0 -4 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path class="trend-grid" d="M0 {}H{}"/>{}</svg>',
        WIDTH,
        HEIGHT + 8,
        words,
        HEIGHT,
        WIDTH,
        format_html_join(
            "",
            '<rect class="bar-part" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
            drawn,
        ),
    )
