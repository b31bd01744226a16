"""The components every page is built from: `{% load ui %}`. One line about each: web/shell/README.md.

Small ones that repeat in tables are built here; those with structure have a template in templates/ui/.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince, timeuntil

from pilothouse.kernel.domain import Check
from pilothouse.kernel.inventory.models import Stage, Tier
from pilothouse.web.remedies import remedy_url
from pilothouse.web.shell.icons import icon_svg, mark_svg
from pilothouse.web.shell.rooms import Shell, shell_of

register = template.Library()

STATUS_WORDS = {
    "met": "Met",
    "not_met": "Not met",
    "in_progress": "In progress",
    "unknown": "Unknown",
    "not_applicable": "Not applicable",
    "waived": "Waived",
    "inherited": "Inherited",
}
# What other rooms call their states, told in the same six shapes.
STATUS_ALIAS = {"not_answered": "unknown", "": "unknown"}
TONES = ("good", "warn", "bad", "info", "muted", "unknown")
GRADES = ("none", "attested", "documented", "sealed", "measured")


@register.simple_tag(takes_context=True)
def shell(context: Context) -> Shell:
    """What the frame shows; used by shell/base.html alone."""
    return shell_of(context.get("request"))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon. With `label` it speaks for itself; without, the words beside it do."""
    drawn = icon_svg(name)
    return format_html('{}<span class="sr-only">{}</span>', drawn, label) if label else drawn


@register.simple_tag
def status(value: Any, label: str = "") -> SafeString:
    """A finding's status by shape, colour and word."""
    key = STATUS_ALIAS.get(str(value), str(value))
    if key not in STATUS_WORDS:
        return chip(label or str(value), "muted")
    return format_html(
        '<span class="status status-{}">{}<span>{}</span></span>', key, mark_svg(key), label or STATUS_WORDS[key]
    )


@register.simple_tag
def mark(value: Any) -> SafeString:
    """A status by its shape alone, for dense tables; its word is there for screen readers and as a tooltip."""
    key = STATUS_ALIAS.get(str(value), str(value))
    words = STATUS_WORDS[key]
    return format_html(
        '<span class="status status-{}" title="{}">{}<span class="sr-only">{}</span></span>',
        key,
        words,
        mark_svg(key),
        words,
    )


@register.simple_tag
def chip(text: Any, tone: str = "muted", icon: str = "") -> SafeString:
    """A short label in a tone: good, warn, bad, info, muted, unknown."""
    tone = tone if tone in TONES else "muted"
    drawn = icon_svg(icon) if icon else mark_safe("")
    return format_html('<span class="chip chip-{}">{}{}</span>', tone, drawn, text)


@register.simple_tag
def stage(value: str) -> SafeString:
    """A system's stage, with how far along its life it is drawn beside the word."""
    return format_html('<span class="stage stage-{}">{}</span>', value, _label(Stage, value))


@register.simple_tag
def tier(value: str) -> SafeString:
    """A system's tier as one to three bars and a word; unknown is hatched."""
    bars = {"low": 1, "medium": 2, "high": 3}.get(value, 0)
    rects = "".join(
        f'<rect x="{1 + 5 * n}" y="{9 - 4 * n}" width="3.6" height="{5 + 4 * n}" class="{_on(n < bars)}"/>'
        for n in range(3)
    )
    drawn = mark_safe(f'<svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">{rects}</svg>')  # noqa: S308
    return format_html(
        '<span class="tier tier-{}">{}{}</span>',
        value,
        drawn,
        _label(Tier, value),
    )


@register.simple_tag
def grade(value: Any) -> SafeString:
    """How good the evidence is: one dot for each step up from nothing to measured."""
    key = str(value)
    rank = GRADES.index(key) if key in GRADES else 0
    dots = "".join(f'<circle cx="{4 + 8 * n}" cy="4" r="3" class="{_on(n < rank)}"/>' for n in range(4))
    return format_html(
        '<span class="grade"><svg viewBox="0 0 32 8" width="32" height="8" aria-hidden="true">{}</svg>{}</span>',
        mark_safe(dots),  # noqa: S308 - numbers of our own
        {"none": "No evidence"}.get(key, key.capitalize()),
    )


