"""All controls, one control with what it serves, and one control of one system with what shows it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import Invalid, NotFound, PilothouseError
from pilothouse.domains.governance.frameworks import actions
from pilothouse.domains.governance.frameworks.conditions import CONDITIONS
from pilothouse.domains.governance.frameworks.coverage import field_of, matrix_systems, places, system_coverage, whole
from pilothouse.domains.governance.frameworks.documents import RELATIONS, Control, control_of
from pilothouse.domains.governance.frameworks.forms import ControlForm, SettleForm
from pilothouse.domains.governance.frameworks.library_of import adopted, library
from pilothouse.domains.governance.frameworks.models import ControlSetting
from pilothouse.domains.governance.frameworks.pages.lists import tabs_of, today
from pilothouse.domains.governance.frameworks.rules import LETTERS, Item, State
from pilothouse.kernel.access.models import Person
from pilothouse.kernel.domain import registry
from pilothouse.kernel.evidence.selectors import evidence_by_id, evidence_of
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.web.page import Request, page

PAGE = 40


@require_GET
@page("system.view")
def control_list(request: Request) -> HttpResponse:
    """Every control with how it stands over all systems, or for the organisation."""
    field = field_of(request.actor, today())
    serves: dict[str, int] = {}
    for one in adopted(request.actor.organisation_id):
        for requirement in one.document.walk():
            for name in requirement.by:
                serves[name] = serves.get(name, 0) + 1
    rows = [
        (control, field.controls[name].counts(field.everybody) if control.of == "system" else None,
         field.organisation[name].state if control.of == "organisation" else None, serves.get(name, 0))
        for name, control in field.library.controls.items()
    ]  # fmt: skip
    context: dict[str, Any] = {
        "tabs": tabs_of(request),
        "rows": rows,
        "own": field.library.own,
        "whole": whole(request.actor),
        "may_manage": request.actor.scope(actions.MANAGE).everywhere,
    }
    return render(request, "frameworks/controls.html", context)


def _known(request: Request, control_id: str) -> Control:
    found = library(request.actor.organisation_id).controls.get(control_id)
    if found is None:
        raise NotFound
    return found


@require_GET
@page("system.view")
def control(request: Request, control_id: str) -> HttpResponse:
    """One control: what is done and why, what it serves, what is settled, and each system by state."""
    found = _known(request, control_id)
    field = field_of(request.actor, today())
    show = request.GET.get("show", "")
    rows, standing = matrix_systems(request.actor), None
    masks = field.controls[control_id]
    letters: dict[Any, str] = {}
    if found.of == "system":
        place = [one.id for one in field.library.of_systems].index(control_id)
        letters = {pk: LETTERS[states[place]] for pk, states in zip(field.ids, field.lines.states, strict=True)}
        if show in set(State):
            rows = rows.filter(pk__in=[field.ids[at] for at in places(masks.of(State(show), field.everybody))])
    else:
        standing, rows = field.organisation[control_id], rows.none()
    shown = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "control": found,
        "counts": masks.counts(field.everybody) if found.of == "system" else None,
        "standing": standing,
        "items": [(item, _where(request, item)) for item in standing.items] if standing else [],
        "page": shown,
        "rows": [(system, letters.get(system.pk)) for system in shown.object_list],
        "show": show,
        "states": [state.value for state in State],
        "served": _served(request, control_id),
        "relations": RELATIONS,
        "conditions": [CONDITIONS[name][0] for name in found.when],
        "checks": [registry.checks[name] for name in found.checks if name in registry.checks],
        "records": [registry.records[name] for name in found.records if name in registry.records],
        "setting": _setting(request, control_id, None),
        "form": SettleForm(initial=_said(_setting(request, control_id, None))),
        "own": control_id in field.library.own,
        "may_manage": request.actor.scope(actions.MANAGE).everywhere,
    }
    return render(request, "frameworks/control.html", context)


def _served(request: Request, control_id: str) -> list[tuple[Any, Any, str]]:
    return [
        (one, requirement, requirement.by[control_id].value)
        for one in adopted(request.actor.organisation_id)
        for requirement in one.document.walk()
        if control_id in requirement.by
    ]


def _setting(request: Request, control_id: str, system: System | None) -> ControlSetting | None:
    rows = ControlSetting.objects.of(request.actor).filter(control=control_id, system=system)
    found: ControlSetting | None = rows.select_related("owner").first()
    return found


def _said(setting: ControlSetting | None) -> dict[str, Any]:
    if setting is None:
        return {}
    names = ("every", "cost_low", "cost_high", "currency", "not_applicable", "not_applicable_until")
    said = {name: getattr(setting, name) for name in names}
    return said | {"owner": setting.owner.email if setting.owner else ""}


@require_GET
@page("system.view")
def control_of_system(request: Request, number: int, control_id: str) -> HttpResponse:
    """One control of one system: its state, everything that shows it or speaks against it, and what can be attached."""
    system = system_by_number(request.actor, number)
    found = _known(request, control_id)
    standing = system_coverage(request.actor, system, today()).standing(control_id)
    attached = {item.id for item in standing.items if item.source == "evidence"} if standing else set()
    may_attach = found.of == "system" and request.actor.may("evidence.add", system)
    pieces = evidence_of(request.actor, system).filter(withdrawn_at=None, superseded_by=None) if may_attach else []
    setting, everywhere = _setting(request, control_id, system), _setting(request, control_id, None)
    every = next((one.every for one in (setting, everywhere) if one and one.every), found.every)
    context: dict[str, Any] = {
        "system": system,
        "control": found,
        "standing": standing,
        "items": [(item, _where(request, item), item.ends(every)) for item in standing.items] if standing else [],
        "served": _served(request, control_id),
        "relations": RELATIONS,
        "pieces": [one for one in pieces if str(one.pk) not in attached],
        "may_attach": may_attach,
        "setting": setting,
        "form": SettleForm(initial=_said(setting)),
        "may_manage": request.actor.may(actions.MANAGE, system),
        "checks": [registry.checks[name] for name in found.checks if name in registry.checks],
        "records": [registry.records[name] for name in found.records if name in registry.records],
    }
    return render(request, "frameworks/control_of_system.html", context)


def _where(request: Request, item: Item) -> str:
    """Where an item is to be read."""
    slug = request.organisation.slug
    if item.source == "check":
        return reverse("checks:check", kwargs={"slug": slug, "check_id": item.id})
    name, key = ("records:detail", "record_id") if item.source == "record" else ("evidence:detail", "evidence_id")
    return reverse(name, kwargs={"slug": slug, key: item.id})


@require_POST
@page("evidence.add")
def attach(request: Request, number: int, control_id: str) -> HttpResponse:
    """Attach a piece of the system's evidence to a control."""
    system = system_by_number(request.actor, number)
    evidence = evidence_by_id(request.actor, request.POST.get("evidence", ""))
    if evidence.system_id != system.pk:
        raise NotFound
    try:
        actions.evidence_attach(actor=request.actor, evidence=evidence, control=control_id)
    except Invalid as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"“{evidence.title}” shows {control_id}, for every framework that it serves.")
    return _to_system(request, number, control_id)


