"""The inventory's own panels on a system's page: what is missing, facts, what it is made of, what was said of it."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.checks.selectors import as_gaps, gaps
from pilothouse.kernel.inventory.fields import FIELDS
from pilothouse.kernel.inventory.intake import ANSWERS
from pilothouse.kernel.inventory.models import Component, CustomField, DatedFact, Practice, Relation, System
from pilothouse.kernel.inventory.practices import PRACTICES, practice_title
from pilothouse.web.panels import Panel, panels
from pilothouse.web.remedies import remedy_url

TOP = 4
SHOWN = (
    "purpose",
    "outputs",
    "outcome",
    "outcome_metric",
    "affects",
    "impact",
    "personal_data",
    "sourcing",
    "vendor",
    "technique",
    "topic",
    "contact",
    "notes",
)


def facts(request: Any, system: System) -> str:
    """Fields, intake answers, dates, figures, custom fields, tags and external ids."""
    rows = []
    for key in SHOWN:
        spec = FIELDS[key]
        value = getattr(system, f"get_{key}_display")() if spec.kind == "choice" else getattr(system, key)
        known = value and not (spec.kind == "choice" and getattr(system, key) == "unknown")
        rows.append((spec, value if known else ""))
    custom = [(f.title, system.custom.get(f.key, "")) for f in CustomField.objects.of(request.actor)]
    kinds = dict(DatedFact.KINDS)
    asked = active_body(system.organisation_id).questions
    context = {
        "system": system,
        "rows": rows,
        "intake": [(q.text, ANSWERS.get(system.intake.get(q.key, ""), "")) for q in asked],
        "custom": [(title, value) for title, value in custom if value],
        "dates": [(kinds[d.kind], d) for d in system.dates.all()],
        "performance": system.performance.all(),
        "external_ids": system.external_ids.order_by("source", "value"),
        "may_change": request.actor.may("system.change", system),
    }
    return render_to_string("inventory/_facts.html", context, request=request)


def made_of(request: Any, system: System) -> str:
    """Components and relations, in both directions."""
    relations = Relation.objects.of(request.actor).select_related("component", "other", "system")
    towards: Any = relations.filter(other=system)
    if not request.actor.scope("system.view").everywhere:
        towards = [r for r in towards.select_related("system__unit") if request.actor.may("system.view", r.system)]
    context = {
        "system": system,
        "components": relations.filter(system=system, other=None).order_by("component__kind", "component__name"),
        "related": relations.filter(system=system, component=None).order_by("kind", "other__number"),
        "towards": towards,
        "component_kinds": Component.KINDS,
        "relation_kinds": [kind for kind in Relation.KINDS if kind[0] != "uses"],
        "may_change": request.actor.may("system.change", system),
    }
    return render_to_string("inventory/_made_of.html", context, request=request)


def statements(request: Any, system: System) -> str:
    """What was said of each practice, with the words, by whom, and that it is a claim."""
    said = {practice.key: practice for practice in system.practices.all()}
    keys = dict.fromkeys([*said, *PRACTICES])
    context = {
        "system": system,
        "said": [(key, practice_title(key), said.get(key)) for key in keys],
        "questions": [(kind.key, kind.title, kind.question) for kind in PRACTICES.values()],
        "statuses": Practice.STATUSES,
        "may_change": request.actor.may("system.change", system),
    }
    return render_to_string("inventory/_statements.html", context, request=request)


def missing(request: Any, system: System) -> str:
    """The gaps that matter most, each with its reason and where it is mended."""
    rows = gaps(request.actor, among=System.objects.filter(pk=system.pk))
    found = as_gaps(request.actor, rows[: TOP + 1])
    if not found:
        return ""
    here = reverse("inventory:detail", kwargs={"slug": request.organisation.slug, "number": system.number})
    context = {
        "gaps": [(gap, remedy_url(request.organisation.slug, system.number, gap.check)) for gap in found[:TOP]],
        "more": len(found) > TOP,
        "all": f"{here}?tab=findings#tabs",
        "sheet": f"{here}sheet/",
        "may_change": request.actor.may("system.change", system),
    }
    return render_to_string("inventory/_missing.html", context, request=request)


panels.register(Panel("missing", "What is missing", 20, "system.view", missing, "story"))
panels.register(Panel("facts", "Facts", 10, "system.view", facts))
panels.register(Panel("parts", "Made of", 20, "system.view", made_of))
panels.register(Panel("statements", "Statements", 25, "system.view", statements))
