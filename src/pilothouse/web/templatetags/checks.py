"""What the rulebook's editor draws: `{% load checks %}`."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def labelled(bound: BoundField) -> SafeString:
    """A control in a table's cell: its label is for screen readers, the table's heads for everybody else."""
    return format_html('<label class="sr-only" for="{}">{}</label>{}', bound.id_for_label, bound.label, bound)
