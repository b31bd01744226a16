"""Writing: the draft of a document, of a new entry, of an entry's next version; saved unfinished, sealed when whole."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pilothouse.contracts.errors import Conflict, Invalid, NotFound
from pilothouse.kernel.domain import RecordKind
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.records.actions import record_draft, record_seal, schema_for, unready
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import difference, shapes
from pilothouse.kernel.records.selectors import problems_of, record_by_id, records
from pilothouse.web.page import Request, page
from pilothouse.web.records.forms import DocumentForm, read
from pilothouse.web.records.offers import Offers
from pilothouse.web.records.pages.documents import document_page
from pilothouse.web.records.pages.kinds import table_page
from pilothouse.web.records.pages.places import Place, place_of, place_of_record, to_write
from pilothouse.web.remedies import to_gate

MOST_SYSTEMS = 500
SHOWN = 12  # entries that stand above the form of a new one


@require_GET
@page("organisation.view")
def document(request: Request, number: int, kind: str) -> HttpResponse:
    """One kind of document about one system, or its entries of a register."""
    place = place_of(request, kind, number)
    return table_page(request, place) if place.kind.many else document_page(request, place)


@require_http_methods(["GET", "POST"])
@page("organisation.view")
def document_edit(request: Request, kind: str, number: int | None = None) -> HttpResponse:
    """Write the draft; save it as often as you like, seal it when nothing is missing."""
    place = place_of(request, kind, number)
    if place.kind.many:  # which entry is not said: a new one where there is none, else one of the table
        there = records(request.actor, kind=kind, system=place.system).exists()
        return redirect(_kept(request, place.home if there else place.new))
    if place.kind.of_system and place.system is None:
        return redirect(place.new)
    return _written(request, to_write(place))


@require_http_methods(["GET", "POST"])
@page("organisation.view")
def entry_new(request: Request, kind: str, number: int | None = None) -> HttpResponse:
    """Write a new entry of a register. Where the address names no system, it is asked first which one."""
    place = place_of(request, kind, number, key=None)
    if place.kind.of_system and place.system is None:
        return _which_system(request, place)
    if not place.kind.many:
        return redirect(place.edit)
    return _written(request, to_write(place))


@require_http_methods(["GET", "POST"])
@page("organisation.view")
def entry_edit(request: Request, record_id: UUID) -> HttpResponse:
    """Write the next version of what this version belongs to, or go on with its draft."""
    return _written(request, to_write(place_of_record(request, record_by_id(request.actor, record_id))))


def _written(request: Request, place: Place) -> HttpResponse:
    draft = place.standing("draft")
    if request.method == "POST":
        return _save(request, place, draft)
    start = draft or place.standing("sealed")
    body = start.body if start else offered(place.kind, place.system) | _asked(request, place)
    return _edit_page(request, place, draft, _form(request, place, body=body), sealed=start is not None)


def _save(request: Request, place: Place, draft: Record | None) -> HttpResponse:
    form = _form(request, place, data=request.POST)
    if request.POST.get("add"):
        return _edit_page(request, place, draft, form)
    told = request.POST.get("revision", "0")
    revision = int(told) if told.isdecimal() else 0
    try:
        saved = record_draft(
            actor=place.actor,
            system=place.system,
            kind=place.kind.id,
            body=form.body(),
            revision=None if place.fresh else revision,
            key=place.key if place.kind.many else None,
            fresh=place.fresh,
        )
    except Conflict as error:
        theirs = difference(place.kind.schema, form.body(), draft.body) if draft else []
        return _edit_page(request, place, draft, form, status=409, clash=error.detail, theirs=theirs)
    except Invalid as error:
        form.show(error.fields or {"": error.detail})
        return _edit_page(request, place, draft, form, status=422, unsaved=error.detail)
    if "seal" not in request.POST:
        messages.success(request, f"Saved. {to_go(len(unready(place.actor, saved)))}")
        return redirect(_kept(request, f"{place.edit_of(saved)}?saved=1"))
    try:
        sealed = record_seal(actor=place.actor, record=saved, revision=saved.revision)
    except Invalid as error:
        form.show(error.fields)
        return _edit_page(request, place_of_record(request, saved), saved, form, status=422)
    told = f"Version {sealed.version} is sealed. It never changes; a new version replaces it."
    gate = to_gate(request)
    if gate and not place.kind.signers:
        messages.success(request, f"{place_of_record(request, sealed).title}: {told[0].lower()}{told[1:]}")
        return redirect(gate)
    messages.success(request, f"{told} Ask for its signature below." if place.kind.signers else told)
    return redirect(_kept(request, reverse("records:detail", kwargs={"slug": place.slug, "record_id": sealed.pk})))


def _edit_page(
    request: Request, place: Place, draft: Record | None, form: DocumentForm, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "place": place,
        "kind": place.kind,
        "system": place.system,
        "draft": draft,
        "form": form,
        "offers": form.offers,
        "action": _kept(request, place.edit_of(draft)) if draft else "",
        "revision": draft.revision if draft else 0,
        "missing": len(problems_of(draft)) if draft else None,
        "back": to_gate(request) or place.home,
        "short": place.kind.of_system and place.system is not None and place.system.tier == "low",
        "saved": bool(request.GET.get("saved")),
        "there": _there(request, place) if place.kind.many and not place.key else [],
        **more,
    }
    return render(request, "records/edit.html", context, status=status)


def _there(request: Request, place: Place) -> list[Record]:
    """The entries that hold already: whoever came to mend a register may want one of them instead of a new one."""
    return list(records(request.actor, kind=place.kind.id, state="sealed").filter(system=place.system)[:SHOWN])


def _kept(request: Request, path: str) -> str:
    """A path that remembers the gate which the writer came from."""
    if not to_gate(request):
        return path
    return f"{path}{'&' if '?' in path else '?'}gate={request.GET['gate']}"


def _form(request: Request, place: Place, **given: Any) -> DocumentForm:
    offers = Offers(place.actor, place.slug, place.system)
    return DocumentForm(schema_for(place.kind, place.system), offers=offers, fold=folds(place.system), **given)


def folds(system: System | None) -> Any:
    """What stands out of the way: of a low-tier system, what only the full form asks for."""
    return (lambda shape: shape.full and not shape.required) if system is not None else (lambda shape: False)


def to_go(missing: int) -> str:
    """What is left to do before a draft can be sealed."""
    if not missing:
        return "Nothing is missing: seal it."
    return f"{'1 answer' if missing == 1 else f'{missing} answers'} to go before it can be sealed."


def _which_system(request: Request, place: Place) -> HttpResponse:
    """A kind is about a system: ask which, then go on to its form."""
    asked = request.GET.get("system", "").strip()
    number = asked.upper().removeprefix("S-").split(" ")[0]
    mine = systems(request.actor, place.kind.write)
    found = mine.filter(number=int(number)).first() if number.isdecimal() and len(number) < 10 else None
    if found is not None:
        name = "records:new" if place.kind.many else "records:edit"
        return redirect(reverse(name, kwargs={"slug": place.slug, "number": found.number, "kind": place.kind.id}))
    request.actor.require(place.kind.write)
    context = {
        "place": place,
        "kind": place.kind,
        "asked": asked,
        "wrong": f"There is no system “{asked}” that you may write about." if asked else "",
        "offered": mine.order_by("number").values_list("number", "name")[:MOST_SYSTEMS],
    }
    return render(request, "records/which.html", context, status=422 if asked else 200)


def _asked(request: Request, place: Place) -> dict[str, Any]:
    """What the address fills in: fields by name, or (`from`) all that another document of the kind says."""
    body: dict[str, Any] = {}
    if start := request.GET.get("from", ""):
        try:
            found = record_by_id(request.actor, UUID(start))
        except ValueError:
            raise NotFound from None
        if found.kind == place.kind.id:
            body = {name: value for name, value in found.body.items() if name != place.kind.key}
    for shape in shapes(place.kind.schema):
        if (text := request.GET.get(shape.name)) and shape.kind not in ("model", "models"):
            body[shape.name] = read(shape, text)
    return body


def offered(spec: RecordKind, system: System | None) -> dict[str, Any]:
    """What the inventory already knows of what is needed, so that nobody types it twice; the writer still reads it."""
    if system is None:
        return {}
    needed = {shape.name: shape for shape in shapes(schema_for(spec, system)) if shape.required}
    known: dict[str, Any] = {"outcome": system.outcome, "metric": system.outcome_metric}
    field = needed.get("owner")
    if system.owner and field and field.refers in ("", "person") and field.kind in ("text", "long_text"):
        known["owner"] = system.owner.email if field.refers else system.owner.name
    return {key: value for key, value in known.items() if value and key in needed}
