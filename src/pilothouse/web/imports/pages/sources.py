"""Scheduled sources: what is asked, how often, what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import NotFound, PilothouseError
from pilothouse.kernel.imports.actions import source_save
from pilothouse.kernel.imports.models import IssueLink, Source
from pilothouse.kernel.imports.selectors import sources
from pilothouse.kernel.imports.sources.sync import sync
from pilothouse.web.imports.forms import JiraForm, ServiceNowForm, SourceForm
from pilothouse.web.page import Request, page

FORMS: dict[str, type[SourceForm]] = {"servicenow": ServiceNowForm, "jira": JiraForm}
ISSUES_SHOWN = 200


@require_GET
@page("source.manage")
def source_list(request: Request) -> HttpResponse:
    """Every source with its last run, and the issues that stand for gaps."""
    links = IssueLink.objects.of(request.actor).select_related("gap__system", "source")[:ISSUES_SHOWN]
    context = {"sources": sources(request.actor), "kinds": Source.KINDS, "links": links}
    return render(request, "imports/sources.html", context)


@require_http_methods(["GET", "POST"])
@page("source.manage")
def source_new(request: Request, kind: str) -> HttpResponse:
    if kind not in FORMS:
        raise NotFound
    return _edit(request, kind, None)


@require_http_methods(["GET", "POST"])
@page("source.manage")
def source_edit(request: Request, source_id: str) -> HttpResponse:
    source: Source = Source.objects.get_of(request.actor, pk=source_id)
    return _edit(request, source.kind, source)


def _edit(request: Request, kind: str, source: Source | None) -> HttpResponse:
    form = FORMS[kind](request.organisation.slug, request.POST or None, initial=_initial(source))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        plain = {key: data[key] for key in ("name", "url", "user_name", "secret_ref", "rhythm", "active")}
        fields = form.mapped() if isinstance(form, ServiceNowForm) else None
        try:
            saved = source_save(
                actor=request.actor, kind=kind, settings=form.settings(), fields=fields, source=source, **plain
            )
            messages.success(request, f"{saved.name} is set up. Ask it now to see whether it answers.")
            return redirect("imports:sources", slug=request.organisation.slug)
        except PilothouseError as error:
            for name, wrong in error.fields.items():
                known = "fields_text" if name == "fields" else name
                form.add_error(known if known in form.fields else None, f"{error.detail} {wrong}")
            if not error.fields:
                form.add_error(None, error.detail)
    context = {"form": form, "source": source, "kind": dict(Source.KINDS)[kind]}
    return render(request, "imports/source.html", context, status=422 if request.method == "POST" else 200)


def _initial(source: Source | None) -> dict[str, Any] | None:
    if source is None:
        return None
    first: dict[str, Any] = {
        key: getattr(source, key) for key in ("name", "url", "user_name", "secret_ref", "rhythm", "active")
    }
    if source.mapping:
        first["fields_text"] = "\n".join(f"{target} = {field}" for target, field in source.mapping.fields.items())
    return {**first, **source.settings}


@require_POST
@page("source.manage")
def source_ask(request: Request, source_id: str) -> HttpResponse:
    """Ask it now."""
    source: Source = Source.objects.get_of(request.actor, pk=source_id)
    try:
        done = sync(request.actor, source)
        told = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in done.outcome.items())
        messages.success(request, f"{source.name} answered: {told}.")
    except PilothouseError as error:
        messages.error(request, error.detail)
    return redirect("imports:sources", slug=request.organisation.slug)
