"""Saying which column of a table tells what, and what a source's words for stages mean."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pilothouse.contracts.errors import PilothouseError
from pilothouse.kernel.imports.actions import import_read, mapping_save, stage_word_set
from pilothouse.kernel.imports.models import StageWord
from pilothouse.kernel.imports.reading import read_table
from pilothouse.kernel.imports.selectors import import_by_id, mapping_for, unknown_stages, words_of
from pilothouse.kernel.inventory.models import CustomField, Stage
from pilothouse.web.imports.forms import MappingForm, StageWordForm, initial_mapping
from pilothouse.web.page import Request, page


@require_http_methods(["GET", "POST"])
@page("system.import")
def mapping_edit(request: Request, batch_id: str) -> HttpResponse:
    """The columns of an uploaded file with sample values; the choices are remembered for files with its headers."""
    batch = import_by_id(request.actor, batch_id)
    with batch.file.open("rb") as file:
        table = read_table(file.read(), batch.filename)
    custom = list(CustomField.objects.of(request.actor).filter(active=True))
    known = batch.mapping or mapping_for(request.actor, table.fingerprint)
    form = MappingForm(table, custom, request.POST or None)
    form.initial = initial_mapping(batch, table, form, known)
    if request.method == "POST" and form.is_valid():
        data: dict[str, Any] = form.cleaned_data
        try:
            kept = mapping_save(
                actor=request.actor,
                name=data["name"],
                source=data["source"],
                fingerprint=table.fingerprint,
                fields=data["fields"],
                options=data["options"],
            )
            import_read(actor=request.actor, batch=batch, adapter="table", mapping=kept)
            return redirect("imports:detail", slug=request.organisation.slug, batch_id=batch.pk)
        except PilothouseError as error:
            form.add_error(None, " ".join([error.detail, *error.fields.values()]))
    context = {"batch": batch, "form": form, "known": known, "rows": len(table.rows), "remarks": table.remarks}
    return render(request, "imports/mapping.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@page("system.import")
def stage_words(request: Request) -> HttpResponse:
    """The words in force, those that files used and nobody explained, and a form to overrule one."""
    form = StageWordForm(request.POST or None, initial={"word": request.GET.get("word", "")})
    if request.method == "POST" and form.is_valid():
        try:
            told = stage_word_set(actor=request.actor, **form.cleaned_data)
            messages.success(
                request, f"“{told.word}” now means {told.get_stage_display()}. The next import reads it so."
            )
            return redirect("imports:stages", slug=request.organisation.slug)
        except PilothouseError as error:
            form.add_error("word", " ".join([error.detail, *error.fields.values()]))
    own = {word.word for word in StageWord.objects.of(request.actor)}
    words = words_of(request.actor).words
    table: dict[str, list[tuple[str, bool, bool]]] = {}
    for word, (stage, ambiguous) in sorted(words.items()):
        table.setdefault(stage, []).append((word, ambiguous, word in own))
    context = {
        "form": form,
        "stages": [(value, label, table[value]) for value, label in Stage.choices if value in table],
        "unknown": unknown_stages(request.actor),
    }
    return render(request, "imports/stages.html", context, status=422 if request.method == "POST" else 200)