@require_POST
@page("evidence.add")
def detach(request: Request, number: int, control_id: str) -> HttpResponse:
    """Take a piece of evidence off a control."""
    system_by_number(request.actor, number)
    evidence = evidence_by_id(request.actor, request.POST.get("evidence", ""))
    actions.evidence_detach(actor=request.actor, evidence=evidence, control=control_id)
    messages.success(request, f"“{evidence.title}” no longer counts for {control_id}.")
    return _to_system(request, number, control_id)


@require_POST
@page(actions.MANAGE)
def settle(request: Request, control_id: str) -> HttpResponse:
    """Settle owner, cadence, cost and whether it applies, for the organisation or (`system`) for one system."""
    _known(request, control_id)
    number = request.POST.get("system", "")
    system = system_by_number(request.actor, int(number)) if number.isdecimal() and len(number) < 10 else None
    form = SettleForm(request.POST)
    if form.is_valid():
        facts = dict(form.cleaned_data)
        try:
            facts["owner"] = _person(request, facts["owner"])
            actions.control_settle(actor=request.actor, control=control_id, system=system, **facts)
        except Invalid as error:
            messages.error(request, f"{error.detail} {' '.join(error.fields.values())}")
        else:
            messages.success(request, "Settled.")
    else:
        messages.error(
            request, " ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())
        )
    if system is not None:
        return _to_system(request, system.number, control_id)
    return redirect("frameworks:control", slug=request.organisation.slug, control_id=control_id)


def _person(request: Request, email: str) -> Person | None:
    if not email.strip():
        return None
    found: Person | None = Person.objects.of(request.actor).filter(email__iexact=email.strip(), left_at=None).first()
    if found is None:
        raise Invalid("Nobody here has that e-mail.", fields={"owner": "Choose somebody who works here."})
    return found


def _to_system(request: Request, number: int, control_id: str) -> HttpResponse:
    return redirect(
        "frameworks:control_of_system", slug=request.organisation.slug, number=number, control_id=control_id
    )


@require_http_methods(["GET", "POST"])
@page(actions.MANAGE)
def control_new(request: Request) -> HttpResponse:
    """Add a control, or with `?edit=` put one in other words."""
    edit = request.GET.get("edit", "")
    known = _known(request, edit) if edit else None
    initial = known.model_dump(mode="json") | {"shown_by": "\n".join(known.shown_by)} if known else None
    form = ControlForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        said["shown_by"] = [line.strip() for line in said["shown_by"].splitlines() if line.strip()]
        try:
            made = control_of(said)
            actions.control_save(actor=request.actor, control=made, new=known is None)
        except PilothouseError as error:
            if error.status not in (409, 422):
                raise
            for name, problem in (error.fields or {"": error.detail}).items():
                field = name.split(".")[0]
                form.add_error(field if field in form.fields else None, problem)
        else:
            messages.success(request, f"{made.id} is kept.")
            return redirect("frameworks:control", slug=request.organisation.slug, control_id=made.id)
    context = {"form": form, "known": known}
    return render(request, "frameworks/control_new.html", context, status=422 if form.errors else 200)
