"""Imports so far, and a new one."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.imports.actions import import_discard, import_read, import_upload
from pilothouse.kernel.imports.adapters.registry import ADAPTERS, guess
from pilothouse.kernel.imports.models import ImportBatch
from pilothouse.kernel.imports.reading import unique_columns
from pilothouse.kernel.imports.selectors import imports, mappings
from pilothouse.web.imports.forms import FIND_OUT, UploadForm
from pilothouse.web.page import Request, page

ROWS = 30


@require_GET
@page("system.import")
def import_list(request: Request) -> HttpResponse:
    """Every import, newest first, with what came of it."""
    chosen = Paginator(imports(request.actor).select_related("mapping"), ROWS).get_page(request.GET.get("page"))
    context = {"page": chosen, "mappings": mappings(request.actor), "titles": {k: a.title for k, a in ADAPTERS.items()}}
    return render(request, "imports/list.html", context)


@require_http_methods(["GET", "POST"])
@page("system.import")
def import_new(request: Request) -> HttpResponse:
    """Choose a file. A known kind goes straight to its preview, any other table to its mapping."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _take(request, form)
        except PilothouseError as error:
            form.add_error("file", " ".join([error.detail, *error.fields.values()]))
    status = 422 if request.method == "POST" else 200
    return render(request, "imports/new.html", {"form": form, "adapters": list(ADAPTERS.values())}, status=status)


def _take(request: Request, form: UploadForm) -> HttpResponse:
    file, wanted = form.cleaned_data["file"], form.cleaned_data["adapter"]
    batch = import_upload(actor=request.actor, filename=file.name, data=file.read())
    adapter = _guessed(batch) if wanted == FIND_OUT else wanted
    if adapter == "table":
        return redirect("imports:mapping", slug=request.organisation.slug, batch_id=batch.pk)
    try:
        import_read(actor=request.actor, batch=batch, adapter=adapter)
    except PilothouseError:
        import_discard(actor=request.actor, batch=batch)
        raise
    return redirect("imports:detail", slug=request.organisation.slug, batch_id=batch.pk)


def _guessed(batch: ImportBatch) -> str:
    found = guess(unique_columns([title for _, title in batch.columns]))
    return found.key if found else "table"
