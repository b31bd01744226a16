"""What other rooms show of decisions: `{% load decisions %}{% record_signatures record %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from pilothouse.kernel.decisions.signoff import record_signoffs
from pilothouse.kernel.records.models import Record
from pilothouse.web.checks.words import role_titles

register = template.Library()


@register.inclusion_tag("decisions/_record_signatures.html", takes_context=True)
def record_signatures(context: Context, record: Record) -> dict[str, Any]:
    """The signatures on one version of a document, void ones with their reason, and the form that asks for one."""
    request = context["request"]
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "record": record,
        "signoffs": record_signoffs(record),
        "may_ask": record.state == "sealed" and request.actor.may("record.write", record),
        "roles": sorted(role_titles(record.organisation_id).items(), key=lambda item: item[1]),
    }
