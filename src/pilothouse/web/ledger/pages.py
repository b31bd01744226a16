"""The ledger: what happened, its proof, the signed checkpoints, and a verification anyone with the right may run."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.canonical import plain
from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.inventory.selectors import systems
from pilothouse.kernel.ledger import keys, notes, offline_verifier, witness
from pilothouse.kernel.ledger.actions import checkpoint_make, checkpoint_witness, entry_erase
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.ledger.proof import proof_of
from pilothouse.kernel.ledger.selectors import Told, actions_of, checkpoints, entries, entry_of, tell
from pilothouse.kernel.ledger.verify import verify
from pilothouse.web.inventory.export import neutral
from pilothouse.web.ledger.forms import EraseForm, LedgerFilter, VerifyForm
from pilothouse.web.page import Request, page
from pilothouse.web.streaming import stream

PAGE = 50
CHUNK = 500
WITNESS_LIMIT = 20 * 2**20


@require_GET
@page("ledger.view")
def ledger_list(request: Request) -> HttpResponse:
    """The entries, newest first, by action, person and period."""
    form = LedgerFilter(request.GET or None, organisation=request.organisation, actions=actions_of(request.actor))
    found = entries(request.actor, **(form.chosen() if form.is_bound else {}))
    shown = Paginator(found, PAGE).get_page(request.GET.get("page"))
    told = tell(shown.object_list)
    about = _systems_of(request.actor, told)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": shown,
        "rows": [(one, about.get(one.system_id)) for one in told],
        "newest": checkpoints(request.actor).first(),
        "witness": witness.configured(),
        "query": query.urlencode(),
        "filtered": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "ledger/list.html", context)


@require_GET
@page("ledger.view")
def ledger_export(request: Request) -> HttpResponseBase:
    """The filtered entries as CSV."""
    form = LedgerFilter(request.GET or None, organisation=request.organisation, actions=actions_of(request.actor))
    found = entries(request.actor, **(form.chosen() if form.is_bound else {}))
    name = f"ledger-{request.organisation.slug}.csv"
    return stream(request, _csv(found), filename=name, content_type="text/csv; charset=utf-8")


@require_GET
@page("ledger.view")
def entry_detail(request: Request, entry_id: UUID) -> HttpResponse:
    """One entry: what it says, what it is hashed to, its proof, and its erasure."""
    return _entry_page(request, entry_of(request.actor, entry_id), EraseForm())


@require_GET
@page("ledger.view")
def entry_proof(request: Request, entry_id: UUID) -> HttpResponse:
    """The proof as a file."""
    entry = entry_of(request.actor, entry_id)
    try:
        bundle = proof_of(request.actor, entry)
    except PilothouseError as error:
        messages.error(request, error.detail)
        return redirect("ledger:entry", slug=request.organisation.slug, entry_id=entry.pk)
    response = JsonResponse(bundle, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="proof-{entry.seq}.json"'
    return response


@require_POST
@page("ledger.erase")
def entry_erasure(request: Request, entry_id: UUID) -> HttpResponse:
    """Erase the content of one entry."""
    entry = entry_of(request.actor, entry_id)
    form = EraseForm(request.POST)
    if form.is_valid():
        try:
            entry_erase(actor=request.actor, entry=entry, reason=form.cleaned_data["reason"])
        except PilothouseError as error:
            form.add_error("reason", error.detail)
        else:
            messages.success(request, "The content is erased. The entry stays, verifies, and says when it was erased.")
            return redirect("ledger:entry", slug=request.organisation.slug, entry_id=entry.pk)
    return _entry_page(request, entry, form, status=422)


@require_GET
@page("ledger.view")
def checkpoint_list(request: Request) -> HttpResponse:
    """The signed checkpoints, whom they were handed to, and how to verify without us."""
    shown = Paginator(checkpoints(request.actor), PAGE).get_page(request.GET.get("page"))
    name = notes.origin_of(request.organisation.pk)
    context = {
        "page": shown,
        "witness": witness.shown(witness.configured()) if witness.configured() else "",
        "keys": [notes.verifier_key(name, key) for key in keys.trusted_keys()],
    }
    return render(request, "ledger/checkpoints.html", context)


@require_POST
@page("ledger.view")
def checkpoint_sign(request: Request) -> HttpResponse:
    """Sign the log now and hand it to the witness."""
    try:
        checkpoint = checkpoint_make(actor=request.actor)
        told = checkpoint_witness(actor=request.actor, checkpoint=checkpoint)
    except PilothouseError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"Signed: {checkpoint.size} entries.")
        if told is not None and not told.accepted:
            messages.error(request, f"The witness did not take it: {told.trouble}")
    return redirect("ledger:checkpoints", slug=request.organisation.slug)


@require_http_methods(["GET", "POST"])
@page("ledger.view")
def ledger_verify(request: Request) -> HttpResponse:
    """Verify the whole log, against a witness's file if one is given."""
    form = VerifyForm(request.POST, request.FILES) if request.method == "POST" else VerifyForm()
    report = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["witness"]
        text = file.read(WITNESS_LIMIT).decode(errors="replace") if file else ""
        report = verify(request.organisation.pk, witness_text=text)
    return render(request, "ledger/verify.html", {"form": form, "report": report})


@require_GET
@page("ledger.view")
def verifier_download(request: Request) -> HttpResponse:
    """The program that verifies a proof without Pilothouse."""
    response = HttpResponse(Path(offline_verifier.__file__).read_bytes(), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="offline_verifier.py"'
    return response


def _entry_page(request: Request, entry: Entry, form: EraseForm, status: int = 200) -> HttpResponse:
    told = tell([entry])[0]
    content = entry.content
    context = {
        "entry": entry,
        "told": told,
        "content": content,
        "raw": json.dumps(json.loads(content.body), indent=2, ensure_ascii=False) if content.body else "",
        "system": _systems_of(request.actor, [told]).get(entry.system_id),
        "covered": checkpoints(request.actor).filter(size__gt=entry.seq).order_by("size").first(),
        "form": form,
        "may_erase": request.actor.may("ledger.erase", entry) and content.erased_by_id is None,
    }
    return render(request, "ledger/entry.html", context, status=status)


def _systems_of(actor: Actor, told: list[Told]) -> dict[UUID | None, System]:
    ids = {entry.system_id for entry in told if entry.system_id}
    return {system.pk: system for system in systems(actor).filter(pk__in=ids)} if ids else {}


def _csv(found: QuerySet[Entry]) -> Iterator[str]:
    out = StringIO()
    writer = csv.writer(out)
    yield "\ufeff"
    writer.writerow(["number", "at", "action", "who", "via", "subject", "subject id", "changes", "note", "erased at"])
    batch: list[Entry] = []
    for entry in found.iterator(chunk_size=CHUNK):
        batch.append(entry)
        if len(batch) == CHUNK:
            yield _csv_rows(out, writer, batch)
            batch = []
    yield _csv_rows(out, writer, batch)


def _csv_rows(out: StringIO, writer: Any, batch: list[Entry]) -> str:
    for told in tell(batch):
        changes = "; ".join(f"{c.field}: {c.before or '–'} → {c.after or '–'}" for c in told.changes)
        row = [told.seq, plain(told.at), told.action, told.who, told.via, told.subject_type, told.subject_id, changes]
        row += [told.note, plain(told.erased_at) or ""]
        writer.writerow([neutral(str(cell)) for cell in row])
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
