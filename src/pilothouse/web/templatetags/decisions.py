"""What other rooms show of decisions: `{% load decisions %}{% record_signatures record %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from pilothouse.kernel.decisions.signed import sign_off_of, signers
from pilothouse.kernel.decisions.signoff import record_signoffs
from pilothouse.kernel.records.actions import kind_of
from pilothouse.kernel.records.models import Record
from pilothouse.web.checks.words import role_titles

register = template.Library()


@register.inclusion_tag("decisions/_record_signatures.html", takes_context=True)
def record_signatures(context: Context, record: Record) -> dict[str, Any]:
    """The signatures on one version of a document, void ones with their reason, and the form that asks for one."""
    request = context["request"]
    spec, signoffs = kind_of(record.kind), record_signoffs(record)
    may_ask = record.state == "sealed" and request.actor.may("record.write", record)
    waiting = any(decision.state == "open" for decision, _ in signoffs)
    titles = role_titles(record.organisation_id)
    asked = signers(record.organisation_id, spec) if may_ask else ()
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "record": record,
        "signoffs": signoffs,
        "may_ask": may_ask and not (spec.signers and (waiting or sign_off_of(record))),
        "signers": [" or ".join(titles.get(role, role) for role in group) for group in asked],
        "instead": asked != spec.signers,
        "office": ", ".join(titles.get(role, role) for group in spec.signers for role in group),
        "roles": sorted(titles.items(), key=lambda item: item[1]),
    }
