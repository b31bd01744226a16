"""What the answers come to, with reasons; and sealing it as the system's classification."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.classifier import public
from pilothouse.domains.governance.classifier.actions import classification_seal
from pilothouse.domains.governance.classifier.pages.shown import shown
from pilothouse.domains.governance.classifier.rules.sealing import proposal
from pilothouse.domains.governance.classifier.selectors import papers_of, reckon_again, rule_sets_of
from pilothouse.domains.governance.schemas import RiskClassification
from pilothouse.kernel import clock
from pilothouse.kernel.inventory.dates import told_date
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.records.schema import shapes
from pilothouse.web.page import Request, page

REVIEW_AFTER = timedelta(days=365)
ROLES = next(shape.choices for shape in shapes(RiskClassification) if shape.name == "our_role")


@require_GET
@page("system.view")
def result(request: Request, number: int) -> HttpResponse:
    """The classes, why, since when, what follows, what would change it."""
    system = system_by_number(request.actor, number)
    papers = papers_of(request.actor, system)
    context: dict[str, Any] = {
        "system": system,
        "papers": papers,
        "may_write": request.actor.may("record.write", system),
        "by_hand": bool(papers.sealed) and not papers.facts,
    }
    if papers.facts:
        rule_sets = rule_sets_of(request.organisation.pk)
        context |= shown(public.classify(papers.facts, on=clock.now().date(), rule_sets=rule_sets))
        if papers.sealed and not papers.draft:
            context["again"] = next(iter(reckon_again([papers.sealed], rule_sets)), None)
    return render(request, "classifier/result.html", context)


@require_http_methods(["GET", "POST"])
@page("system.view")
def seal(request: Request, number: int) -> HttpResponse:
    """The words of the document, proposed from the result; a person mends them and seals."""
    system = system_by_number(request.actor, number)
    request.actor.require("record.write", system)
    papers = papers_of(request.actor, system)
    if not papers.facts:
        return redirect("classifier:questions", slug=request.organisation.slug, number=number)
    found = public.classify(papers.facts, rule_sets=rule_sets_of(request.organisation.pk), what_if=False)
    body = proposal(found)
    typed: dict[str, Any] = {
        "our_role": body["our_role"],
        "reasons": body["reasons"],
        "exception": body["exception"] or "",
        "decided_by": getattr(request.user, "email", ""),
        "review_by": (clock.now().date() + REVIEW_AFTER).isoformat(),
    }
    wrong: dict[str, str] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").strip() for name in typed}
        for index, one in enumerate(body["under"]):
            one["because"] = request.POST.get(f"under.{index}.because", "").strip() or one["because"]
        words = {**typed, "exception": typed["exception"] or None, "review_by": _day(typed["review_by"])}
        try:
            sealed = classification_seal(
                actor=request.actor, system=system, facts=papers.facts, words={**words, "under": body["under"]}
            )
        except Invalid as error:
            wrong = error.fields or {"": error.detail}
        else:
            messages.success(request, "The classification is sealed.")
            return redirect("records:detail", slug=request.organisation.slug, record_id=sealed.pk)
    context = {
        "system": system,
        "typed": typed,
        "under": body["under"],
        "roles": ROLES,
        "wrong": wrong,
        "class_title": dict(_classes()).get(found.risk_class, found.risk_class),
        "found": found,
    }
    return render(request, "classifier/seal.html", context, status=422 if wrong else 200)


def _day(text: str) -> str:
    """A day in whatever way it was typed; what is none is left for the schema to refuse."""
    told = told_date(text)
    return told.value.isoformat() if told.value and told.precision == "day" else text


def _classes() -> Any:
    return next(shape.choices for shape in shapes(RiskClassification) if shape.name == "risk_class")