@register.simple_tag
def ago(when: datetime | None, empty: str = "–") -> SafeString:
    """A time as “3 days ago” or “in 2 weeks”, the exact time as a tooltip and for machines."""
    if when is None:
        return format_html("{}", empty)
    now = timezone.now()
    past = when <= now
    words = (timesince(when, now, depth=1) if past else timeuntil(when, now, depth=1)).replace("\xa0", " ")
    said = "just now" if words.startswith("0 ") else f"{words} ago" if past else f"in {words}"
    local = timezone.localtime(when)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', when.isoformat(), local.strftime("%-d %b %Y, %H:%M %Z"), said
    )


@register.simple_tag
def due(when: datetime | None, empty: str = "No deadline") -> SafeString:
    """A deadline: overdue in bad, within a week in warn, later in muted."""
    if when is None:
        return chip(empty, "muted")
    left = (when - timezone.now()).total_seconds()
    if left < 0:
        return chip(f"Overdue by {timesince(when, depth=1)}", "bad", "alert")
    return chip(f"Due in {timeuntil(when, depth=1)}", "warn" if left < 7 * 86400 else "muted", "clock")


@register.simple_tag
def avatar(person: Any) -> SafeString:
    """A person's initials in a circle and their name; somebody who left is struck through."""
    if not person:
        return mark_safe('<span class="nobody">Nobody</span>')
    name = getattr(person, "name", None) or str(person)
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    left = getattr(person, "left_at", None)
    return format_html(
        '<span class="person"><span class="avatar" aria-hidden="true">{}</span><span{}>{}</span></span>',
        initials,
        mark_safe(' class="left" title="Has left"') if left else "",
        name,
    )


@register.simple_tag
def digest(value: str) -> SafeString:
    """A hash, shortened to be read, whole in the tooltip and when copied."""
    if not value:
        return mark_safe("–")
    bare = value.removeprefix("sha256:")
    return format_html('<code class="digest" title="{}">{}…{}</code>', value, bare[:8], bare[-4:])


@register.simple_tag
def empty(title: str = "", text: str = "", href: str = "", label: str = "", icon: str = "systems") -> str:
    """What an empty page says: what belongs here, and the first act."""
    return render_to_string("ui/empty.html", {"title": title, "text": text, "href": href, "label": label, "icon": icon})


@register.simple_tag(takes_context=True)
def remedy(context: Context, check: Check, number: int, gate: bool = False) -> str:
    """The address where a gap is mended; with `gate`, whoever mends it comes back to the gates of the system."""
    return remedy_url(context["request"].organisation.slug, number, check, gate=gate)


@register.simple_tag
def because(reason: str = "", href: str = "", label: str = "") -> SafeString:
    """Why something is so, and what would change it."""
    link = format_html(' <a href="{}">{}</a>', href, label or "Change this") if href else ""
    return format_html('<p class="because"><span class="because-word">Because</span> {}{}</p>', reason, link)


@register.simple_tag
def stat(
    label: str = "", value: Any = "", href: str = "", note: str = "", unit: str = "", tone: str = "", of: Any = None
) -> str:
    """One figure: label, value with unit, what it is counted from (`of`), and the rows behind it (`href`)."""
    return render_to_string(
        "ui/stat.html",
        {"label": label, "value": value, "href": href, "note": note, "unit": unit, "tone": tone, "of": of},
    )


