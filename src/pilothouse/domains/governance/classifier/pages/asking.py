"""The questionnaire: only the questions that matter, answers kept as a draft when one asks for it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.classifier import library, public
from pilothouse.domains.governance.classifier.actions import answers_save
from pilothouse.domains.governance.classifier.pages.shown import shown
from pilothouse.domains.governance.classifier.prescreen import prescreen
from pilothouse.domains.governance.classifier.rules.facts import NONE, UNKNOWN
from pilothouse.domains.governance.classifier.rules.questionnaire import Asked
from pilothouse.domains.governance.classifier.rules.questions import Question
from pilothouse.domains.governance.classifier.selectors import papers_of, rule_sets_of
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.page import Request, page

NAME = "a."


@require_http_methods(["GET", "POST"])
@page("system.view")
def ask(request: Request, number: int) -> HttpResponse:
    """The questions that matter now. A POST with `save` keeps the answers; without it, it shows what they change."""
    system = system_by_number(request.actor, number)
    facts = papers_of(request.actor, system).facts
    wrong: dict[str, str] = {}
    if request.method == "POST":
        facts = answers(request.POST)
        try:
            if "save" in request.POST:
                answers_save(actor=request.actor, system=system, facts=facts)
                messages.success(request, "The answers are kept as a draft.")
                return redirect("classifier:result", slug=request.organisation.slug, number=number)
            public.ask(facts)
        except Invalid as error:
            wrong, facts = error.fields or {"": error.detail}, _without(facts, error.fields)
    context = _context(request, system, facts, wrong)
    template = "classifier/_asking.html" if request.htmx else "classifier/questions.html"
    return render(request, template, context, status=422 if wrong and not request.htmx else 200)


def _context(request: Request, system: System, facts: dict[str, Any], wrong: dict[str, str]) -> dict[str, Any]:
    rule_sets = rule_sets_of(request.organisation.pk)
    asked = public.ask(facts, rule_sets=rule_sets)
    proposed = {one.fact: one for one in prescreen(_about(system))}
    sections = [
        (section, [(one, controls(one), wrong.get(one.question.id), _hint(one, proposed)) for one in several])
        for section, several in asked.by_section(library.questions())
    ]
    return {
        "system": system,
        "sections": sections,
        "left": len(asked.left),
        "asked": len(asked.shown),
        "moot": asked.moot,
        "kept": json.dumps(facts, sort_keys=True),
        "wrong": wrong,
        "may_write": request.actor.may("record.write", system),
        **shown(public.classify(facts, rule_sets=rule_sets, what_if=False)),
    }


def _about(system: System) -> dict[str, str]:
    return {"name": system.name, "purpose": system.purpose, "outputs": system.outputs, "affects": system.affects}


def _hint(one: Asked, proposed: dict[str, Any]) -> Any:
    return proposed.get(one.question.id) if one.answer is None else None


def _without(facts: dict[str, Any], wrong: Any) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if key not in wrong}


def controls(one: Asked) -> list[tuple[str, str, bool]]:
    """The options of a question: value, words, chosen. Of a day there are none."""
    question = one.question
    if question.type == "date":
        return []
    said = one.answer if isinstance(one.answer, list) else [one.answer]
    if question.type == "yes_no":
        options = [("yes", "Yes"), ("no", "No")]
    else:
        options = [(choice.id, choice.title) for choice in question.choices]
    if question.type == "choices":
        options.append((NONE, "None of these"))
    options.append((UNKNOWN, "I don't know"))
    return [(value, words, value in said) for value, words in options]


def answers(post: QueryDict) -> dict[str, Any]:
    """Facts from the form: those that it carries along, changed by the questions that it showed."""
    try:
        kept = json.loads(post.get("kept") or "{}")
    except ValueError:
        kept = {}
    facts = dict(kept) if isinstance(kept, dict) else {}
    for name in post.getlist("asked"):
        question = library.questions().by_id.get(name)
        if question is None:
            continue
        said = _answer(question, [value for value in post.getlist(f"{NAME}{name}") if value])
        if said is None:
            facts.pop(name, None)
        else:
            facts[name] = said
    return facts


def _answer(question: Question, said: list[str]) -> Any:
    """One answer. A choice that is ticked outweighs “none”; “I don't know” beside a choice means: and perhaps more."""
    if not said:
        return None
    if question.type != "choices":
        return said[0]
    chosen = [value for value in said if value not in (NONE, UNKNOWN)]
    if chosen:
        return [*chosen, *([UNKNOWN] if UNKNOWN in said else [])]
    return UNKNOWN if UNKNOWN in said else NONE
