# ruff: noqa: E501 - a drawing reads better on one line
"""Icons and status marks, drawn by us on a grid of 16: outlines of 1.5 that take the colour of the text around them.

They are written into the page, so no icon arrives late and nothing moves.
"""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

ICONS: dict[str, str] = {
    "alert": '<path d="M8 2.5 14 13H2L8 2.5Z"/><path d="M8 6.5v3M8 11.2v.1"/>',
    "arrow-down": '<path d="M8 3v10M4 9l4 4 4-4"/>',
    "arrow-left": '<path d="M13 8H3M7 4 3 8l4 4"/>',
    "arrow-right": '<path d="M3 8h10M9 4l4 4-4 4"/>',
    "arrow-up": '<path d="M8 13V3M4 7l4-4 4 4"/>',
    "bell": '<path d="M4 11V7a4 4 0 0 1 8 0v4l1 1H3l1-1ZM6.8 14h2.4"/>',
    "bolt": '<path d="M9 2 4 9h4l-1 5 5-7H8l1-5Z"/>',
    "calendar": '<path d="M3 4h10v9.5H3zM3 7h10M5.5 2.5V5M10.5 2.5V5"/>',
    "check": '<path d="m3.5 8.5 3 3 6-7"/>',
    "chevron-down": '<path d="m4.5 6.5 3.5 3.5 3.5-3.5"/>',
    "chevron-left": '<path d="M9.5 4.5 6 8l3.5 3.5"/>',
    "chevron-right": '<path d="M6.5 4.5 10 8l-3.5 3.5"/>',
    "chevrons": '<path d="m5 6.2 3-3 3 3M5 9.8l3 3 3-3"/>',
    "clock": '<circle cx="8" cy="8" r="5.8"/><path d="M8 4.8V8l2.2 1.5"/>',
    "columns": '<path d="M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10"/>',
    "contrast": '<circle cx="8" cy="8" r="5.8"/><path d="M8 2.2a5.8 5.8 0 0 1 0 11.6Z" fill="currentColor"/>',
    "copy": '<path d="M5.5 5.5h8v8h-8z"/><path d="M10.5 5.5v-3h-8v8h3"/>',
    "domains": '<path d="M8 2.5v11M2.5 8h11"/><circle cx="8" cy="8" r="5.5"/>',
    "graph": '<circle cx="8" cy="3.6" r="1.8"/><circle cx="3.6" cy="11.6" r="1.8"/><circle cx="12.4" cy="11.6" r="1.8"/>'
    '<path d="M7 5.2 4.5 10M9 5.2l2.5 4.8M5.4 11.6h5.2"/>',
    "download": '<path d="M8 2.5v8M4.8 7.5 8 10.7l3.2-3.2M2.5 13.5h11"/>',
    "edit": '<path d="m3 10.5 7.5-7.5 2.5 2.5L5.5 13H3v-2.5Z"/>',
    "evidence": '<path d="M4 2h5.5L12.5 5v9H4zM9.5 2v3h3"/><path d="m6 9.8 1.5 1.5 2.7-3"/>',
    "external": '<path d="M9 3h4v4M13 3 7.5 8.5M11.5 9.5v3.5h-8.5v-8.5H6.5"/>',
    "eye": '<path d="M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8Z"/><circle cx="8" cy="8" r="1.8"/>',
    "file": '<path d="M4 2h5.5L12.5 5v9H4zM9.5 2v3h3"/>',
    "filter": '<path d="M2.5 4h11M4.5 8h7M6.5 12h3"/>',
    "flag": '<path d="M4 14V2.5h8L10.2 5.5 12 8.5H4"/>',
    "gate": '<path d="M2.5 14V4.5L8 2l5.5 2.5V14M5.5 14V8h5v6"/>',
    "help": '<circle cx="8" cy="8" r="5.8"/><path d="M6.3 6.5a1.7 1.7 0 1 1 2.5 1.5c-.6.3-.8.6-.8 1.2M8 11.3v.1"/>',
    "home": '<path d="M2.5 7.5 8 2.8l5.5 4.7M4 6.5v7h8v-7M6.7 13.5V10h2.6v3.5"/>',
    "imports": '<path d="M8 2v7M5 6.5 8 9.5l3-3M2.5 9.5v4h11v-4"/>',
    "inbox": '<path d="M2.5 9 4.5 3h7l2 6v4h-11zM2.5 9h3.2l.8 1.8h3L10.3 9h3.2"/>',
    "info": '<circle cx="8" cy="8" r="5.8"/><path d="M8 7.3v3.5M8 5.1v.1"/>',
    "key": '<circle cx="5.3" cy="10.7" r="2.8"/><path d="m7.3 8.7 6-6M11 5l2 2"/>',
    "ledger": '<path d="M6.5 4.5 8.3 2.7a2.6 2.6 0 0 1 3.7 0l1.3 1.3a2.6 2.6 0 0 1 0 3.7L11.5 9.5M9.5 11.5l-1.8 1.8'
    'a2.6 2.6 0 0 1-3.7 0L2.7 12a2.6 2.6 0 0 1 0-3.7L4.5 6.5M6 10l4-4"/>',
    "link": '<path d="M6.5 9.5 9.5 6.5M7 4.8l1.5-1.5a3 3 0 0 1 4.2 4.2L11.2 9M9 11.2l-1.5 1.5a3 3 0 0 1-4.2-4.2L4.8 7"/>',
    "list": '<path d="M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1"/>',
    "lock": '<path d="M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2"/>',
    "menu": '<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>',
    "moon": '<path d="M13.3 9.5A5.8 5.8 0 0 1 6.5 2.7a5.8 5.8 0 1 0 6.8 6.8Z"/>',
    "more": '<path d="M3.5 8h.1M8 8h.1M12.5 8h.1" stroke-width="2.2"/>',
    "organisation": '<path d="M2.5 13.5V3h6v10.5M8.5 6.5h5v7M1.5 13.5h13M4.7 5.5h1.6M4.7 8h1.6M4.7 10.5h1.6"/>',
    "pause": '<path d="M5.5 3.5v9M10.5 3.5v9"/>',
    "people": '<circle cx="6" cy="5.5" r="2.5"/><path d="M1.8 13c0-2.6 1.9-4.2 4.2-4.2s4.2 1.6 4.2 4.2M10.5 3.3a2.5 2.5 0 0 1 0 4.4'
    'M11.7 9c1.6.5 2.5 2 2.5 4"/>',
    "play": '<path d="M5 3.2v9.6L12.5 8z"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "refresh": '<path d="M13 8a5 5 0 1 1-1.6-3.7L13 5.8M13 2.8v3h-3"/>',
    "requests": '<path d="M2.5 3h11v8H8l-3.5 2.8V11h-2zM8 5.5v2.2M8 9.1v.1"/>',
    "rulebook": '<path d="M8 4C6.5 2.8 4.5 2.5 2.5 2.5v10c2 0 4 .3 5.5 1.5 1.5-1.2 3.5-1.5 5.5-1.5v-10c-2 0-4 .3-5.5 1.5ZM8 4v10"/>',
    "search": '<circle cx="7" cy="7" r="4.3"/><path d="m10.3 10.3 3.2 3.2"/>',
    "settings": '<path d="M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6"/><circle cx="10.2" cy="4.5" r="1.7"/>'
    '<circle cx="5.7" cy="11.5" r="1.7"/>',
    "shield": '<path d="M8 2 3 3.8V8c0 3 2.2 5 5 6 2.8-1 5-3 5-6V3.8L8 2Z"/>',
    "sign-out": '<path d="M6.5 3h-4v10h4M10.5 5l3 3-3 3M13.5 8H6"/>',
    "sort": '<path d="M5 3v10M2.5 5.5 5 3l2.5 2.5M11 13V3M8.5 10.5 11 13l2.5-2.5"/>',
    "star": '<path d="m8 2.3 1.7 3.6 3.9.5-2.9 2.7.7 3.9L8 11.1 4.6 13l.7-3.9-2.9-2.7 3.9-.5L8 2.3Z"/>',
    "sun": '<circle cx="8" cy="8" r="2.8"/><path d="M8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1"/>',
    "systems": '<path d="m8 2 5.5 3L8 8 2.5 5 8 2ZM2.5 8 8 11l5.5-3M2.5 11 8 14l5.5-3"/>',
    "tag": '<path d="M2.5 2.5h5.3L13.5 8.2 8.2 13.5 2.5 7.8zM5.3 5.3h.1"/>',
    "trash": '<path d="M3 4.5h10M6 4.5v-2h4v2M4.2 4.5l.6 9h6.4l.6-9M6.7 7v4M9.3 7v4"/>',
    "trend-down": '<path d="m2.5 4.5 4 4 2.5-2.5 4.5 5M13.5 7.5V11H10"/>',
    "trend-up": '<path d="m2.5 11.5 4-4L9 10l4.5-5.5M10 4.5h3.5V8"/>',
    "unit": '<path d="M6 2.5h4v3H6zM2 10.5h4v3H2zM10 10.5h4v3h-4zM8 5.5V8M4 10.5V8h8v2.5"/>',
    "upload": '<path d="M8 10.5v-8M4.8 5.7 8 2.5l3.2 3.2M2.5 13.5h11"/>',
    "user": '<circle cx="8" cy="5.3" r="2.8"/><path d="M2.8 13.8c.3-2.9 2.5-4.5 5.2-4.5s4.9 1.6 5.2 4.5"/>',
    "x": '<path d="m4 4 8 8M12 4l-8 8"/>',
}

