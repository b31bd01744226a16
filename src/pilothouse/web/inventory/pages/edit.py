"""Adding and editing a system. What someone typed is never lost: not to a mistake, not to somebody faster."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import Truncator
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import Conflict, Invalid, PilothouseError
from pilothouse.kernel.access.models import Person
from pilothouse.kernel.inventory.actions import (
    date_set,
    performance_add,
    practice_state,
    system_change,
    system_create,
)
from pilothouse.kernel.inventory.dates import told_date
from pilothouse.kernel.inventory.hooks import told_together
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.inventory.forms import QUICK, SECTIONS, SystemForm, as_facts, base_text, read_base
from pilothouse.web.page import Request, page
from pilothouse.web.remedies import to_gate

FOUND = 12


@require_http_methods(["GET", "POST"])
@page("system.create")
def system_new(request: Request) -> HttpResponse:
    """Add a system: name, unit, owner and five questions."""
    slug = request.organisation.slug
    form = SystemForm(actor=request.actor, slug=slug, sections=QUICK, data=request.POST or None)
    if request.method == "POST":
        facts, _ = as_facts({name: text for name, text in form.typed().items() if text})
        try:
            system = system_create(actor=request.actor, name=facts.pop("name", ""), **facts)
        except PilothouseError as error:
            form.show_problem(error)
        else:
            messages.success(request, f"{system.ref} {system.name} is in the list, as an idea.")
            return redirect("inventory:detail", slug=slug, number=system.number)
    return render(request, "inventory/new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@page("system.change")
def system_edit(request: Request, number: int) -> HttpResponse:
    """Edit every field of a system."""
    actor, slug = request.actor, request.organisation.slug
    system = system_by_number(actor, number)
    actor.require("system.change", system)
    form = SystemForm(actor=actor, slug=slug, sections=SECTIONS, system=system, data=request.POST or None)
    if request.method != "POST":
        return _edit_page(request, form, system)
    stored = form.stored(system)
    base = read_base(request.POST.get("base", "")) or stored
    changed = form.changed_from(base)
    clashes = _clashes(form, changed, base, stored) if request.POST.get("version") != str(system.version) else []
    if clashes:
        return _edit_page(request, _with_theirs(form, changed, stored), system, clashes)
    try:
        _save(request, system, changed)
    except Conflict:
        return _edit_page(request, form, system_by_number(actor, number), ["Someone saved at the same moment."])
    except PilothouseError as error:
        form.show_problem(error)
        return _edit_page(request, form, system, base=request.POST.get("base", ""))
    messages.success(request, f"{system.ref} is saved." if changed else "Nothing had changed.")
    if gate := to_gate(request):
        return redirect(gate)
    return redirect("inventory:detail", slug=slug, number=number)


@require_GET
@page("organisation.view")
def people(request: Request) -> HttpResponse:
    """People whose name has the typed words in it, as choices for the picker `name`."""
    q = " ".join(request.GET.get("q", "").split())[:100]
    name = request.GET.get("name", "")
    found = Person.objects.of(request.actor).filter(left_at=None).select_related("unit").order_by("name")
    for word in q.split():
        found = found.filter(name__icontains=word)
    rows = list(found[: FOUND + 1]) if q else []
    # Whoever is chosen already stays in the list, so that searching on does not undo the choice.
    chosen = request.GET.get(name, "") if _is_id(request.GET.get(name, "")) else ""
    if chosen and all(str(person.pk) != chosen for person in rows[:FOUND]):
        kept = Person.objects.of(request.actor).filter(pk=chosen, left_at=None).select_related("unit")
        rows = [*kept, *rows]
    context = {
        "people": rows[:FOUND],
        "more": len(rows) > FOUND,
        "q": q,
        "chosen": chosen,
        "name": name if name.isidentifier() else "person",
    }
    return render(request, "inventory/_people_found.html", context)


@require_POST
@page("system.change")
def performance(request: Request, number: int) -> HttpResponse:
    """Add a stated figure."""
    system = system_by_number(request.actor, number)
    given = {key: request.POST.get(key, "") for key in ("metric", "value", "unit", "population", "source")}
    told = told_date(request.POST.get("measured_on", ""))
    try:
        if told.raw and told.precision != "day":
            raise Invalid(f"“{told.raw}” is not read as one day; write it as 2026-03-31.")
        performance_add(actor=request.actor, system=system, measured_on=told.value, **given)
        messages.success(request, "The figure is kept, as stated.")
    except Invalid as error:
        messages.error(request, " ".join([error.detail, *error.fields.values()]))
    return _to_tab(request, number, "facts")


@require_POST
@page("system.change")
def practice(request: Request, number: int) -> HttpResponse:
    """Keep what somebody says of a practice."""
    system = system_by_number(request.actor, number)
    key, status = request.POST.get("key", ""), request.POST.get("status", "")
    try:
        practice_state(actor=request.actor, system=system, key=key, status=status, words=request.POST.get("words", ""))
        messages.success(request, "The statement is kept, as attested.")
    except Invalid as error:
        messages.error(request, error.detail)
    else:
        if gate := to_gate(request):
            return redirect(gate)
    return _to_tab(request, number, "statements")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _to_tab(request: Request, number: int, tab: str) -> HttpResponse:
    return redirect(f"/o/{request.organisation.slug}/systems/{number}/?tab={tab}#tabs")


def _save(request: Request, system: System, changed: dict[str, str]) -> None:
    facts, dates = as_facts(changed)
    wrong: dict[str, str] = {}
    with transaction.atomic(), told_together(request.actor):
        try:
            system_change(actor=request.actor, system=system, changes=facts, version=system.version)
        except Invalid as error:
            wrong |= error.fields or {"name": error.detail}
        for kind, text in dates.items():
            try:
                date_set(actor=request.actor, system=system, kind=kind, text=text)
            except Invalid as error:
                wrong[f"date_{kind}"] = error.detail
        if wrong:
            raise Invalid("Some of it cannot be saved yet.", fields=wrong)


def _clashes(
    form: SystemForm, changed: dict[str, str], base: dict[str, str], stored: dict[str, str]
) -> list[dict[str, str]]:
    """Fields that this writer and someone else both changed, with both texts."""
    both = [
        name
        for name, text in changed.items()
        if stored.get(name, "") != base.get(name, "") and stored.get(name, "") != text
    ]
    return [
        {"title": str(form[name].label), "theirs": _shown(form, name, stored.get(name, "")), "name": name}
        for name in both
    ]


def _shown(form: SystemForm, name: str, text: str) -> str:
    choices = dict(getattr(form.fields[name], "choices", ()))
    if name in ("owner_id", "deputy_id") and text:
        person = Person.objects.of(form.actor).filter(pk=text).first()
        return person.name if person else ""
    return Truncator(str(choices.get(text, text))).chars(2000)


def _with_theirs(form: SystemForm, changed: dict[str, str], stored: dict[str, str]) -> SystemForm:
    """The form again: what this writer changed as typed, everything else as it is stored now."""
    data = {**stored, **changed}
    return SystemForm(actor=form.actor, slug=form.slug, sections=form.sections, system=form.system, data=data)


def _edit_page(
    request: Request, form: SystemForm, system: System, clashes: list[Any] | None = None, base: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "system": system,
        "clashes": clashes or [],
        "base": base or base_text({k: v for k, v in form.stored(system).items() if k in form.fields}),
        "version": request.POST.get("version") if base else system.version,
    }
    status = 409 if clashes else 422 if form.is_bound and form.errors else 200
    return render(request, "inventory/edit.html", context, status=status)
