"""What templates of documents need of their forms: `{% load records %}{% with form|drawn as drawn %}`."""

from __future__ import annotations

from django import template

from pilothouse.web.records.forms import DocumentForm, Drawn

register = template.Library()


@register.filter
def drawn(form: DocumentForm) -> Drawn:
    """A form's parts and errors, out of the way of its fields' names."""
    return form.drawn()
