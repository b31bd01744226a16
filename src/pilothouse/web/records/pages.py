"""Documents: write a draft, seal it, compare versions, withdraw; and all documents of one kind as a table."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid
from pilothouse.kernel.domain import RecordKind, registry
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import system_by_number
from pilothouse.kernel.ledger.selectors import history
from pilothouse.kernel.records.actions import kind_of, record_draft, record_seal, record_withdraw
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.schema import difference, lines, problems
from pilothouse.kernel.records.selectors import compare, problems_of, record_by_id, records, standings
from pilothouse.kernel.records.verify import intact
from pilothouse.web.page import Request, page
from pilothouse.web.records import table
from pilothouse.web.records.forms import DocumentForm, ImportForm, WithdrawForm
from pilothouse.web.streaming import stream

PAGE = 50
IMPORT_LIMIT = 2**20


@require_GET
@page("system.view")
def overview(request: Request) -> HttpResponse:
    """Every kind of document: why it is kept, and how many systems have one."""
    sealed: dict[str, int] = {}
    drafts: dict[str, int] = {}
    for kind, state in records(request.actor).filter(state__in=("sealed", "draft")).values_list("kind", "state"):
        counts = sealed if state == "sealed" else drafts
        counts[kind] = counts.get(kind, 0) + 1
    kinds = [s.kind for s in standings(request.actor, None)] + _system_kinds()
    context = {"kinds": [(kind, sealed.get(kind.id, 0), drafts.get(kind.id, 0)) for kind in kinds]}
    return render(request, "records/overview.html", context)


@require_GET
@page("system.view")
def kind_list(request: Request, kind: str) -> HttpResponse:
    """All documents of one kind, newest version of each state."""
    spec = kind_of(kind)
    state = request.GET.get("state", "")
    found = records(request.actor, kind=kind, state=state if state in dict(Record.STATES) else "")
    shown = Paginator(found, PAGE).get_page(request.GET.get("page"))
    base = reverse("records:kind", kwargs={"slug": request.organisation.slug, "kind": kind})
    tabs = [("", "All", base), *((key, label, f"{base}?state={key}") for key, label in Record.STATES)]
    context = {"kind": spec, "page": shown, "tabs": tabs, "state": state, "may_write": _may_write(request)}
    return render(request, "records/kind.html", context)


@require_GET
@page("system.export")
def kind_export(request: Request, kind: str) -> HttpResponseBase:
    """The sealed version of each system, or its draft where there is none yet, as CSV."""
    spec = kind_of(kind)
    found = records(request.actor, kind=kind, permission="system.export").filter(state__in=("draft", "sealed"))
    current = {row.system_id: row for row in sorted(found, key=lambda row: row.state == "sealed")}
    name = f"{kind.replace('.', '-')}-{request.organisation.slug}.csv"
    rows = sorted(current.values(), key=lambda row: row.system.number if row.system else 0)
    return stream(request, table.as_csv(spec, rows), filename=name, content_type="text/csv; charset=utf-8")


@require_http_methods(["GET", "POST"])
@page("record.write")
def kind_import(request: Request, kind: str) -> HttpResponse:
    """A CSV file of drafts: first what it would do, then doing it. Nothing is ever sealed by a file."""
    spec = kind_of(kind)
    form = ImportForm(request.POST, request.FILES) if request.FILES else ImportForm()
    text = request.POST.get("text", "")
    context: dict[str, Any] = {"kind": spec, "form": form, "text": text}
    try:
        if request.method == "POST" and not text:
            text = context["text"] = _uploaded(form)
        if text:
            rows = table.plan(request.actor, spec, text)
            if request.POST.get("confirm"):
                done = table.carry_out(request.actor, spec, rows)
                saved = sum(row.outcome == "draft" for row in done)
                refused = sum(row.outcome == "refused" for row in done)
                messages.success(request, f"{saved} drafts saved, {refused} rows refused.")
                return redirect("records:kind", slug=request.organisation.slug, kind=kind)
            context["rows"] = rows
            context["counts"] = {o: sum(r.outcome == o for r in rows) for o in ("draft", "unchanged", "refused")}
    except Invalid as error:
        context |= {"wrong": error, "text": ""}
        return render(request, "records/import.html", context, status=422)
    return render(request, "records/import.html", context)


@require_GET
@page("system.view")
def document(request: Request, number: int, kind: str) -> HttpResponse:
    """One kind of document about one system: what is sealed, what is being written, and every version."""
    system = system_by_number(request.actor, number)
    spec = kind_of(kind)
    versions = list(records(request.actor, kind=kind, system=system))
    current = next((row for row in versions if row.state == "sealed"), None)
    draft = next((row for row in versions if row.state == "draft"), None)
    context = {
        "system": system,
        "kind": spec,
        "current": current,
        "draft": draft,
        "missing": len(problems_of(draft)) if draft else 0,
        "versions": _with_before(versions),
        "lines": list(lines(spec.schema, current.body)) if current else [],
        "may_write": request.actor.may("record.write", system),
    }
    return render(request, "records/document.html", context)


@require_http_methods(["GET", "POST"])
@page("record.write")
def document_edit(request: Request, kind: str, number: int | None = None) -> HttpResponse:
    """Write the draft; save it as often as you like, seal it when nothing is missing."""
    system = system_by_number(request.actor, number) if number is not None else None
    if system is not None:
        request.actor.require("record.write", system)
    spec = kind_of(kind)
    draft = records(request.actor, kind=kind, state="draft").filter(system=system).first()
    if request.method == "POST":
        return _save(request, spec, system, draft)
    sealed = records(request.actor, kind=kind, state="sealed").filter(system=system).first()
    start = draft or sealed
    form = DocumentForm(spec.schema, body=start.body if start else _offered(spec, system))
    return _edit_page(request, spec, system, draft, form)


@require_GET
@page("system.view")
def detail(request: Request, record_id: UUID) -> HttpResponse:
    """One version of a document, whatever its state."""
    return _version_page(request, record_by_id(request.actor, record_id), WithdrawForm())


@require_GET
@page("system.view")
def comparison(request: Request, record_id: UUID, other_id: UUID) -> HttpResponse:
    """What changed from one version (`other_id`) to another."""
    after, before = record_by_id(request.actor, record_id), record_by_id(request.actor, other_id)
    context = {"kind": kind_of(after.kind), "before": before, "after": after, "changes": compare(before, after)}
    return render(request, "records/compare.html", context)


@require_POST
@page("record.write")
def withdraw(request: Request, record_id: UUID) -> HttpResponse:
    """Withdraw the sealed version, or drop a draft."""
    found = record_by_id(request.actor, record_id)
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            record_withdraw(actor=request.actor, record=found, reason=form.cleaned_data["reason"])
        except (Conflict, Invalid) as error:
            form.add_error("reason", error.detail)
        else:
            messages.success(request, f"Version {found.version} is withdrawn. Its text stays readable.")
            return redirect("records:detail", slug=request.organisation.slug, record_id=found.pk)
    return _version_page(request, found, form, status=422)


def _save(request: Request, spec: RecordKind, system: System | None, draft: Record | None) -> HttpResponse:
    form = DocumentForm(spec.schema, data=request.POST)
    told = request.POST.get("revision", "0")
    try:
        saved = record_draft(
            actor=request.actor,
            system=system,
            kind=spec.id,
            body=form.body(),
            revision=int(told) if told.isdecimal() else 0,
        )
    except Conflict as error:
        theirs = difference(spec.schema, form.body(), draft.body) if draft else []
        return _edit_page(request, spec, system, draft, form, status=409, clash=error.detail, theirs=theirs)
    except Invalid as error:
        form.add_error(None, error.detail)
        return _edit_page(request, spec, system, draft, form, status=422)
    missing = problems(spec.schema, saved.body)
    if request.POST.get("add"):
        return _edit_page(request, spec, system, saved, form)
    if "seal" not in request.POST:
        answers = "1 answer" if len(missing) == 1 else f"{len(missing)} answers"
        left = f"{answers} to go before it can be sealed." if missing else "Nothing is missing: seal it."
        messages.success(request, f"Saved. {left}")
        return redirect(_edit_url(request, spec, system))
    try:
        sealed = record_seal(actor=request.actor, record=saved, revision=saved.revision)
    except Invalid as error:
        form.show(error.fields)
        return _edit_page(request, spec, system, saved, form, status=422)
    messages.success(request, f"Version {sealed.version} is sealed. It never changes; a new version replaces it.")
    return redirect("records:detail", slug=request.organisation.slug, record_id=sealed.pk)


def _edit_page(
    request: Request,
    spec: RecordKind,
    system: System | None,
    draft: Record | None,
    form: DocumentForm,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "kind": spec,
        "system": system,
        "draft": draft,
        "form": form,
        "revision": draft.revision if draft else 0,
        "missing": len(problems(spec.schema, draft.body)) if draft else None,
        "back": _back(request, spec, system),
        **more,
    }
    return render(request, "records/edit.html", context, status=status)


def _version_page(request: Request, found: Record, form: WithdrawForm, status: int = 200) -> HttpResponse:
    spec = kind_of(found.kind)
    subject = found.system
    may_write = request.actor.may("record.write", found) if subject else request.actor.may("record.write")
    others = records(request.actor, kind=found.kind).filter(system=subject).exclude(pk=found.pk)
    context = {
        "record": found,
        "kind": spec,
        "system": subject,
        "lines": list(lines(spec.schema, found.body)),
        "missing": problems_of(found) if found.state == "draft" else {},
        "intact": intact(found),
        "others": others,
        "history": _history(request, found),
        "form": form,
        "may_write": may_write,
        "may_open": request.actor.scope("ledger.view").everywhere,
        "back": _back(request, spec, subject),
        "edit_url": _edit_url(request, spec, subject),
    }
    return render(request, "records/detail.html", context, status=status)


def _history(request: Request, found: Record) -> Any:
    try:
        return history(request.actor, subject=found)
    except Forbidden:
        return []


def _with_before(versions: list[Record]) -> list[tuple[Record, Record | None]]:
    return [(row, versions[at + 1] if at + 1 < len(versions) else None) for at, row in enumerate(versions)]


def _offered(spec: RecordKind, system: System | None) -> dict[str, Any]:
    """What the inventory already knows, so that nobody types it twice; the writer still reads and sends it."""
    if system is None:
        return {}
    known = {
        "outcome": system.outcome,
        "metric": system.outcome_metric,
        "owner": system.owner.name if system.owner else "",
    }
    return {key: value for key, value in known.items() if value and key in spec.schema.model_fields}


def _system_kinds() -> list[RecordKind]:
    return [kind for kind in registry.records.values() if kind.of_system]


def _may_write(request: Request) -> bool:
    return request.actor.may("record.write")


def _uploaded(form: ImportForm) -> str:
    if not form.is_bound or not form.is_valid():
        raise Invalid("Choose a CSV file.", fields={"file": "Choose a CSV file."})
    data = form.cleaned_data["file"].read(IMPORT_LIMIT + 1)
    if len(data) > IMPORT_LIMIT:
        raise Invalid("The file is larger than 1 MB.", fields={"file": "Split the file."})
    try:
        return str(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Invalid("The file is not UTF-8 text.", fields={"file": "Save it as “CSV UTF-8”."}) from None


def _edit_url(request: Request, spec: RecordKind, system: System | None) -> str:
    slug = request.organisation.slug
    if system is None:
        return reverse("records:edit_organisation", kwargs={"slug": slug, "kind": spec.id})
    return reverse("records:edit", kwargs={"slug": slug, "number": system.number, "kind": spec.id})


def _back(request: Request, spec: RecordKind, system: System | None) -> str:
    slug = request.organisation.slug
    if system is None:
        return reverse("records:kind", kwargs={"slug": slug, "kind": spec.id})
    return reverse("records:document", kwargs={"slug": slug, "number": system.number, "kind": spec.id})