# A status is told by its shape first and its colour second, so it survives a printer and a colour-blind reader.
MARKS: dict[str, str] = {
    "met": '<circle cx="8" cy="8" r="6.5" fill="currentColor"/><path d="m5 8.3 2.1 2.1L11 5.9" class="mark-cut"/>',
    "not_met": '<rect x="2.5" y="2.5" width="11" height="11" rx="1.5" fill="currentColor"/><path d="M5.6 8h4.8" class="mark-cut"/>',
    "in_progress": '<circle cx="8" cy="8" r="5.7" class="mark-line"/><path d="M8 2.3a5.7 5.7 0 0 1 0 11.4Z" fill="currentColor"/>',
    "unknown": '<rect x="2.7" y="2.7" width="10.6" height="10.6" rx="1.5" class="mark-line"/>'
    '<path d="M3.2 8.8 8.8 3.2M3.2 13l9.8-9.8M7.4 13l5.6-5.6" class="mark-hatch"/>',
    "not_applicable": '<path d="M3.5 8h9" class="mark-line"/>',
    "waived": '<path d="M8 2 14 8l-6 6-6-6z" class="mark-line"/>',
    "inherited": '<path d="M8 2 14 8l-6 6-6-6z" class="mark-line"/><path d="M8 5v6" class="mark-line"/>',
}


def icon_svg(name: str) -> SafeString:
    """The icon as inline SVG, hidden from screen readers: the words beside it carry the meaning. KeyError if unknown."""
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">{}</svg>',
        mark_safe(ICONS[name]),  # noqa: S308 - our own constants
    )


def mark_svg(status: str) -> SafeString:
    """The mark of a status as inline SVG. KeyError if unknown."""
    return format_html(
        '<svg class="mark" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">{}</svg>',
        mark_safe(MARKS[status]),  # noqa: S308 - our own constants
    )