@register.simple_tag
def field(bound: BoundField, label: str = "", wide: bool = False) -> str:
    """A form field: label, control, help and error, tied together for screen readers."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "") or type(widget).__name__.lower()
    group = bound.use_fieldset
    return render_to_string(
        "ui/field.html",
        {
            "field": bound,
            "label": label or bound.label,
            "check": kind == "checkbox" and not group,
            "group": group,
            "wide": wide or type(widget).__name__ == "Textarea",
            "hidden": bound.is_hidden,
            "required": bound.field.required,
        },
    )


@register.simple_tag(takes_context=True)
def pager(context: Context, page: Page[Any], name: str = "page") -> str:
    """Older and newer, and where one is. `page` is a Django Page; the other parameters of the URL stay."""
    return render_to_string(
        "ui/pager.html",
        {"page": page, "name": name, "before": _with(context, name, page, -1), "after": _with(context, name, page, 1)},
    )


@register.simple_tag
def tabs(items: Iterable[Any], current: str = "", label: str = "Sections") -> str:
    """A row of links. An item is (key, label, href) or (key, label, href, count)."""
    rows = [
        {"key": key, "label": text, "href": href, "count": rest[0] if rest else None}
        for key, text, href, *rest in (_tab(item) for item in items)
    ]
    return render_to_string("ui/tabs.html", {"items": rows, "current": current, "label": label})


@register.simple_tag(takes_context=True)
def account_tabs(context: Context) -> str:
    """The pages of one's own account: whichever of them this installation offers."""
    pages = (
        ("mfa_index", "Security"),
        ("account_change_password", "Password"),
        ("account_email", "E-mail"),
        ("usersessions_list", "Sessions"),
        ("socialaccount_connections", "Single sign-on"),
    )
    path = context["request"].path
    items, current = [], ""
    for name, label in pages:
        try:
            href = reverse(name)
        except NoReverseMatch:
            continue
        items.append((name, label, href))
        current = name if path.startswith(href) else current
    return tabs(items, current, "Your account")


@register.simple_tag
def meter(value: Any, of: Any, label: str = "", tone: str = "") -> SafeString:
    """How much of a whole, as a bar with its numbers in words. Drawn with SVG, so no style attribute is needed."""
    whole = float(of or 0)
    share = 0.0 if whole <= 0 else max(0.0, min(1.0, float(value or 0) / whole))
    words = f"{label + ': ' if label else ''}{value} of {of}"
    return format_html(
        '<svg class="meter meter-{}" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="meter-all" width="100" height="6"/><rect class="meter-part" width="{}" height="6"/></svg>',
        tone or "accent",
        words,
        f"{share * 100:.2f}",
    )


@register.simple_block_tag
def card(content: str, title: str = "", href: str = "", note: str = "", tone: str = "") -> str:
    """A framed piece of a page with a title; with `href` the title is the way in."""
    return render_to_string(
        "ui/card.html", {"content": content, "title": title, "href": href, "note": note, "tone": tone}
    )


@register.simple_block_tag
def panel(content: str, title: str = "", note: str = "", id: str = "") -> str:  # noqa: A002 - it is the HTML attribute
    """A section of a page: a heading and what stands under it, without a frame."""
    return render_to_string("ui/panel.html", {"content": content, "title": title, "note": note, "id": id})


@register.simple_block_tag
def dialog(content: str, id: str = "", title: str = "") -> str:  # noqa: A002 - it is the HTML attribute
    """A dialog, opened by any `<button data-open="id">` and closed by Escape or `data-close`."""
    return render_to_string("ui/dialog.html", {"content": content, "id": id, "title": title})


@register.simple_block_tag
def menu(content: str, label: str = "", icon: str = "more", tone: str = "quiet") -> str:
    """A button that drops a list of links or buttons (`<li>`)."""
    return render_to_string("ui/menu.html", {"content": content, "label": label, "icon": icon, "tone": tone})


@register.simple_block_tag
def callout(content: str, tone: str = "info", title: str = "") -> str:
    """A remark that stands out: info, good, warn or bad."""
    return render_to_string("ui/callout.html", {"content": content, "tone": tone, "title": title})


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else str(value)


def _on(lit: bool) -> str:
    return "on" if lit else "off"


def _tab(item: Any) -> Sequence[Any]:
    if isinstance(item, Mapping):
        return [item["key"], item["label"], item["href"], *([item["count"]] if "count" in item else [])]
    return list(item)


def _with(context: Context, name: str, page: Page[Any], step: int) -> str:
    """The query string that leads `step` pages on, or the empty string at the end."""
    number = page.number + step
    if not 1 <= number <= page.paginator.num_pages:
        return ""
    request = context.get("request")
    query = request.GET.copy() if request else None
    if query is None:
        return f"?{name}={number}"
    query[name] = str(number)
    return f"?{query.urlencode()}"
